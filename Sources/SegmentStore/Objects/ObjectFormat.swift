// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, objects. The bytes common to all objects; this file owns every offset.
// Integers are little-endian. docs/format/objects.md carries the same drawing.
//
// DRAWING object
//   byte   0       1       2       3       4       5       6       7
//        +-------+-------+-------+-------+-------+-------+-------+-------+
//      0 | magic "FKOBJECT"                                              |  header,
//      8 | format version = 1            | kind  | zero                  |  16 bytes
//        +-------+-------+-------+-------+-------+-------+-------+-------+
//     16 | page 0 as stored, then page 1, ... without padding            |  pages
//        ~                                                               ~
//        +-------+-------+-------+-------+-------+-------+-------+-------+
//      d | stored byte count, bit 31: LZ4| raw byte count                |  directory,
//        | XXH3-64 of the stored bytes                                   |  16 bytes a page
//        ~                                                               ~
//        +-------+-------+-------+-------+-------+-------+-------+-------+
//      t | magic "FKTRAILR"                                              |  trailer,
//    t+8 | format version = 1            | kind  | zero                  |  64 bytes
//   t+16 | page count                    | zero                          |
//   t+24 | directory offset d                                            |
//   t+32 | XXH3-64 of the directory                                      |
//   t+40 | byte count of the whole object                                |
//   t+48 | zero                                                          |
//   t+56 | XXH3-64 of the trailer's first 56 bytes                       |
//        +-------+-------+-------+-------+-------+-------+-------+-------+
//
//   kind: 1 segment, 2 run, 3 nodes. The address is the XXH3-128 of all of it. A page is stored
//   raw or, where that saves something, as one LZ4 block (bit 31 of its stored byte count). Raw
//   it has 1 byte to 17 MiB. What a kind keeps about itself is its last page. An object has at
//   least one page, and at most 2^20 (segment), 2^22 (run) or 2^16 (nodes).
// END DRAWING
import CXXHash

package enum ObjectFormat {
    package static let version: UInt32 = 1
    static let headerByteCount = 16
    static let directoryEntryByteCount = 16
    static let trailerByteCount = 64
    /// "FKOBJECT" and "FKTRAILR", read as little-endian words.
    static let headerMagic: UInt64 = 0x5443_454a_424f_4b46
    static let trailerMagic: UInt64 = 0x524c_4941_5254_4b46
    static let isCompressedFlag: UInt32 = 1 << 31

    /// The most bytes a page may have raw: an event of 16 MiB and what surrounds it.
    package static let pageByteCountMax = 17 << 20
    /// What a page has at most, unless one thing in it is larger than that.
    package static let pageByteCountUsual = 32 << 10
    /// The most pages that an object has: more than any of its kind has use for, and few enough that
    /// no directory makes a reader allocate more than 64 MiB for it, whatever its trailer says.
    package static func pageCountMax(_ kind: ObjectKind) -> Int {
        switch kind {
        case .segment: 1 << 20
        case .run: 1 << 22
        case .nodes: 1 << 16
        }
    }

    /// The smallest object: one page of one byte.
    static let objectByteCountMin = headerByteCount + 1 + directoryEntryByteCount + trailerByteCount
}

// MARK: Header

extension ObjectFormat {
    static func writeHeader(_ kind: ObjectKind, to target: UnsafeMutableRawBufferPointer) {
        target.set(headerMagic, at: 0)
        target.set(version, at: 8)
        target.set(UInt32(kind.rawValue), at: 12)
    }

    /// Whether `bytes`, the first 16 of an object, are the one header that its kind has.
    static func isHeader(_ bytes: UnsafeRawBufferPointer, of kind: ObjectKind) -> Bool {
        bytes.count >= headerByteCount && bytes.uint64(at: 0) == headerMagic
            && bytes.uint32(at: 8) == version && bytes.uint32(at: 12) == UInt32(kind.rawValue)
    }
}

// MARK: Directory

/// Where one page lies in its object, and what it must be.
struct PageLocation: Equatable {
    var offset: UInt64
    var storedByteCount: UInt32
    var rawByteCount: UInt32
    var checksum: UInt64
    var isCompressed: Bool
}

extension ObjectFormat {
    static func appendDirectoryEntry(_ page: PageLocation, to sink: inout ByteSink) {
        sink.append(page.storedByteCount | (page.isCompressed ? isCompressedFlag : 0))
        sink.append(page.rawByteCount)
        sink.append(page.checksum)
    }

