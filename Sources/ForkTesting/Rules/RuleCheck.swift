// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, rules. A check holds one rule. It is run twice: as things are, where it passes,
// and with the rule broken by a saboteur, where it must fail.
package import ForkEngine
import SegmentStore

/// Why a check failed: what the rule forbids has happened.
package struct RuleBroken: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

package func require(_ isHeld: Bool, _ what: @autoclosure () throws -> String) throws {
    if !isHeld { throw RuleBroken(try what()) }
}

/// The error that `body` throws; nil where it throws none.
package func failure<Answer>(of body: () throws -> Answer) throws -> ForkError? {
    do {
        _ = try body()
        return nil
    } catch let error as ForkError {
        return error
    }
}

/// One rule, the faults that break it, and how it is seen.
package struct RuleCheck: Sendable {
    package static let all =
        invariants1To5 + invariants6To10 + rules1To5 + rules6To9 + rules10To16

    package let name: String
    package let faults: [Sabotage]
    package let run: @Sendable (RuleWorld) throws -> Void

    package init(
        _ name: String, against faults: Sabotage...,
        run: @escaping @Sendable (RuleWorld) throws -> Void
    ) {
        self.name = name
        self.faults = faults
        self.run = run
    }

    /// What the check says of a world; nil: that all is well.
    package func verdict(in world: RuleWorld) -> String? {
        do {
            try run(world)
            return nil
        } catch {
            return "\(error)"
        }
    }
}

/// What happened in a hook, for the test that waits behind it.
package final class Findings: Sendable {
    private let state = Locked<(count: Int, error: (any Error)?)>((0, nil))

    package init() {}

    /// How often a hook ran to its end.
    package var count: Int { state.withLock { $0.count } }

    /// Whether anything was recorded, well or badly.
    package var isOver: Bool { state.withLock { $0.count > 0 || $0.error != nil } }

    /// Runs what a hook does; keeps its first error.
    package func record(_ body: () throws -> Void) {
        do {
            try body()
            state.withLock { $0.count += 1 }
        } catch {
            state.withLock { $0.error = $0.error ?? error }
        }
    }

    /// Throws what a hook threw. Something must have been recorded.
    package func check() throws {
        let (count, error) = state.withLock { $0 }
        if let error { throw error }
        try require(count > 0, "the hook never ran")
    }
}

/// Something that a hook may set.
package final class Shared<Value: Sendable>: Sendable {
    private let content: Locked<Value>

    package init(_ value: Value) { content = Locked(value) }

    package var value: Value {
        get { content.withLock { $0 } }
        set { content.withLock { $0 = newValue } }
    }
}
