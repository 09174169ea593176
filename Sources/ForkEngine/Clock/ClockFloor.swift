// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, clock. Rule 14: the time of a store never runs backwards, and never leaps.
package import SegmentStore

/// The store's clock: the wall clock, held between a floor and what the boot clock explains.
///
/// The floor is one mapped atomic maximum. Within a boot the clock advances at most an hour
/// beyond what CLOCK_BOOTTIME explains since the anchor; after another boot the wall clock is
/// believed unless it is behind the floor, and then time goes on from the floor.
///
/// ```
/// words: magic | boot id high | boot id low | anchor wall | anchor boot time | floor | was behind
/// ```
///
/// Anchors and floor are `CheckedInstant`s, so that the clock counts in steps of 512 ns. One that is
/// not whole counts as absent: the boot is anchored anew, and time goes on from the wall clock.
///
/// Expiry is decided with this clock; garbage collection decides nothing by time (rule 11).
package final class ClockFloor: Sendable {
    private let words: any SharedWords
    private let time: any TimeSource
    private let boot: BootID
    private let locks: StoreLocks

    static let magic: UInt64 = 0x314b_434c_4b52_4f46
    package static let wordCount = 8
    /// How far the wall clock may lead what the boot clock explains: one hour.
    static let leapNanosecondsMax: Int64 = 3_600_000_000_000

    private enum Field {
        static let magic = 0
        static let bootHigh = 1
        static let bootLow = 2
        static let anchorWall = 3
        static let anchorBoot = 4
        static let floor = 5
        /// 1 where this boot began with the wall clock behind the floor.
        static let wasBehind = 6
    }

    package init(
        fileSystem: any FileSystem, locks: StoreLocks, time: any TimeSource
    ) throws(ForkError) {
        self.words = try lifting { () throws(StorageError) in
            try fileSystem.map(StoreLayout.clock, wordCount: Self.wordCount)
        }
        self.time = time
        self.boot = try lifting { () throws(StorageError) in try time.boot() }
        self.locks = locks
        if !isOfThisBoot {
            let lock = try locks.takeBoot()
            defer { lock.release() }
            if !isOfThisBoot { anchor() }
        }
    }

    private var isOfThisBoot: Bool {
        words.load(Field.magic) == Self.magic
            && words.load(Field.bootHigh) == boot.high && words.load(Field.bootLow) == boot.low
            && instant(Field.anchorWall) != nil && instant(Field.anchorBoot) != nil
    }

    private func instant(_ field: Int) -> Int64? {
        CheckedInstant.nanoseconds(of: words.load(field))
    }

    private func store(_ nanoseconds: Int64, _ field: Int) {
        words.store(CheckedInstant.word(for: nanoseconds), at: field)
    }

    /// Why the clock is not to be relied on; nil where it is. For verification.
    package var fault: String? {
        let isWhole =
            instant(Field.anchorWall) != nil && instant(Field.anchorBoot) != nil
            && (words.load(Field.floor) == 0 || instant(Field.floor) != nil)
        return isWhole ? nil : "its instants do not match their checks"
    }

    /// Begins a boot: the wall clock, or the floor where the wall clock is behind it.
    private func anchor() {
        let floor = instant(Field.floor) ?? 0
        let wall = time.now().rawValue
        words.store(0, at: Field.magic)
        store(max(wall, floor), Field.anchorWall)
        words.store(wall < floor ? 1 : 0, at: Field.wasBehind)
        store(Int64(clamping: time.sinceBoot()), Field.anchorBoot)
        words.store(boot.high, at: Field.bootHigh)
        words.store(boot.low, at: Field.bootLow)
        words.store(Self.magic, at: Field.magic)
    }

    /// The instant that counts now, and raises the floor to it. Never below an earlier answer of
    /// any process of this store.
    package func now() -> Timestamp {
        let candidate = candidate()
        let word = CheckedInstant.word(for: candidate)
        while true {
            let floorWord = words.load(Field.floor)
            let floor = CheckedInstant.nanoseconds(of: floorWord)
            if let floor, candidate <= floor { return Timestamp(rawValue: floor) }
            if words.compareExchange(Field.floor, expected: floorWord, desired: word) {
                return Timestamp(rawValue: CheckedInstant.nanoseconds(of: word) ?? candidate)
            }
        }
    }

    /// The wall clock, within what the boot clock explains.
    private func candidate() -> Int64 {
        var wall = time.now().rawValue
        // An anchor that is damaged while the store is open explains nothing until it is opened
        // again: the floor alone holds then.
        guard let anchorWall = instant(Field.anchorWall),
            let anchorBoot = instant(Field.anchorBoot)
        else { return wall }
        let explained = adding(anchorWall, Int64(clamping: time.sinceBoot()) - anchorBoot)
        // A wall clock that began behind the floor would stand still there.
        if words.load(Field.wasBehind) == 1 { wall = max(wall, explained) }
        return min(wall, adding(explained, Self.leapNanosecondsMax))
    }

    /// The operator's word that the wall clock is right: anchors and floor are set to it.
    package func acceptWallClock() throws(ForkError) {
        let lock = try locks.takeBoot()
        defer { lock.release() }
        store(time.now().rawValue, Field.floor)
        anchor()
    }

    private func adding(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? .max : sum
    }
}