    /// Decodes a directory whose checksum holds. The pages must fill the space between header and
    /// directory exactly, and each must have a possible size.
    static func readDirectory(
        _ bytes: UnsafeRawBufferPointer, of id: ObjectID, trailer: ObjectTrailer
    ) throws(StorageError) -> [PageLocation] {
        var pages: [PageLocation] = []
        pages.reserveCapacity(trailer.pageCount)
        var offset = UInt64(headerByteCount)
        for index in 0..<trailer.pageCount {
            let place = index * directoryEntryByteCount
            let stored = bytes.uint32(at: place)
            let page = PageLocation(
                offset: offset,
                storedByteCount: stored & ~isCompressedFlag,
                rawByteCount: bytes.uint32(at: place + 4),
                checksum: bytes.uint64(at: place + 8),
                isCompressed: stored & isCompressedFlag != 0)
            guard page.hasPossibleSize else {
                throw id.damage(
                    at: trailer.directoryOffset + UInt64(place),
                    "page \(index) has an impossible size")
            }
            offset += UInt64(page.storedByteCount)
            pages.append(page)
        }
        guard offset == trailer.directoryOffset else {
            throw id.damage(at: trailer.directoryOffset, "the pages do not fill the object")
        }
        return pages
    }
}

extension PageLocation {
    var hasPossibleSize: Bool {
        let isSmaller = storedByteCount < rawByteCount
        return rawByteCount > 0 && rawByteCount <= UInt32(ObjectFormat.pageByteCountMax)
            && storedByteCount > 0
            && (isCompressed ? isSmaller : storedByteCount == rawByteCount)
    }
}

// MARK: Trailer

struct ObjectTrailer: Equatable {
    var kind: ObjectKind
    var pageCount: Int
    var directoryOffset: UInt64
    var directoryChecksum: UInt64
    var byteCount: UInt64
}

extension ObjectTrailer {
    func write(to target: UnsafeMutableRawBufferPointer) {
        target.set(ObjectFormat.trailerMagic, at: 0)
        target.set(ObjectFormat.version, at: 8)
        target.set(UInt32(kind.rawValue), at: 12)
        target.set(UInt64(pageCount), at: 16)
        target.set(directoryOffset, at: 24)
        target.set(directoryChecksum, at: 32)
        target.set(byteCount, at: 40)
        target.set(0 as UInt64, at: 48)
        target.set(forkctl_hash64(target.baseAddress, 56), at: 56)
    }

    /// Reads the last 64 bytes of an object that has `byteCount` bytes.
    init(
        _ bytes: UnsafeRawBufferPointer, of id: ObjectID, byteCount: UInt64
    ) throws(StorageError) {
        let offset = byteCount - UInt64(ObjectFormat.trailerByteCount)
        guard bytes.uint64(at: 0) == ObjectFormat.trailerMagic,
            bytes.uint64(at: 56) == forkctl_hash64(bytes.baseAddress, 56)
        else { throw id.damage(at: offset, "its trailer is not one, or is cut off") }
        let version = bytes.uint32(at: 8)
        guard version == ObjectFormat.version else {
            throw .newerFormat(path: id.path, version: version, supported: ObjectFormat.version)
        }
        kind = id.kind
        directoryOffset = bytes.uint64(at: 24)
        directoryChecksum = bytes.uint64(at: 32)
        self.byteCount = bytes.uint64(at: 40)
        let pages = bytes.uint64(at: 16)
        let room = offset - UInt64(ObjectFormat.headerByteCount)
        // `pages` is bounded, by what the file has room for and by what the kind allows, before it is
        // multiplied and before anything is allocated for it: a sparse file is as long as it likes.
        guard bytes.uint32(at: 12) == UInt32(kind.rawValue), bytes.uint64(at: 48) == 0,
            self.byteCount == byteCount,
            pages > 0, pages <= UInt64(ObjectFormat.pageCountMax(kind)),
            pages <= room / UInt64(ObjectFormat.directoryEntryByteCount + 1),
            directoryOffset == offset - pages * UInt64(ObjectFormat.directoryEntryByteCount)
        else { throw id.damage(at: offset, "its trailer does not fit the object") }
        pageCount = Int(pages)
    }
}

extension ObjectID {
    package func damage(at offset: UInt64?, _ reason: String) -> StorageError {
        .damaged(.init(path: path, offset: offset, reason: reason))
    }
}
