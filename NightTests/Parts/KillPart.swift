// SPDX-License-Identifier: Apache-2.0
// forknight: real commands in several processes, killed at random moments.

struct KillPart: NightPart {
    let name = "kills"
    let unit = "kills"
    let onChange = NightGoal.units(200)
    let atNight = NightGoal.units(20_000)

    func run(_ number: UInt64) throws -> NightTally {
        let commandCount = try KillLoop.run(seed: number)
        var tally = NightTally(units: KillLoop.killsInRound)
        tally.count("commands", commandCount)
        return tally
    }
}
