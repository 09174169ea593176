// SPDX-License-Identifier: Apache-2.0
// A check is run twice: as things are, where it passes, and with each of its faults planted.
import ForkTesting
import Testing

extension RuleCheck {
    /// Holds the rule as things are, and shows that each of its faults is caught.
    func prove(sourceLocation: SourceLocation = #_sourceLocation) throws {
        try run(RuleWorld())
        for mutant in mutants {
            let flaw = try mutant.flaw()
            #expect(flaw == nil, sourceLocation: sourceLocation)
        }
    }
}
