// SPDX-License-Identifier: Apache-2.0
// forknight: each rule taken out once, and what catches it (reliability-protocol.md).
import ForkTesting

/// One planted fault a round: first each fault of each check of a rule, then those that only some
/// order of two actors shows.
struct MutantPart: NightPart {
    let name = "mutants"
    let unit = "mutants"
    let onChange = NightGoal.rounds(Self.ruleCount + 8)
    let atNight = NightGoal.rounds(Self.ruleCount + RaceMutant.all.count)

    /// Plants nothing, and so is caught by nothing: for the proof that a round can fail.
    var isHonest = false

    private static let ruleCount = RuleMutant.all.count

    func run(_ number: UInt64) throws -> NightTally {
        let index = Int(number % UInt64(Self.ruleCount + RaceMutant.all.count))
        return index < Self.ruleCount
            ? try run(RuleMutant.all[index]) : try run(RaceMutant.all[index - Self.ruleCount])
    }

    /// The check passes as things are, and fails with the fault.
    private func run(_ mutant: RuleMutant) throws -> NightTally {
        try mutant.check.run(RuleWorld())
        var tally = NightTally(units: 1)
        tally.count("by-checks")
        if let flaw = try mutant.flaw(isHonest: isHonest) { tally.failures = [flaw] }
        return tally
    }

    private func run(_ mutant: RaceMutant) throws -> NightTally {
        let found = try mutant.hunt(runsMax: 1_500)
        var tally = NightTally(units: 1)
        tally.count("by-orders")
        tally.count("orders", found.runCount)
        if found.failures.isEmpty || found.strikeCount == 0 {
            tally.failures = ["\(mutant.sabotage) in '\(mutant.scenario.name)' was not caught"]
        }
        return tally
    }
}
