// SPDX-License-Identifier: Apache-2.0
// forknight: the part that always fails, in each way that there is.

struct CanaryPart: NightPart {
    let name = "canary"
    let unit = "rounds"
    let onChange = NightGoal.rounds(4)
    let atNight = NightGoal.rounds(4)
    let roundSecondsMax = 1

    func run(_ number: UInt64) throws -> NightTally {
        var tally = NightTally(units: 1)
        switch number {
        case 0: throw NightFailure("the canary fails, as it must")
        case 1: preconditionFailure("the canary traps, as it must")
        case 2: while true { SystemWait.sleep(milliseconds: 100) }
        default: tally.count("survived")
        }
        return tally
    }
}
