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
/// Expiry is decided with this clock; garbage collection decides nothing by time (rule 11).
package final class ClockFloor: Sendable {
    private let words: any SharedWords
    private let time: any TimeSource
    private let boot: BootID
    private let locks: StoreLocks

    static let magic: UInt64 = 0x314b_434c_4b52_4f46
    static let wordCount = 8
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
            let lock = try locks.takeForever(StoreLocks.boot, .exclusive)
            defer { lock.release() }
            if !isOfThisBoot { anchor() }
        }
    }

    private var isOfThisBoot: Bool {
        words.load(Field.magic) == Self.magic
            && words.load(Field.bootHigh) == boot.high && words.load(Field.bootLow) == boot.low
    }

    /// Begins a boot: the wall clock, or the floor where the wall clock is behind it.
    private func anchor() {
        let floor = signed(words.load(Field.floor))
        let wall = time.now().rawValue
        words.store(0, at: Field.magic)
        words.store(unsigned(max(wall, floor)), at: Field.anchorWall)
        words.store(wall < floor ? 1 : 0, at: Field.wasBehind)
        words.store(time.sinceBoot(), at: Field.anchorBoot)
        words.store(boot.high, at: Field.bootHigh)
        words.store(boot.low, at: Field.bootLow)
        words.store(Self.magic, at: Field.magic)
    }

    /// The instant that counts now, and raises the floor to it. Never below an earlier answer of
    /// any process of this store.
    package func now() -> Timestamp {
        let elapsed = signed(time.sinceBoot() &- words.load(Field.anchorBoot))
        let explained = adding(signed(words.load(Field.anchorWall)), elapsed)
        let bound = adding(explained, Self.leapNanosecondsMax)
        var wall = time.now().rawValue
        // A wall clock that began behind the floor would stand still there.
        if words.load(Field.wasBehind) == 1 { wall = max(wall, explained) }
        let candidate = min(wall, bound)
        while true {
            let floorWord = words.load(Field.floor)
            let floor = signed(floorWord)
            if candidate <= floor { return Timestamp(rawValue: floor) }
            if words.compareExchange(
                Field.floor, expected: floorWord, desired: unsigned(candidate))
            {
                return Timestamp(rawValue: candidate)
            }
        }
    }

    /// The operator's word that the wall clock is right: anchors and floor are set to it.
    package func acceptWallClock() throws(ForkError) {
        let lock = try locks.takeForever(StoreLocks.boot, .exclusive)
        defer { lock.release() }
        words.store(unsigned(time.now().rawValue), at: Field.floor)
        anchor()
    }

    private func adding(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? .max : sum
    }

    private func signed(_ word: UInt64) -> Int64 { Int64(bitPattern: word) }
    private func unsigned(_ value: Int64) -> UInt64 { UInt64(bitPattern: value) }
}
