// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, races. Two to four actors that do what a seed says, in an order that another
// seed says: the same seeds, the same run.
import ForkEngine
import SegmentStore

/// What an actor of a script does.
package enum RaceAction: Hashable, Sendable {
    case append(fork: Int, count: Int, expectsVersion: Bool)
    case create(from: Int, at: Int?, expires: Bool)
    case drop(fork: Int)
    case flush(fork: Int)
    case close(fork: Int)
    case view(fork: Int)
    case reread
    case difference
    case collect
    case letTimePass
    case verify
}

/// Actors and what each does.
package struct RaceScript: Sendable {
    package var actions: [[RaceAction]]
    package let seed: UInt64

    /// The forks that are there from the start.
    static let forks = ["main", "old", "short"]

    package init(seed: UInt64) {
        self.seed = seed
        var random = SeededGenerator(seed: seed ^ 0x72_6163_6573)
        let actorCount = 2 + Int(random.next() % 3)
        actions = (0..<actorCount).map { _ in
            (0..<(2 + Int(random.next() % 4))).map { _ in Self.action(&random) }
        }
    }

    private static func action(_ random: inout SeededGenerator) -> RaceAction {
        func below(_ count: UInt64) -> Int { Int(random.next() % count) }
        let fork = below(3)
        switch below(14) {
        case 0...3: return .append(fork: fork, count: 1 + below(3), expectsVersion: below(2) == 0)
        case 4: return .create(from: fork, at: nil, expires: below(4) == 0)
        case 5: return .create(from: fork, at: below(4), expires: false)
        case 6: return .drop(fork: 1 + below(2))
        case 7: return .flush(fork: fork)
        case 8: return .close(fork: fork)
        case 9: return .view(fork: fork)
        case 10: return .reread
        case 11: return .collect
        case 12: return below(2) == 0 ? .letTimePass : .difference
        default: return .verify
        }
    }

    /// The race that this is.
    var scenario: RaceScenario {
        RaceScenario(
            "script \(seed)",
            setUp: { world in
                try world.fork("old", flushed: 3, sealed: 2)
                try world.fork("short", flushed: 0, sealed: 3, ttlSeconds: 60)
            },
            actors: actions.map { actions in
                { hand in
                    for (index, action) in actions.enumerated() { hand.act(action, index) }
                }
            })
    }
}

extension RaceHand {
    fileprivate func act(_ action: RaceAction, _ index: Int) {
        func name(_ fork: Int) -> String { RaceScript.forks[fork] }
        switch action {
        case .append(let fork, let count, let expectsVersion):
            if writer(of: name(fork)) == nil { open(name(fork)) }
            let seen = (views.last?.lines ?? []).count { $0.hasPrefix("s/") }
            append(
                count, to: name(fork),
                expecting: expectsVersion ? .exactly(Version(UInt64(seen))) : .any)
        case .create(let fork, let position, let expires):
            create(
                "child-\(actor)-\(index)", from: name(fork), at: position,
                expiry: expires ? .after(nanoseconds: 60_000_000_000) : .never,
                mayFail: [.notFound, .expired, .busy, .invalid])
        case .drop(let fork): drop(name(fork))
        case .flush(let fork): flush(name(fork))
        case .close(let fork): close(name(fork), mayFail: [.notFound, .changed, .expired])
        case .view(let fork): view(name(fork))
        case .reread: reread()
        case .difference:
            attempt("difference", mayFail: [.notFound, .expired, .busy, .changed]) {
                _ = try store.difference(
                    from: Point(.named(.raced("old"))), to: Point(.named(.main)))
            }
        case .collect: collect()
        case .letTimePass: letExpire("short")
        case .verify: verify()
        }
    }
}

/// A script that went wrong, cut down to what matters, and how to run it again.
package struct RaceScriptFailure: Error, CustomStringConvertible {
    package let script: RaceScript
    package let orderSeed: UInt64
    package let failure: RaceFailure

    package var description: String {
        "script \(script.seed), order \(orderSeed): \(failure)\n"
            + script.actions.enumerated().map { "  actor \($0): \($1)\n" }.joined()
    }
}

extension RaceScript {
    /// Runs the script in orders, up to the first that goes wrong; `sabotage` makes one go wrong. In
    /// each, one actor at most is killed.
    package func run(
        orderSeeds: Range<UInt64>, sabotage: Sabotage? = nil
    ) throws -> (tally: RaceTally, failure: RaceScriptFailure?) {
        let explorer = try RaceExplorer(scenario, grain: .fine, sabotage: sabotage)
        defer { explorer.end() }
        var total = RaceTally()
        for seed in orderSeeds {
            let tally = try explorer.run(seed: seed, within: RaceBounds(killsMax: 1))
            total.runCount += 1
            total.stepCount += tally.stepCount
            total.killCount += tally.killCount
            if let failure = tally.failures.first {
                return (
                    total, RaceScriptFailure(script: self, orderSeed: seed, failure: failure)
                )
            }
        }
        return (total, nil)
    }

    /// Runs it; throws a `RaceScriptFailure` of the fewest actions that still fail.
    package func check(orderSeeds: Range<UInt64>) throws -> RaceTally {
        let (tally, failure) = try run(orderSeeds: orderSeeds)
        guard var smallest = failure else { return tally }
        var isShorter = true
        while isShorter {
            isShorter = false
            for shorter in smallest.script.shorter {
                // Other actions take other turns: some orders are tried.
                let seeds = smallest.orderSeed..<(smallest.orderSeed + 30)
                guard let found = try shorter.run(orderSeeds: seeds).failure else { continue }
                smallest = found
                isShorter = true
                break
            }
        }
        throw smallest
    }

    /// The script without one of its actions.
    private var shorter: [RaceScript] {
        actions.indices.flatMap { actor in
            actions[actor].indices.map { index in
                var script = self
                script.actions[actor].remove(at: index)
                return script
            }
        }
    }
}
