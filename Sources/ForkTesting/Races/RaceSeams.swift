// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, races. Mapped words and clocks at which an actor may lose its turn.
import ForkEngine
import SegmentStore

/// A process's file system, whose mapped words are places to lose one's turn.
final class RaceFileSystem: FileSystem {
    private let base: WorldFileSystem
    private let before: @Sendable (RaceWordAccess) -> Void

    init(_ base: WorldFileSystem, before: @escaping @Sendable (RaceWordAccess) -> Void) {
        self.base = base
        self.before = before
    }

    func map(_ path: String, wordCount: Int) throws(StorageError) -> any SharedWords {
        let words = try base.map(path, wordCount: wordCount)
        return path == StoreLayout.live ? RaceWords(words, before: before) : words
    }

    func open(_ path: String, for access: FileAccess) throws(StorageError) -> any File {
        try base.open(path, for: access)
    }

    func create(_ path: String) throws(StorageError) -> any File { try base.create(path) }

    func createTemporary(in folder: String) throws(StorageError) -> any File {
        try base.createTemporary(in: folder)
    }

    func link(_ file: any File, at path: String) throws(StorageError) {
        try base.link(file, at: path)
    }

    func rename(
        _ path: String, to newPath: String, replacing: Bool
    ) throws(StorageError) {
        try base.rename(path, to: newPath, replacing: replacing)
    }

    func remove(_ path: String) throws(StorageError) { try base.remove(path) }
    func createFolder(_ path: String) throws(StorageError) { try base.createFolder(path) }
    func removeFolder(_ path: String) throws(StorageError) { try base.removeFolder(path) }
    func list(_ folder: String) throws(StorageError) -> [String] { try base.list(folder) }
    func status(_ path: String) throws(StorageError) -> FileStatus? { try base.status(path) }
    func syncFolder(_ path: String) throws(StorageError) { try base.syncFolder(path) }
}

/// The slots of `live`.
private final class RaceWords: SharedWords {
    private let base: any SharedWords
    private let before: @Sendable (RaceWordAccess) -> Void
    /// Words of one slot, and of the head before the first.
    private static let wordsPerSlot = 16

    init(_ base: any SharedWords, before: @escaping @Sendable (RaceWordAccess) -> Void) {
        self.base = base
        self.before = before
    }

    var count: Int { base.count }

    func load(_ index: Int) -> UInt64 {
        if index >= Self.wordsPerSlot, index % Self.wordsPerSlot == 1 { before(.readsWord) }
        return base.load(index)
    }

    func store(_ value: UInt64, at index: Int) {
        if index >= Self.wordsPerSlot {
            switch index % Self.wordsPerSlot {
            case 0: before(.freesSlot)
            case 1: before(.movesWord)
            default: break
            }
        }
        base.store(value, at: index)
    }

    func compareExchange(_ index: Int, expected: UInt64, desired: UInt64) -> Bool {
        if index >= Self.wordsPerSlot {
            before(index % Self.wordsPerSlot == 0 ? .claimsSlot : .movesWord)
        }
        return base.compareExchange(index, expected: expected, desired: desired)
    }
}

/// A machine's clocks as one process sees them: who sleeps lets others go on.
final class RaceTime: TimeSource {
    private let base: SimulatedTime
    private let whileSleeping: @Sendable () -> Void

    init(_ base: SimulatedTime, whileSleeping: @escaping @Sendable () -> Void) {
        self.base = base
        self.whileSleeping = whileSleeping
    }

    func now() -> Timestamp { base.now() }
    func sinceBoot() -> UInt64 { base.sinceBoot() }
    func boot() throws(StorageError) -> BootID { try base.boot() }

    func sleep(nanoseconds: UInt64) {
        base.step(nanoseconds: Int64(clamping: nanoseconds))
        whileSleeping()
    }
}
