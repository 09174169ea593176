// SPDX-License-Identifier: Apache-2.0
// forknight: operations cut short at every call and before every commit (invariants 1, 3, 4, 8, 10).
import ForkTesting

struct CrashPart: NightPart {
    let name = "crashes"
    let unit = "states"
    let onChange = NightGoal.units(20_000)
    let atNight = NightGoal.units(2_000_000)
    /// What the disk does wrong besides: to show that the part can fail.
    var planted: Fault?

    /// The number of the first script that is put together.
    static let firstGenerated = UInt64(CrashScript.all.count + MaintenanceScript.all.count + 1)

    /// The layout, the scripts of the tables, then all pairs of operations, all triples, and chance.
    func run(_ number: UInt64) throws -> NightTally {
        var explorer = CrashExplorer()
        explorer.statesPerPoint = 10
        explorer.seed = number
        let named = UInt64(CrashScript.all.count)
        let report =
            switch number {
            case 0: try CrashStage.exploreLayout(explorer)
            case ...named:
                try CrashScript.all[Int(number) - 1].explore(
                    explorer, recoveriesOneIn: 0, planting: planted)
            case ..<Self.firstGenerated:
                try MaintenanceScript.all[Int(number - named) - 1].explore(
                    explorer, planting: planted)
            default:
                try CrashScript.generated(
                    CrashOperation.sequence(number - Self.firstGenerated)
                ).explore(explorer, seed: number, recoveriesOneIn: 0, planting: planted)
            }
        var tally = NightTally(units: report.checkedStates)
        tally.fingerprints = report.fingerprints.sorted()
        tally.count("moments", report.points)
        return tally
    }
}

/// Recoveries cut short in their turn.
struct RecoveryPart: NightPart {
    let name = "recovery-crashes"
    let unit = "states"
    let onChange = NightGoal.units(2_000)
    let atNight = NightGoal.units(200_000)
    var planted: Fault?

    func run(_ number: UInt64) throws -> NightTally {
        var explorer = CrashExplorer()
        explorer.statesPerPoint = 2
        explorer.seed = number
        let scripts = CrashScript.all
        let script =
            number < UInt64(scripts.count)
            ? scripts[Int(number)]
            : CrashScript.generated(CrashOperation.sequence(number - UInt64(scripts.count)))
        let report = try script.explore(
            explorer, seed: number + 1, recoveriesOneIn: 12, planting: planted)
        var tally = NightTally(units: report.checkedRecoveryStates)
        tally.fingerprints = report.recoveryFingerprints.sorted()
        return tally
    }
}
