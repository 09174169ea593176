// SPDX-License-Identifier: Apache-2.0
// A check holds one rule. It is run twice: as things are, where it passes, and with the rule
// broken by a saboteur, where it must fail.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

/// Why a check failed: what the rule forbids has happened.
struct RuleBroken: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

func require(_ isHeld: Bool, _ what: @autoclosure () throws -> String) throws {
    if !isHeld { throw RuleBroken(try what()) }
}

/// The error that `body` throws; nil where it throws none.
func failure<Answer>(of body: () throws -> Answer) throws -> ForkError? {
    do {
        _ = try body()
        return nil
    } catch let error as ForkError {
        return error
    }
}

/// One rule, the faults that break it, and how it is seen.
struct RuleCheck: Sendable {
    let name: String
    let faults: [Sabotage]
    let run: @Sendable (RuleWorld) throws -> Void

    init(
        _ name: String, against faults: Sabotage...,
        run: @escaping @Sendable (RuleWorld) throws -> Void
    ) {
        self.name = name
        self.faults = faults
        self.run = run
    }

    /// Holds the rule as things are, and shows that each of its faults is caught.
    func prove(sourceLocation: SourceLocation = #_sourceLocation) throws {
        try run(RuleWorld())
        for fault in faults {
            let world = try RuleWorld(fault)
            let verdict = verdict(in: world)
            #expect(
                verdict != nil, "\(name): '\(fault.rawValue)' was planted and not caught",
                sourceLocation: sourceLocation)
            #expect(
                world.saboteur.strikeCount > 0, "\(name): '\(fault.rawValue)' never struck",
                sourceLocation: sourceLocation)
        }
    }

    /// What the check says of a world; nil: that all is well.
    func verdict(in world: RuleWorld) -> String? {
        do {
            try run(world)
            return nil
        } catch {
            return "\(error)"
        }
    }
}

/// What happened in a hook, for the test that waits behind it.
final class Findings: Sendable {
    private let state = Locked<(count: Int, error: (any Error)?)>((0, nil))

    /// How often a hook ran to its end.
    var count: Int { state.withLock { $0.count } }

    /// Whether anything was recorded, well or badly.
    var isOver: Bool { state.withLock { $0.count > 0 || $0.error != nil } }

    /// Runs what a hook does; keeps its first error.
    func record(_ body: () throws -> Void) {
        do {
            try body()
            state.withLock { $0.count += 1 }
        } catch {
            state.withLock { $0.error = $0.error ?? error }
        }
    }

    /// Throws what a hook threw. Something must have been recorded.
    func check() throws {
        let (count, error) = state.withLock { $0 }
        if let error { throw error }
        try require(count > 0, "the hook never ran")
    }
}

/// Something that a hook may set.
final class Shared<Value: Sendable>: Sendable {
    private let content: Locked<Value>

    init(_ value: Value) { content = Locked(value) }

    var value: Value {
        get { content.withLock { $0 } }
        set { content.withLock { $0 = newValue } }
    }
}
