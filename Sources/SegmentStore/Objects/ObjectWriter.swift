// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, objects. Writes one object, page by page, hashing as it goes; what is in
// memory is one step of writing, not the object.
import CLZ4
import CXXHash

/// An object being written. Dropped without `finish`, it leaves nothing behind.
package struct ObjectWriter: ~Copyable {
    package let kind: ObjectKind
    package private(set) var pageCount = 0
    /// Bytes so far, as stored, without directory and trailer.
    package private(set) var byteCount: UInt64 = 0

    private let pageCountMax: Int
    private let upload: any ObjectUpload
    private var hasher = ObjectHasher()
    private var pending: ByteSink
    private var directory = ByteSink(capacity: 1024)

    /// Bytes are handed on, and their writeback begun, in steps of this many.
    private static let stepByteCount = 1 << 20

    init(_ kind: ObjectKind, to upload: any ObjectUpload) {
        self.kind = kind
        pageCountMax = ObjectFormat.pageCountMax(kind)
        self.upload = upload
        pending = ByteSink(capacity: Self.stepByteCount + (64 << 10))
        ObjectFormat.writeHeader(kind, to: pending.extend(by: ObjectFormat.headerByteCount))
        byteCount = UInt64(ObjectFormat.headerByteCount)
    }

    /// Appends a page of 1 byte to 17 MiB and returns its index. With `compress` it is stored as
    /// LZ4 where that saves at least a sixteenth. Page and index never change. Throws `.limit` for
    /// a larger page, and for one more page than an object of the kind has.
    package mutating func appendPage(
        _ raw: UnsafeRawBufferPointer, compress: Bool = true
    ) throws(StorageError) -> UInt32 {
        precondition(!raw.isEmpty, "a page has at least one byte")
        guard raw.count <= ObjectFormat.pageByteCountMax else {
            throw .limit(
                what: "page", limit: ObjectFormat.pageByteCountMax, actual: raw.count)
        }
        guard pageCount < pageCountMax else {
            throw .limit(
                what: "pages of an object", limit: pageCountMax, actual: pageCount + 1)
        }
        let start = pending.count
        let isCompressed = compress && appendCompressed(raw)
        if !isCompressed { pending.append(raw) }
        let stored = pending.bytes.slice(start, pending.count - start)
        let location = PageLocation(
            offset: byteCount,
            storedByteCount: UInt32(stored.count),
            rawByteCount: UInt32(raw.count),
            checksum: forkctl_hash64(stored.baseAddress, stored.count),
            isCompressed: isCompressed)
        ObjectFormat.appendDirectoryEntry(location, to: &directory)
        byteCount += UInt64(stored.count)
        if pending.count >= Self.stepByteCount { try handOn() }
        pageCount += 1
        return UInt32(pageCount - 1)
    }

    /// Writes directory and trailer, and makes the object durable under its address. An object has
    /// at least one page.
    package consuming func finish() throws(StorageError) -> PublishedObject {
        precondition(pageCount > 0, "an object has at least one page")
        let trailer = ObjectTrailer(
            kind: kind,
            pageCount: pageCount,
            directoryOffset: byteCount,
            directoryChecksum: forkctl_hash64(directory.bytes.baseAddress, directory.count),
            byteCount: byteCount + UInt64(directory.count + ObjectFormat.trailerByteCount))
        pending.append(directory.bytes)
        trailer.write(to: pending.extend(by: ObjectFormat.trailerByteCount))
        try handOn()
        return try upload.publish(as: ObjectID(address: hasher.address(), kind: kind))
    }

    private mutating func handOn() throws(StorageError) {
        hasher.update(pending.bytes)
        try upload.append(pending.bytes)
        pending.removeAll()
    }

    /// Appends the page as LZ4; false, and nothing appended, where that saves too little.
    private mutating func appendCompressed(_ raw: UnsafeRawBufferPointer) -> Bool {
        let room = raw.count - raw.count / 16 - 1
        guard room > 0 else { return false }
        let start = pending.count
        let target = pending.extend(by: room)
        let count = LZ4_compress_default(
            raw.baseAddress, target.baseAddress, Int32(raw.count), Int32(room))
        pending.removeLast(pending.count - start - Int(Swift.max(0, count)))
        return count > 0
    }
}
