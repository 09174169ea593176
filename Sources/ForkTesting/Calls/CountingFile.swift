// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting. An open file of a `CountingFileSystem`.
import SegmentStore

final class CountingFile: File {
    let base: any File
    private let recorder: CallRecorder

    init(_ base: any File, _ recorder: CallRecorder) {
        self.base = base
        self.recorder = recorder
    }

    var path: String { base.path }

    func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64
    ) throws(StorageError) -> Int {
        recorder.add(.read(path: path, offset: offset, byteCount: buffer.count))
        return try base.read(into: buffer, at: offset)
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(StorageError) {
        recorder.add(.write(path: path, offset: offset, byteCount: bytes.count))
        try base.write(bytes, at: offset)
    }

    func sync() throws(StorageError) {
        recorder.add(.sync(path: path))
        try base.sync()
    }

    func beginWriteback(at offset: UInt64, byteCount: UInt64) {
        recorder.add(.beginWriteback(path: path, offset: offset, byteCount: byteCount))
        base.beginWriteback(at: offset, byteCount: byteCount)
    }

    func dropCache() {
        recorder.add(.dropCache(path: path))
        base.dropCache()
    }

    func byteCount() throws(StorageError) -> UInt64 {
        recorder.add(.byteCount(path: path))
        return try base.byteCount()
    }

    func resize(to byteCount: UInt64) throws(StorageError) {
        recorder.add(.resize(path: path, byteCount: byteCount))
        try base.resize(to: byteCount)
    }

    func linkCount() throws(StorageError) -> Int {
        recorder.add(.linkCount(path: path))
        return try base.linkCount()
    }

    func lock(
        _ range: Range<UInt64>, _ mode: LockMode, waiting: LockWait
    ) throws(StorageError) -> Bool {
        recorder.add(.lock(path: path, range: range, mode: mode))
        return try base.lock(range, mode, waiting: waiting)
    }

    func unlock(_ range: Range<UInt64>) throws(StorageError) {
        recorder.add(.unlock(path: path, range: range))
        try base.unlock(range)
    }

    func lockHolders(of range: Range<UInt64>, against mode: LockMode) -> [Int32] {
        base.lockHolders(of: range, against: mode)
    }
}
