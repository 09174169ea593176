// SPDX-License-Identifier: Apache-2.0
// A file system of one file in memory, whose bytes a test sets freely and whose calls it can
// make fail: thousands of damaged journals a second.
import Glibc
import SegmentStore

final class OneFileSystem: FileSystem {
    struct Contents {
        var bytes: [UInt8]?
        var failingRead: Int32?
        var failingWrite: Int32?
        var failingSync: Int32?
        var calls: [String] = []
    }

    let contents = Locked(Contents())

    var bytes: [UInt8] {
        get { contents.withLock { $0.bytes ?? [] } }
        set { contents.withLock { $0.bytes = newValue } }
    }

    var calls: [String] { contents.withLock { $0.calls } }

    func open(_ path: String, for access: FileAccess) throws(StorageError) -> any File {
        guard contents.withLock({ $0.bytes != nil }) else { throw failure("open", path, ENOENT) }
        return OneFile(path: path, system: self)
    }

    func create(_ path: String) throws(StorageError) -> any File {
        let isTaken = contents.withLock {
            $0.calls.append("create \(path)")
            if $0.bytes != nil { return true }
            $0.bytes = []
            return false
        }
        if isTaken { throw failure("create", path, EEXIST) }
        return OneFile(path: path, system: self)
    }

    func syncFolder(_ path: String) throws(StorageError) {
        contents.withLock { $0.calls.append("syncFolder \(path)") }
    }

    func createTemporary(in folder: String) throws(StorageError) -> any File {
        throw failure("createTemporary", folder, ENOSYS)
    }
    func link(_ file: any File, at path: String) throws(StorageError) {
        throw failure("link", path, ENOSYS)
    }
    func rename(_ path: String, to newPath: String, replacing: Bool) throws(StorageError) {
        throw failure("rename", path, ENOSYS)
    }
    func remove(_ path: String) throws(StorageError) { throw failure("remove", path, ENOSYS) }
    func createFolder(_ path: String) throws(StorageError) {
        throw failure("createFolder", path, ENOSYS)
    }
    func removeFolder(_ path: String) throws(StorageError) {
        throw failure("removeFolder", path, ENOSYS)
    }
    func list(_ folder: String) throws(StorageError) -> [String] { [] }
    func status(_ path: String) throws(StorageError) -> FileStatus? { nil }
    func map(_ path: String, wordCount: Int) throws(StorageError) -> any SharedWords {
        throw failure("map", path, ENOSYS)
    }

    fileprivate func failure(_ operation: String, _ path: String, _ code: Int32) -> StorageError {
        .fileSystem(.init(operation: operation, path: path, code: code))
    }
}

private final class OneFile: File {
    let path: String
    let system: OneFileSystem

    init(path: String, system: OneFileSystem) {
        self.path = path
        self.system = system
    }

    func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64
    ) throws(StorageError) -> Int {
        let (bytes, code) = system.contents.withLock { ($0.bytes ?? [], $0.failingRead) }
        if let code { throw system.failure("read", path, code) }
        let rest = bytes.dropFirst(Int(offset)).prefix(buffer.count)
        buffer.copyBytes(from: rest)
        return rest.count
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(StorageError) {
        let code = system.contents.withLock { contents -> Int32? in
            if let code = contents.failingWrite { return code }
            contents.calls.append("write \(offset)+\(bytes.count)")
            var file = contents.bytes ?? []
            let end = Int(offset) + bytes.count
            if file.count < end { file += [UInt8](repeating: 0, count: end - file.count) }
            file.replaceSubrange(Int(offset)..<end, with: bytes)
            contents.bytes = file
            return nil
        }
        if let code { throw system.failure("write", path, code) }
    }

    func sync() throws(StorageError) {
        let code = system.contents.withLock { contents -> Int32? in
            contents.calls.append("sync")
            defer { contents.failingSync = nil }
            return contents.failingSync
        }
        if let code { throw system.failure("sync", path, code) }
    }

    func beginWriteback(at offset: UInt64, byteCount: UInt64) {}
    func dropCache() { system.contents.withLock { $0.calls.append("dropCache") } }
    func byteCount() throws(StorageError) -> UInt64 { UInt64(system.bytes.count) }
    func resize(to byteCount: UInt64) throws(StorageError) {
        throw system.failure("resize", path, ENOSYS)
    }
    func linkCount() throws(StorageError) -> Int { 1 }
    func lock(
        _ range: Range<UInt64>, _ mode: LockMode, waiting: LockWait
    ) throws(StorageError) -> Bool { true }
    func unlock(_ range: Range<UInt64>) throws(StorageError) {}
    func lockHolders(of range: Range<UInt64>, against mode: LockMode) -> [Int32] { [] }
}
