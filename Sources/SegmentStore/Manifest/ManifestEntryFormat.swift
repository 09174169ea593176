// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, manifest. The keys and values of the entries that a store's manifest has.
// Keys are big-endian, so that they sort by position; values are little-endian but for addresses.
// docs/format/manifest.md carries the same drawing.
//
// DRAWING entries
//   byte   0       1       2       3       4       5       6       7
//        +-------+-------+-------+-------+-------+-------+-------+-------+
//      0 | tag   | first position, big-endian                            :  key,
//      8 :       |                                                          9 bytes
//        +-------+
//
//   Tag "R" (0x52) is a run, tag "S" (0x53) is a segment.
//
//        +-------+-------+-------+-------+-------+-------+-------+-------+
//      0 | address of the segment,                                       |  value of
//      8 | big-endian                                                    |  a segment,
//     16 | end: the position after its last event that counts            |  64 bytes
//     24 | overlay of its first event                                    |
//     32 | byte count of the object                                      |
//     40 | logical bytes of all events before its first                  |
//     48 | latest time of all events before its first, i64               |
//     56 | streams in all events before its first                        |
//        +-------+-------+-------+-------+-------+-------+-------+-------+
//
//        +-------+-------+-------+-------+-------+-------+-------+-------+
//      0 | address of the run,                                           |  value of
//      8 | big-endian                                                    |  a run,
//     16 | end: the position after its last event that counts            |  48 bytes
//     24 | streams in the run                                            |
//     32 | byte count of the object                                      |
//     40 | filter| zero                                                  |
//        +-------+-------+-------+-------+-------+-------+-------+-------+
//
//   The events before a segment's first are as many as its first position says. The latest time of
//   no events is the least i64. filter: 1 where the run has one, else 0. Positions are below 2^62.
//   A trim lowers an end; the object stays the same. The segments of a root, by position, leave no
//   gap from 0 to its end and do not overlap; nor do its runs.
// END DRAWING

enum ManifestEntryFormat {
    static let runTag = UInt8(ascii: "R")
    static let segmentTag = UInt8(ascii: "S")
    static let keyByteCount = 9
    static let segmentByteCount = 64
    static let runByteCount = 48
    /// Positions are below this, so that sums of two never overflow.
    static let positionMax: UInt64 = 1 << 62

    static let endOffset = 16
    static let overlayOffset = 24
    static let segmentSizeOffset = 32
    static let bytesBeforeOffset = 40
    static let latestTimeBeforeOffset = 48
    static let streamsBeforeOffset = 56
    static let streamCountOffset = 24
    static let runSizeOffset = 32
    static let filterOffset = 40
}

/// The keys of a store's manifest.
enum ManifestKey {
    static func segment(_ first: Position) -> [UInt8] {
        key(ManifestEntryFormat.segmentTag, first)
    }

    static func run(_ first: Position) -> [UInt8] { key(ManifestEntryFormat.runTag, first) }

    private static func key(_ tag: UInt8, _ first: Position) -> [UInt8] {
        var key: [UInt8] = []
        key.reserveCapacity(ManifestEntryFormat.keyByteCount)
        key.append(tag)
        key.appendBigEndian(first.rawValue)
        return key
    }

    /// The position in a key of this tag; nil for any other key.
    static func first(_ key: [UInt8], tag: UInt8) -> Position? {
        guard key.count == ManifestEntryFormat.keyByteCount, key[0] == tag else { return nil }
        return Position(key.bigEndian64(at: 1))
    }
}

extension ObjectAddress {
    func encode(into bytes: inout [UInt8]) {
        bytes.appendBigEndian(high)
        bytes.appendBigEndian(low)
    }

    /// Reads the 16 bytes at `index`; traps outside `bytes`.
    init<Bytes: RandomAccessCollection>(
        _ bytes: Bytes, at index: Int
    ) where Bytes.Element == UInt8, Bytes.Index == Int {
        self.init(high: bytes.bigEndian64(at: index), low: bytes.bigEndian64(at: index + 8))
    }
}
