// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, sabotage. An open file that commits the faults of locks, writes and syncs.
import ForkEngine
import SegmentStore

final class SabotagedFile: File {
    let base: any File
    private let saboteur: Saboteur
    /// Whether this process made it, rather than found it.
    private let isNew: Bool
    /// Whether it was made without a name: what becomes an object.
    private let isTemporary: Bool
    /// Where it lies, if this process made it there.
    private let fileSystem: (any FileSystem)?

    init(
        _ base: any File, _ saboteur: Saboteur, isNew: Bool, isTemporary: Bool = false,
        in fileSystem: (any FileSystem)? = nil
    ) {
        self.base = base
        self.saboteur = saboteur
        self.fileSystem = fileSystem
        self.isNew = isNew
        self.isTemporary = isTemporary
    }

    var path: String { base.path }

    func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64
    ) throws(StorageError) -> Int {
        do throws(StorageError) {
            let count = try base.read(into: buffer, at: offset)
            guard saboteur.sabotage == .journalChecksumsAreSkipped, path.isJournal else {
                return count
            }
            let frames = SumlessFrames(of: try base.allBytes())
            let isOther = frames.replace(buffer.prefix(count), at: Int(offset))
            _ = saboteur.strikes(.journalChecksumsAreSkipped, where: isOther)
            return count
        } catch {
            if saboteur.strikes(.journalReadFailuresAreSwallowed, where: path.isJournal) {
                return 0
            }
            throw error
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(StorageError) {
        let isFrame = path.isJournal && offset > 0
        if saboteur.strikes(.journalWritesAreLost, where: isFrame)
            || saboteur.strikes(.pinsStayEmpty, where: path.isPin)
        {
            return
        }
        try base.write(bytes, at: offset)
    }

    func sync() throws(StorageError) {
        if saboteur.strikes(.objectSyncsAreLost, where: isTemporary) { return }
        guard path.isJournal else { return try base.sync() }
        if saboteur.strikes(.journalSyncsAreLost)
            || saboteur.strikes(.recoverySyncsAreLost, where: !isNew)
        {
            return
        }
        if saboteur.strikes(.journalSyncsComeLate) { return saboteur.syncLater(base) }
        do throws(StorageError) {
            try base.sync()
        } catch {
            if !saboteur.strikes(.journalSyncFailuresAreSwallowed) { throw error }
        }
    }

    func beginWriteback(at offset: UInt64, byteCount: UInt64) {
        base.beginWriteback(at: offset, byteCount: byteCount)
    }

    func dropCache() { base.dropCache() }

    func byteCount() throws(StorageError) -> UInt64 { try base.byteCount() }

    func resize(to byteCount: UInt64) throws(StorageError) {
        if saboteur.strikes(.reserveIsKept, where: path == StoreLayout.reserve) { return }
        try base.resize(to: byteCount)
    }

    func linkCount() throws(StorageError) -> Int { try base.linkCount() }

    func lock(
        _ range: Range<UInt64>, _ mode: LockMode, waiting: LockWait
    ) throws(StorageError) -> Bool {
        let isLocks = path == StoreLayout.locks
        if saboteur.strikes(
            .writerLocksAreGranted, where: isLocks && range.lowerBound >= 1 << 32)
            || saboteur.strikes(
                .publishLocksAreGranted, where: isLocks && range == StoreLocks.publish)
            || saboteur.strikes(
                .exclusiveLocksAreGranted,
                where: isLocks && range == StoreLocks.publish && mode == .exclusive)
            || saboteur.strikes(
                .collectorLocksAreGranted, where: isLocks && range == StoreLocks.collector)
            || saboteur.strikes(
                .catalogLocksAreGranted, where: isLocks && range == StoreLocks.catalog)
            || saboteur.strikes(.pinLocksAreNotHeld, where: path.isPin && isNew)
        {
            return true
        }
        let isPublisher = isLocks && range == StoreLocks.publish && mode == .shared
        if saboteur.strikes(.publishLocksComeLate, where: isPublisher) {
            saboteur.lockLater(base)
            return true
        }
        if let fileSystem, saboteur.strikes(.publishLocksAreTakenTwice, where: path.isPin) {
            try takePublish(in: fileSystem)
        }
        return try base.lock(range, mode, waiting: waiting)
    }

    /// As the engine takes it; it is given up at once.
    private func takePublish(in fileSystem: any FileSystem) throws(StorageError) {
        let locks = try fileSystem.open(StoreLayout.locks, for: .readWrite)
        for range in [StoreLocks.turnstile, StoreLocks.publish] {
            guard try locks.lock(range, .shared, waiting: .atMost(milliseconds: 1_000)) else {
                throw .fileSystem(.init(operation: "lock", path: StoreLayout.locks, code: 35))
            }
        }
        try locks.unlock(StoreLocks.publish)
        try locks.unlock(StoreLocks.turnstile)
    }

    func unlock(_ range: Range<UInt64>) throws(StorageError) {
        saboteur.forgetLater(base)
        try base.unlock(range)
    }

    func lockHolders(of range: Range<UInt64>, against mode: LockMode) -> [Int32] {
        base.lockHolders(of: range, against: mode)
    }
}

/// A file's bytes as they once were.
final class RememberedFile: File {
    let path: String
    private let bytes: [UInt8]

    init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }

    func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64
    ) throws(StorageError) -> Int {
        let start = min(Int(clamping: offset), bytes.count)
        let count = min(buffer.count, bytes.count - start)
        buffer.copyBytes(from: bytes[start..<start + count])
        return count
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(StorageError) {
        throw .fileSystem(.init(operation: "write", path: path, code: 30))
    }

    func sync() throws(StorageError) {}
    func beginWriteback(at offset: UInt64, byteCount: UInt64) {}
    func dropCache() {}
    func byteCount() throws(StorageError) -> UInt64 { UInt64(bytes.count) }

    func resize(to byteCount: UInt64) throws(StorageError) {
        throw .fileSystem(.init(operation: "resize", path: path, code: 30))
    }

    func linkCount() throws(StorageError) -> Int { 1 }

    func lock(
        _ range: Range<UInt64>, _ mode: LockMode, waiting: LockWait
    ) throws(StorageError) -> Bool { true }

    func unlock(_ range: Range<UInt64>) throws(StorageError) {}
    func lockHolders(of range: Range<UInt64>, against mode: LockMode) -> [Int32] { [] }
}
