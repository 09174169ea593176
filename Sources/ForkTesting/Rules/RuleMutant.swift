// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, rules. One check with one of its faults: what the night runs as a row.

/// A planted fault that a check of its rule must catch; without it the check passes.
package struct RuleMutant: Sendable, CustomStringConvertible {
    package let check: RuleCheck
    package let fault: Sabotage

    package static let all = RuleCheck.all.flatMap { $0.mutants }

    package var description: String { "'\(fault)' against '\(check.name)'" }

    /// Why this shows nothing: the fault was not caught, or never struck; nil where it was caught.
    /// Of an honest machine it is the first.
    package func flaw(isHonest: Bool = false) throws -> String? {
        let world = try RuleWorld(isHonest ? nil : fault)
        if check.verdict(in: world) == nil { return "\(self) was not caught" }
        return world.saboteur.strikeCount > 0 ? nil : "\(self) never struck"
    }
}

extension RuleCheck {
    package var mutants: [RuleMutant] { faults.map { RuleMutant(check: self, fault: $0) } }
}
