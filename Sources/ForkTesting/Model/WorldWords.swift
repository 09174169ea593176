// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. Mapped words of a simulated machine, as cheap as memory: an engine
// looks at thousands of them, and a call on the simulated disk for each would be most of a run.
import Glibc
import SegmentStore

/// The mapped files of one machine. Never synced: what a power cut leaves of them is its choice.
package final class WorldWords: Sendable {
    private let files = Locked<[String: MappedWords]>([:])

    package init() {}

    /// The words of `path`, the same for all that map it.
    func map(_ path: String, wordCount: Int) -> MappedWords {
        files.withLock { files in
            if let file = files[path] { return file }
            let file = MappedWords(count: wordCount)
            files[path] = file
            return file
        }
    }

    /// Words for another machine, where each word is what `choose` makes of it.
    package func copy(_ choose: (_ path: String, _ index: Int, UInt64) -> UInt64) -> WorldWords {
        let copy = WorldWords()
        let all = files.withLock { $0 }
        for (path, words) in all.sorted(by: { $0.key < $1.key }) {
            let target = copy.map(path, wordCount: words.count)
            words.forEachNonZero { index, word in target.store(choose(path, index, word), at: index)
            }
        }
        return copy
    }

    /// Equal for equal words.
    var hash: UInt64 {
        let all = files.withLock { $0 }
        return all.sorted { $0.key < $1.key }.enumerated().reduce(0) { hash, file in
            var hash = mixed(hash, UInt64(file.offset))
            file.element.value.forEachNonZero { index, word in
                hash = mixed(hash ^ word, UInt64(index))
            }
            return hash
        }
    }
}

/// The words of one file.
///
/// `@unchecked Sendable`: a world is used by one thread at a time, all its processes included.
final class MappedWords: SharedWords, @unchecked Sendable {
    let count: Int
    private let words: UnsafeMutablePointer<UInt64>
    /// Indexes that were ever stored to: all others are zero.
    private var touched: Set<Int> = []

    init(count: Int) {
        self.count = count
        // Zeros that cost nothing before they are touched: most never are.
        guard let memory = calloc(count, MemoryLayout<UInt64>.stride) else {
            preconditionFailure("no memory for mapped words")
        }
        words = memory.bindMemory(to: UInt64.self, capacity: count)
    }

    deinit { free(words) }

    func load(_ index: Int) -> UInt64 {
        precondition(index >= 0 && index < count)
        return words[index]
    }

    func store(_ value: UInt64, at index: Int) {
        precondition(index >= 0 && index < count)
        touched.insert(index)
        words[index] = value
    }

    func compareExchange(_ index: Int, expected: UInt64, desired: UInt64) -> Bool {
        guard load(index) == expected else { return false }
        store(desired, at: index)
        return true
    }

    func forEachNonZero(_ body: (Int, UInt64) -> Void) {
        for index in touched.sorted() where words[index] != 0 { body(index, words[index]) }
    }
}

/// A mapping as one process has it: without effect once the process is killed.
final class ProcessWords: SharedWords {
    private let words: MappedWords
    private let disk: SimulatedDisk
    private let process: Int

    init(_ words: MappedWords, disk: SimulatedDisk, process: Int) {
        self.words = words
        self.disk = disk
        self.process = process
    }

    var count: Int { words.count }

    func load(_ index: Int) -> UInt64 { words.load(index) }

    func store(_ value: UInt64, at index: Int) {
        if !disk.isKilled(process) { words.store(value, at: index) }
    }

    func compareExchange(_ index: Int, expected: UInt64, desired: UInt64) -> Bool {
        if disk.isKilled(process) { return words.load(index) == expected }
        return words.compareExchange(index, expected: expected, desired: desired)
    }
}
