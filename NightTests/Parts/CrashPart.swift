// SPDX-License-Identifier: Apache-2.0
// forknight: operations cut short at every call and before every commit (invariants 1, 3, 4, 8).
import ForkTesting

struct CrashPart: NightPart {
    let name = "crashes"
    let unit = "states"
    let onChange = NightGoal.units(20_000)
    let atNight = NightGoal.units(2_000_000)

    func run(_ number: UInt64) throws -> NightTally {
        let scripts = CrashScript.all
        let script = scripts[Int(number % UInt64(scripts.count))]
        var explorer = CrashExplorer()
        explorer.statesPerPoint = 8
        explorer.seed = number
        let report = try script.explore(explorer, seed: number / UInt64(scripts.count) + 1)
        return NightTally(units: report.states)
    }
}
