// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, backup. The one file that says what a backup consists of: a head, records, and a
// checksum over all of it, which is compared before any of it is used (invariant 6).
import Glibc
import SegmentStore

enum BackupIndexFormat {
    /// "forkbckp" read as a little-endian number.
    static let magic: UInt64 = 0x706b_6362_6b72_6f66
    /// Magic, version, four zeros.
    static let headByteCount = 16
    static let recordHeadByteCount = 5
    static let checksumByteCount = ObjectAddress.byteCount
}

/// Writes an index; nobody sees it before `finish` and a rename.
final class BackupIndexWriter {
    private let file: any File
    private var sink = ByteSink(capacity: 1 << 18)
    private var hasher = ObjectHasher()
    private var offset: UInt64 = 0

    private static let chunkByteCount = 1 << 17

    init(on file: any File) {
        self.file = file
        sink.append(BackupIndexFormat.magic)
        sink.append(BackupLayout.formatVersion)
        sink.append(UInt32(0))
    }

    func append(_ record: BackupRecord) throws(ForkError) {
        let start = sink.count
        sink.append(record.kind)
        sink.append(UInt32(0))
        let payload = sink.count
        try record.encode(into: &sink)
        sink.mutableBytes.set(UInt32(sink.count - payload), at: start + 1)
        if sink.count >= Self.chunkByteCount { try writeChunk() }
    }

    /// Makes all of it durable, under the name that it was made with.
    func finish() throws(ForkError) {
        try writeChunk()
        hasher.address().write(to: sink.extend(by: BackupIndexFormat.checksumByteCount))
        try writeChunk()
        try onBackup { () throws(StorageError) in try file.sync() }
    }

    private func writeChunk() throws(ForkError) {
        hasher.update(sink.bytes)
        do throws(StorageError) {
            try file.write(sink.bytes, at: offset)
        } catch {
            throw .onBackup(error)
        }
        offset += UInt64(sink.count)
        sink.removeAll()
    }
}

/// Reads an index that was found whole.
struct BackupIndexReader {
    private let file: any File
    private let end: UInt64

    private static let windowByteCount = 1 << 18

    /// Reads all of it once and compares its checksum. nil: there is no index, so that no backup
    /// was ever completed here.
    init?(in fileSystem: any FileSystem) throws(StorageError) {
        do throws(StorageError) {
            file = try fileSystem.open(BackupLayout.index, for: .read)
        } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
        let byteCount = try file.byteCount()
        let least = BackupIndexFormat.headByteCount + BackupIndexFormat.checksumByteCount
        guard byteCount >= UInt64(least) else { throw Self.damage("it is cut short") }
        end = byteCount - UInt64(BackupIndexFormat.checksumByteCount)
        var hasher = ObjectHasher()
        let last = try file.readChunks(upTo: end) { hasher.update($0) }
        let tail = try file.readBytes(at: end, count: BackupIndexFormat.checksumByteCount)
        guard last == end, tail.count == BackupIndexFormat.checksumByteCount,
            tail == hasher.address().bytes
        else { throw Self.damage("its checksum does not match") }
        let head = try file.readBytes(at: 0, count: BackupIndexFormat.headByteCount)
        let (magic, version) = head.span.withUnsafeBytes {
            ($0.uint64(at: 0), $0.uint32(at: 8))
        }
        guard magic == BackupIndexFormat.magic else { throw Self.damage("it is no index") }
        guard version <= BackupLayout.formatVersion else {
            throw .newerFormat(
                path: BackupLayout.index, version: version, supported: BackupLayout.formatVersion)
        }
    }

    /// Calls `body` with each record, in order. Memory: one window.
    func forEach(_ body: (BackupRecord) throws(ForkError) -> Void) throws(ForkError) {
        var offset = UInt64(BackupIndexFormat.headByteCount)
        while offset < end {
            let count = Int(min(UInt64(Self.windowByteCount), end - offset))
            let window = try lifting { () throws(StorageError) in
                try file.readBytes(at: offset, count: count)
            }
            var used = 0
            while used < window.count {
                let record = try Self.record(
                    window, &used, offset, isLast: offset + UInt64(count) == end)
                guard let record else { break }
                try body(record)
            }
            guard used > 0 else {
                throw ForkError(Self.damage("a record goes on behind its end"))
            }
            offset += UInt64(used)
        }
    }

