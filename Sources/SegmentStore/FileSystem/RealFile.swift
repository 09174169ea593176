// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, file-system seam. An open file of the real disk: reads and writes at an
// offset, whole, whatever signals and short transfers the kernel answers with.
import CPlatform
import Glibc

final class RealFile: File {
    let descriptor: Int32
    /// What waits for locks end by.
    let time: any TimeSource
    private let names: Locked<Names>

    private struct Names {
        var path: String
        /// Set while the file stands in `temporary/` because it could not be made unnamed.
        var temporary: RealTemporaryName?
    }

    /// Owns `descriptor` from here on.
    init(
        descriptor: Int32, path: String, time: any TimeSource = SystemTime(),
        temporary: RealTemporaryName? = nil
    ) {
        self.descriptor = descriptor
        self.time = time
        names = Locked(Names(path: path, temporary: temporary))
    }

    deinit {
        names.withLock { $0.temporary?.remove() }
        Glibc.close(descriptor)
    }

    var path: String { names.withLock { $0.path } }

    func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64
    ) throws(StorageError) -> Int {
        let start = try fileOffset(offset, "read")
        guard let base = buffer.baseAddress else { return 0 }
        var done = 0
        while done < buffer.count {
            let count = try systemCall("read", on: path) {
                pread(descriptor, base + done, buffer.count - done, start &+ off_t(done))
            }
            if count == 0 { break }
            done += count
        }
        return done
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(StorageError) {
        let start = try fileOffset(offset, "write")
        guard let base = bytes.baseAddress else { return }
        var done = 0
        while done < bytes.count {
            let count = try systemCall("write", on: path) {
                pwrite(descriptor, base + done, bytes.count - done, start &+ off_t(done))
            }
            // No file answers 0 to bytes that are there; one that did would be written for ever.
            guard count > 0 else { throw .failed("write", on: path, code: EIO) }
            done += count
        }
    }

    func sync() throws(StorageError) {
        try systemCall("sync", on: path) { fdatasync(descriptor) }
    }

    func beginWriteback(at offset: UInt64, byteCount: UInt64) {
        guard let start = Int64(exactly: offset), let count = Int64(exactly: byteCount) else {
            return
        }
        // A failure here is the next sync's to report, which the kernel sees to.
        _ = platform_begin_writeback(descriptor, start, count)
    }

    func dropCache() {
        _ = platform_drop_cache(descriptor)
    }

    func byteCount() throws(StorageError) -> UInt64 {
        UInt64(clamping: try attributes().st_size)
    }

    func linkCount() throws(StorageError) -> Int {
        let count = Int(clamping: try attributes().st_nlink)
        // The stand-in name of a temporary file is nobody's business.
        return names.withLock { $0.temporary == nil } ? count : count - 1
    }

    func resize(to byteCount: UInt64) throws(StorageError) {
        let size = try fileOffset(byteCount, "resize")
        try systemCall("resize", on: path) { ftruncate(descriptor, size) }
    }

    func attributes() throws(StorageError) -> stat {
        var attributes = stat()
        try systemCall("status", on: path) { fstat(descriptor, &attributes) }
        return attributes
    }

    func link(below root: Int32, at newPath: String) throws(StorageError) {
        try systemCall("link", on: newPath) {
            platform_link_descriptor(descriptor, root, newPath)
        }
        names.withLock {
            if $0.path.isEmpty { $0.path = newPath }
            $0.temporary?.remove()
            $0.temporary = nil
        }
    }

    private func fileOffset(
        _ offset: UInt64, _ operation: StaticString
    ) throws(StorageError) -> off_t {
        guard let offset = off_t(exactly: offset) else {
            throw .failed(operation, on: path, code: EINVAL)
        }
        return offset
    }
}
