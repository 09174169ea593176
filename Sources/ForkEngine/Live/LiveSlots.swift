// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, live writers. Rule 2: one mapped file of slots, one slot a live writer.
package import SegmentStore

/// The slots of live writers, in the mapped file `live`.
///
/// ```
/// header, 16 words: magic | boot id high | boot id low | 0 ...
/// slot, 16 words:   fork (0: free) | word | copy A: word, head, bytes | copy B: the same
///                   | process | its start | its command, 48 bytes
/// ```
///
/// The copies are written alternately, each before the word that equals it: a reader takes the
/// one that equals the word it saw. Only the holder of the fork's writer lock claims or frees
/// its slot, so that a fork never has two. A file of another boot counts as empty.
package final class LiveSlots: Sendable {
    private let words: any SharedWords

    static let magic: UInt64 = 0x3145_5649_4c4b_4f46  // "FOKLIVE1"
    static let wordsPerSlot = 16
    /// A fork's slot lies within this many places of where its id hashes to.
    static let reach = 64
    package static let slotCount = 8192
    package static let wordCount = (slotCount + 1) * wordsPerSlot

    private enum Field {
        static let fork = 0
        static let word = 1
        static let copies = 2
        static let wordsPerCopy = 3
        static let process = 8
        static let processStart = 9
        static let command = 10
        static let commandWordCount = 6
    }

    package init(words: any SharedWords) { self.words = words }

    /// Maps the file, emptying it where it was written under another boot (rule 2).
    package static func open(
        fileSystem: any FileSystem, locks: StoreLocks, time: any TimeSource
    ) throws(ForkError) -> LiveSlots {
        let words = try lifting { () throws(StorageError) in
            try fileSystem.map(StoreLayout.live, wordCount: wordCount)
        }
        let boot = try lifting { () throws(StorageError) in try time.boot() }
        func isOfThisBoot() -> Bool {
            words.load(0) == magic && words.load(1) == boot.high && words.load(2) == boot.low
        }
        if !isOfThisBoot() {
            let lock = try locks.takeBoot()
            defer { lock.release() }
            if !isOfThisBoot() {
                for index in 0..<wordCount where words.load(index) != 0 {
                    words.store(0, at: index)
                }
                words.store(boot.high, at: 1)
                words.store(boot.low, at: 2)
                words.store(magic, at: 0)
            }
        }
        return LiveSlots(words: words)
    }

    // MARK: Finding

    private func candidates(_ fork: ForkID) -> some Sequence<Int> {
        let start = Int(truncatingIfNeeded: (fork.rawValue &* 0x9e37_79b9_7f4a_7c15) >> 51)
        return (0..<Self.reach).lazy.map { offset in
            (1 + (start + offset) % Self.slotCount) * Self.wordsPerSlot
        }
    }

    /// The slot of a live writer of `fork`, if there is one. 64 loads at most.
    package func slot(of fork: ForkID) -> LiveSlot? {
        for index in candidates(fork) where words.load(index + Field.fork) == fork.rawValue {
            return LiveSlot(words: words, index: index, fork: fork)
        }
        return nil
    }

    /// A slot for `fork`, its own or a free one, not armed anew: a word that a dead writer left
    /// stays until then, since recovery asks it. The caller holds the fork's writer lock.
    package func claim(_ fork: ForkID, holder: LiveHolder) throws(ForkError) -> LiveSlot {
        if let existing = slot(of: fork) {
            existing.write(holder)
            return existing
        }
        for index in candidates(fork)
        where words.compareExchange(index + Field.fork, expected: 0, desired: fork.rawValue) {
            let claimed = LiveSlot(words: words, index: index, fork: fork)
            claimed.write(holder)
            return claimed
        }
        throw ForkError(
            .busy, "too many forks of this store are open for writing: close some of them")
    }

    /// Every fork that has a slot: those of killed writers are freed by the collector.
    package func occupied() -> [ForkID] {
        var forks: [ForkID] = []
        var index = Self.wordsPerSlot
        while index < Self.wordCount {
            let fork = words.load(index + Field.fork)
            if fork != 0 { forks.append(ForkID(fork)) }
            index += Self.wordsPerSlot
        }
        return forks
    }
}

/// Who holds a slot: information for messages only, the lock decides.
package struct LiveHolder: Hashable, Sendable {
    package var process: Int32
    package var processStart: UInt64
    package var command: String

    package init(process: Int32, processStart: UInt64, command: String) {
        self.process = process
        self.processStart = processStart
        self.command = command
    }
}

