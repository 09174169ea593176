// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, sabotage. Mapped words that commit the faults of fences, ends and floors; a
// clock that leaps.
import ForkEngine
import SegmentStore

final class SabotagedWords: SharedWords {
    private let base: any SharedWords
    private let saboteur: Saboteur
    private let isLive: Bool
    private let firstLoads = Locked<[Int: UInt64]>([:])

    private static let wordsPerSlot = LiveSlots.wordsInSlot
    private static let fenceBit: UInt64 = 1 << 63
    /// The place of the floor in the clock's file.
    private static let floorIndex = 5

    init(_ base: any SharedWords, _ saboteur: Saboteur, path: String) {
        self.base = base
        self.saboteur = saboteur
        isLive = path == StoreLayout.live
    }

    var count: Int { base.count }

    private func isInSlot(_ index: Int) -> Bool { isLive && index >= Self.wordsPerSlot }

    func load(_ index: Int) -> UInt64 {
        let value = base.load(index)
        if isInSlot(index), value != 0 {
            if saboteur.strikes(.liveWordsAreForgotten) { return 0 }
            if index % Self.wordsPerSlot == 1, isUnarmed(value, index),
                saboteur.strikes(.unarmedWordsCountForNothing)
                    || saboteur.strikes(.unarmedWordsArePinned)
                    || saboteur.sabotage == .wordsAreArmedLate
            {
                return value | Self.fenceBit
            }
            let isHead = [3, 6].contains(index % Self.wordsPerSlot)
            if saboteur.strikes(.headsAreOverstated, where: isHead) { return value + 1 }
            if saboteur.sabotage == .liveWordsAreStale {
                let first = firstLoads.withLock { loads in
                    loads[index, default: value] = loads[index] ?? value
                    return loads[index] ?? value
                }
                return saboteur.strikes(.liveWordsAreStale, where: first != value)
                    ? first : value
            }
        }
        let isFloor = !isLive && index == Self.floorIndex
        return saboteur.strikes(.clockFloorIsForgotten, where: isFloor) ? 0 : value
    }

    /// Whether the word is of another journal than the row names.
    private func isUnarmed(_ word: UInt64, _ index: Int) -> Bool {
        guard let epoch = saboteur.epoch(of: ForkID(base.load(index - 1))) else { return false }
        let word = LiveWord(rawValue: word)
        return !word.isFenced && word.epoch != epoch
    }

    func store(_ value: UInt64, at index: Int) {
        let isWord = isInSlot(index) && index % Self.wordsPerSlot == 1 && value != 0
        if saboteur.sabotage == .wordsAreArmedLate, isWord,
            saboteur.armLater({ [base] in base.store(value, at: index) })
        {
            return
        }
        base.store(value, at: index)
    }

    func compareExchange(_ index: Int, expected: UInt64, desired: UInt64) -> Bool {
        let isFence = isInSlot(index) && desired & Self.fenceBit != 0
        if saboteur.strikes(.fencesAreDropped, where: isFence) { return true }
        let isWord = isInSlot(index) && index % Self.wordsPerSlot == 1 && !isFence
        let isOverwriting = isWord && base.load(index) != expected
        if saboteur.strikes(.fencesAreOverwritten, where: isOverwriting) {
            base.store(desired, at: index)
            return true
        }
        if saboteur.sabotage == .clockFloorIsForgotten, !isLive, index == Self.floorIndex {
            base.store(desired, at: index)
            return true
        }
        defer { saboteur.syncLate() }
        return base.compareExchange(index, expected: expected, desired: desired)
    }
}

extension LiveSlots {
    /// Words of one slot, and of the head before the first.
    fileprivate static var wordsInSlot: Int { 16 }
}

final class SabotagedTime: TimeSource {
    private let base: any TimeSource
    private let saboteur: Saboteur
    private let start: Timestamp

    init(_ base: any TimeSource, _ saboteur: Saboteur) {
        self.base = base
        self.saboteur = saboteur
        start = base.now()
    }

    func now() -> Timestamp { base.now() }

    func sinceBoot() -> UInt64 {
        let leap = base.now().rawValue - start.rawValue
        guard saboteur.strikes(.bootClockLeaps, where: leap > 0) else { return base.sinceBoot() }
        return base.sinceBoot() &+ UInt64(leap)
    }

    func boot() throws(StorageError) -> BootID {
        let boot = try base.boot()
        let first = BootID(high: 1, low: 1)
        return saboteur.strikes(.bootsAreForgotten, where: boot != first) ? first : boot
    }

    func sleep(nanoseconds: UInt64) { base.sleep(nanoseconds: nanoseconds) }
}
