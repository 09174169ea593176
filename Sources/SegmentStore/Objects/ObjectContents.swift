// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, objects. What opening an object reads, and what verifying it reads.
import CXXHash

/// The directory of an object, checked against its trailer and its length.
struct ObjectContents {
    let directory: [PageLocation]

    /// Enough for the trailer and 252 pages, which is one read for most objects.
    private static let endByteCount = 4096

    init(of id: ObjectID, in source: any ObjectSource) throws(StorageError) {
        let byteCount = source.byteCount
        guard byteCount >= UInt64(ObjectFormat.objectByteCountMin) else {
            throw id.damage(at: byteCount, "it is cut off")
        }
        let first = Int(Swift.min(byteCount, UInt64(Self.endByteCount)))
        let trailer: ObjectTrailer
        do {
            let end = try EndOfObject(of: id, in: source, byteCount: first)
            trailer = try ObjectTrailer(
                end.bytes.slice(
                    first - ObjectFormat.trailerByteCount, ObjectFormat.trailerByteCount),
                of: id, byteCount: byteCount)
            let needed = byteCount - trailer.directoryOffset
            if needed <= UInt64(first) {
                directory = try Self.directory(
                    in: end.bytes.slice(first - Int(needed), Int(needed)), of: id, trailer)
                return
            }
        }
        // The trailer's numbers were checked against the length and against what the kind allows.
        let end = try EndOfObject(
            of: id, in: source, byteCount: Int(byteCount - trailer.directoryOffset))
        directory = try Self.directory(in: end.bytes, of: id, trailer)
    }

    /// `end`: directory and trailer.
    private static func directory(
        in end: UnsafeRawBufferPointer, of id: ObjectID, _ trailer: ObjectTrailer
    ) throws(StorageError) -> [PageLocation] {
        let bytes = end.slice(0, end.count - ObjectFormat.trailerByteCount)
        guard forkctl_hash64(bytes.baseAddress, bytes.count) == trailer.directoryChecksum else {
            throw id.damage(
                at: trailer.directoryOffset, "the checksum of its directory does not match")
        }
        return try ObjectFormat.readDirectory(bytes, of: id, trailer: trailer)
    }

    /// Reads all of an object in order, from the medium, and compares header and address.
    static func verify(_ id: ObjectID, in source: any ObjectSource) throws(StorageError) {
        source.dropCache()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var hasher = ObjectHasher()
        var offset: UInt64 = 0
        while offset < source.byteCount {
            let count = try source.read(into: buffer, at: offset)
            guard count > 0 else { throw id.damage(at: offset, "it is cut off") }
            let bytes = UnsafeRawBufferPointer(buffer).slice(0, count)
            if offset == 0, !ObjectFormat.isHeader(bytes, of: id.kind) {
                throw id.damage(at: 0, "its header is not one")
            }
            hasher.update(bytes)
            offset += UInt64(count)
        }
        guard hasher.address() == id.address else {
            throw id.damage(at: nil, "its bytes are not those of its address")
        }
    }
}

/// The last bytes of an object, in memory of their own.
private struct EndOfObject: ~Copyable {
    private let memory: UnsafeMutableRawBufferPointer

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(memory) }

    /// The caller has checked that the object has `byteCount` bytes.
    init(
        of id: ObjectID, in source: any ObjectSource, byteCount: Int
    ) throws(StorageError) {
        let offset = source.byteCount - UInt64(byteCount)
        memory = .allocate(byteCount: byteCount, alignment: 16)
        guard try source.read(into: memory, at: offset) == byteCount else {
            throw id.damage(at: offset, "it is cut off")
        }
    }

    deinit { memory.deallocate() }
}
