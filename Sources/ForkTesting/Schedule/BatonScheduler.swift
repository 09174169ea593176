// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting. Threads that take turns: one runs at a time, and at every call through a seam
// it may hand the baton to another, as a seeded generator says. The same seed, the same turns.
import Glibc
import SegmentStore

/// Runs actors, each a thread of its own, in an interleaving that repeats.
///
/// An actor must not block on anything but the seams while it runs, above all on no mutex that
/// another actor may hold across a call: give each a process of its own. Threads that are no
/// actors pass through unscheduled.
package final class BatonScheduler: Sendable {
    private let baton: Baton

    /// `switchOneIn`: how many calls an actor makes, on average, before another has its turn.
    package init(seed: UInt64, switchOneIn: Int = 2) {
        precondition(switchOneIn > 0)
        baton = Baton(seed: seed, switchOneIn: UInt64(switchOneIn))
    }

    /// Attaches to a disk: every call of an actor on it is a place to switch.
    package func attach(to disk: SimulatedDisk) {
        var hooks = disk.hooks
        let outer = hooks.beforeCall
        hooks.beforeCall = { [baton] process, call in
            outer?(process, call)
            if call.isWaitedFor { baton.offer() } else { baton.step() }
        }
        hooks.whileBlocked = { [baton] _, _ in baton.wait() }
        disk.hooks = hooks
    }

    /// Attaches to clocks: a sleep is a place to switch.
    package func attach(to time: SimulatedTime) {
        time.onSleep { [baton] in _ = baton.wait() }
    }

    /// A place to switch that no seam marks: call it where another simulated thing is used.
    package func step() { baton.step() }

    /// The actor cannot go on before another has done something. Returns false where none can:
    /// every actor waits.
    package func wait() -> Bool { baton.wait() }

    /// Runs the actors to their ends. Throws the first error that one threw, by their order.
    package func run(_ actors: [@Sendable () throws -> Void]) throws {
        baton.begin(count: actors.count)
        let outcomes = Locked([(any Error)?](repeating: nil, count: actors.count))
        let threads = actors.enumerated().map { index, actor in
            Thread { [baton] in
                baton.enter(index)
                do {
                    try actor()
                } catch {
                    outcomes.withLock { $0[index] = error }
                }
                baton.leave()
            }
        }
        for thread in threads { thread.join() }
        if let error = outcomes.withLock({ $0.lazy.compactMap { $0 }.first }) { throw error }
    }

    /// How often the baton went to another actor.
    package var switchCount: Int { baton.switchCount }
}

extension FileSystemCall {
    /// A lock that is asked for again while it is taken does not count as getting on.
    fileprivate var isWaitedFor: Bool {
        if case .lock = self { true } else { false }
    }
}