    /// The record at `used`; nil where the window ends inside of it and the file goes on.
    private static func record(
        _ window: [UInt8], _ used: inout Int, _ offset: UInt64, isLast: Bool
    ) throws(ForkError) -> BackupRecord? {
        let start = used
        do throws(StorageError) {
            let headEnd = start + BackupIndexFormat.recordHeadByteCount
            guard headEnd <= window.count else {
                if isLast { throw damage("its last record is cut short") }
                return nil
            }
            let size = window.span.withUnsafeBytes { Int($0.uint32(at: start + 1)) }
            guard size <= BackupRecord.byteCountMax else {
                throw damage("it holds a record of \(size) bytes")
            }
            guard headEnd + size <= window.count else {
                if isLast { throw damage("its last record is cut short") }
                return nil
            }
            used = headEnd + size
            return try window.span.withUnsafeBytes {
                (bytes: UnsafeRawBufferPointer) throws(StorageError) in
                var cursor = ByteCursor(
                    UnsafeRawBufferPointer(rebasing: bytes[headEnd..<headEnd + size]),
                    path: BackupLayout.index, fileOffset: offset + UInt64(headEnd))
                return try BackupRecord.decode(kind: bytes[start], &cursor)
            }
        } catch {
            throw ForkError(error)
        }
    }

    private static func damage(_ reason: String) -> StorageError {
        .damaged(.init(path: BackupLayout.index, offset: nil, reason: reason))
    }
}

extension File {
    /// Up to `count` bytes from `offset`, fewer where the file ends.
    func readBytes(at offset: UInt64, count: Int) throws(StorageError) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 8)
        defer { buffer.deallocate() }
        return Array(buffer.prefix(try read(into: buffer, at: offset)))
    }

    /// Lends the bytes below `end` in order, and answers how many there were.
    func readChunks(
        upTo end: UInt64, _ body: (UnsafeRawBufferPointer) throws(StorageError) -> Void
    ) throws(StorageError) -> UInt64 {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var offset: UInt64 = 0
        while offset < end {
            let wanted = Int(min(UInt64(buffer.count), end - offset))
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
            let count = try read(into: part, at: offset)
            if count == 0 { break }
            try body(UnsafeRawBufferPointer(rebasing: part[..<count]))
            offset += UInt64(count)
        }
        return offset
    }
}

/// Runs work on a backup's folder, so that what fails is not taken for the store's.
func onBackup<Result>(_ body: () throws(StorageError) -> Result) throws(ForkError) -> Result {
    do throws(StorageError) {
        return try body()
    } catch {
        throw .onBackup(error)
    }
}

extension ForkError {
    /// What failed in a backup's folder.
    static func onBackup(_ error: StorageError) -> ForkError {
        if error.isNoSpace {
            return ForkError(
                .noSpace,
                "the backup's disk is full: free space there and start again; the backup before is"
                    + " whole", underlying: error)
        }
        if error.isReadOnly {
            return ForkError(
                .denied,
                "the backup's folder cannot be used: \(error): choose a folder in which you may"
                    + " write", underlying: error)
        }
        if error.isDamage {
            return ForkError(
                .damaged,
                "the backup is damaged: \(error): 'forkctl backup' into it makes it whole again",
                underlying: error)
        }
        if case .fileSystem(let failure) = error, error.isNoFile {
            return ForkError(
                .denied,
                "'\(failure.path)' in the backup's folder is not the file that a backup has there:"
                    + " move it away", underlying: error)
        }
        return ForkError(
            .system, "in the backup's folder: \(error)", underlying: error)
    }
}

extension StorageError {
    /// A folder, a link or a pipe stands where a file belongs, or a file where a folder does.
    var isNoFile: Bool { [EISDIR, ENOTDIR, ELOOP, EINVAL, ENXIO].contains(errno) }
}