/// One live writer's slot.
package struct LiveSlot: Sendable {
    private let words: any SharedWords
    private let index: Int
    package let fork: ForkID

    fileprivate init(words: any SharedWords, index: Int, fork: ForkID) {
        self.words = words
        self.index = index
        self.fork = fork
    }

    package var word: LiveWord { LiveWord(rawValue: words.load(index + 1)) }

    /// Whether the slot still belongs to the fork it was found for.
    package var isOccupied: Bool { words.load(index) == fork.rawValue }

    private func copyIndex(_ which: Int) -> Int { index + 2 + which * 3 }

    /// The end that goes with `word`, if one of the copies equals it. A writer that advances in
    /// the meantime makes this nil; the caller reads the word again.
    package func end(at word: LiveWord) -> LiveEnd? {
        for which in 0..<2 {
            let copy = copyIndex(which)
            guard words.load(copy) == word.unfenced.rawValue else { continue }
            let end = LiveEnd(
                byteEnd: word.byteEnd, head: Position(words.load(copy + 1)),
                logicalByteCount: words.load(copy + 2))
            // The copy is rewritten only two advances later, with another word.
            if words.load(copy) == word.unfenced.rawValue { return end }
        }
        return nil
    }

    /// Writes the copy that goes with `next` where the current word's copy does not lie.
    private func writeCopy(_ next: LiveWord, _ end: LiveEnd) {
        let current = word.unfenced.rawValue
        let copy = copyIndex(words.load(copyIndex(0)) == current ? 1 : 0)
        words.store(0, at: copy)
        words.store(end.head.rawValue, at: copy + 1)
        words.store(end.logicalByteCount, at: copy + 2)
        words.store(next.rawValue, at: copy)
    }

    /// Stores the first word of a new journal. The caller holds the writer lock and the row
    /// carries `epoch`, or is about to in the running transaction.
    package func arm(epoch: UInt64, end: LiveEnd) {
        let next = LiveWord(epoch: epoch, byteEnd: end.byteEnd)
        writeCopy(next, end)
        words.store(next.rawValue, at: index + 1)
    }

    /// Moves from `current` to `end` in the same epoch, or to the start of another epoch: false
    /// when a fence stands or the word is another's.
    package func advance(from current: LiveWord, toEpoch epoch: UInt64, end: LiveEnd) -> Bool {
        let next = LiveWord(epoch: epoch, byteEnd: end.byteEnd)
        writeCopy(next, end)
        return words.compareExchange(
            index + 1, expected: current.rawValue, desired: next.rawValue)
    }

    /// Says that its holder is gone, and who has the lock now only recovers the fork. The word
    /// stays: it says what was acknowledged.
    package func noteRecovery() { words.store(0, at: index + 8) }

    package var isBeingRecovered: Bool { words.load(index + 8) == 0 }

    /// Sets the fence on the word of `epoch`, whose end is final then. False where the word is of
    /// another epoch: its writer closed, or the slot is another fork's by now.
    package func fence(epoch: UInt64) -> Bool {
        while true {
            let current = word
            guard isOccupied, current.epoch == epoch else { return false }
            if current.isFenced { return true }
            if words.compareExchange(
                index + 1, expected: current.rawValue, desired: current.fenced.rawValue)
            {
                return true
            }
        }
    }

    /// The word and its copies, to be put back where a transaction fails.
    package var contents: [UInt64] {
        get { (1..<8).map { words.load(index + $0) } }
        nonmutating set {
            for (offset, value) in newValue.enumerated().reversed() {
                words.store(value, at: index + 1 + offset)
            }
        }
    }

    /// Clears the fence that stands on `word`. Called by the word's writer, inside a write
    /// transaction that found its row unchanged.
    package func clearFence(of word: LiveWord) {
        _ = words.compareExchange(
            index + 1, expected: word.fenced.rawValue, desired: word.rawValue)
    }

    /// Frees the slot. The caller holds the fork's writer lock.
    package func free() {
        words.store(0, at: index + 1)
        words.store(0, at: index)
    }

    fileprivate func write(_ holder: LiveHolder) {
        words.store(UInt64(UInt32(bitPattern: holder.process)), at: index + 8)
        words.store(holder.processStart, at: index + 9)
        var bytes = [UInt8](holder.command.utf8.prefix(48))
        bytes.append(contentsOf: repeatElement(0, count: 48 - bytes.count))
        for part in 0..<6 {
            let word = bytes[(part * 8)..<(part * 8 + 8)].reversed()
                .reduce(UInt64(0)) { ($0 << 8) | UInt64($1) }
            words.store(word, at: index + 10 + part)
        }
    }

    /// Who holds the slot, for a message.
    package var holder: LiveHolder {
        var bytes: [UInt8] = []
        for part in 0..<6 {
            let word = words.load(index + 10 + part)
            for byte in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> (byte * 8))) }
        }
        let text = bytes.prefix { $0 != 0 }
        return LiveHolder(
            process: Int32(truncatingIfNeeded: words.load(index + 8)),
            processStart: words.load(index + 9),
            command: String(decoding: text, as: UTF8.self))
    }
}
