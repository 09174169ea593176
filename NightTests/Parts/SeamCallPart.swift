// SPDX-License-Identifier: Apache-2.0
// forknight: each call of each script through the file-system seam put wrong, in each way (invariant 8).
import ForkTesting

struct SeamCallPart: NightPart {
    let name = "seam-calls"
    let unit = "calls"
    let onChange = NightGoal.rounds(combinationCount)
    let atNight = NightGoal.rounds(combinationCount * 20)
    var planted: Fault?

    private static let combinationCount = CrashScript.all.count * FailingCalls.Kind.allCases.count

    func run(_ number: UInt64) throws -> NightTally {
        let place = Int(number % UInt64(Self.combinationCount))
        let kinds = FailingCalls.Kind.allCases
        var calls = FailingCalls(
            CrashScript.all[place / kinds.count],
            seed: number / UInt64(Self.combinationCount) + 1, kind: kinds[place % kinds.count])
        calls.planted = planted
        let report = try calls.run()
        var tally = NightTally(units: report.callCount)
        tally.count("refused", report.refusedCount)
        var struck = NightCoverage(total: kinds.count)
        if report.callCount > 0 { struck.see(place % kinds.count) }
        tally.coverage["kinds"] = struck
        return tally
    }
}
