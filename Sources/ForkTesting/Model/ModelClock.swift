// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. What a store's clock must say (rule 14).
import SegmentStore

/// The clock of a store: never behind an earlier answer, and within a boot at most an hour
/// beyond what has passed since the boot was first seen. Where the wall clock was behind the floor
/// then, time goes on from the floor. It counts in steps of 512 ns.
package struct ModelClock {
    private var latest = Int64.min
    private var anchorWall: Int64 = 0
    private var anchorBoot: UInt64 = 0
    private var isWallBehind = false
    private static let leap: Int64 = 3_600_000_000_000
    /// What the clock counts in.
    static let step: Int64 = 512

    package init() {}

    /// A boot is seen for the first time. `isForgetful`: the power cut took the floor with it.
    package mutating func boot(_ time: SimulatedTime, isForgetful: Bool) {
        if isForgetful { latest = 0 }
        isWallBehind = time.now().rawValue < latest
        anchorWall = whole(max(time.now().rawValue, latest))
        anchorBoot = UInt64(whole(Int64(time.sinceBoot())))
    }

    /// What the store says now.
    package mutating func now(_ time: SimulatedTime) -> Int64 {
        let explained = anchorWall.clamped(adding: Int64(time.sinceBoot() - anchorBoot))
        let wall = isWallBehind ? max(time.now().rawValue, explained) : time.now().rawValue
        latest = max(latest, whole(min(wall, explained.clamped(adding: Self.leap))))
        return latest
    }

    private func whole(_ nanoseconds: Int64) -> Int64 { nanoseconds / Self.step * Self.step }
}
