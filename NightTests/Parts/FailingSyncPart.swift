// SPDX-License-Identifier: Apache-2.0
// forknight: syncs that really fail, on a disk whose image cannot grow.

struct FailingSyncPart: NightPart {
    let name = "failing-syncs"
    let unit = "disks"
    let onChange = NightGoal.rounds(4)
    let atNight = NightGoal.rounds(400)

    func obstacle() -> String? { FailingSyncs.missing }

    func run(_ number: UInt64) throws -> NightTally {
        let failureCount = try FailingSyncs(seed: number).run()
        var tally = NightTally(units: 1)
        tally.count("failures", failureCount)
        return tally
    }
}
