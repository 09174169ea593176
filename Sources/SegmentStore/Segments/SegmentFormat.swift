// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, segments. The pages of a segment; this file owns every offset in them.
// Integers are little-endian. docs/format/segments.md carries the same drawing.
//
// DRAWING segment
//   pages of the object, in this order:
//     blocks . order pages . stream pages . type pages . footer
//   row: number of an event in the segment, by (stream hash rotated right by 5, stream, version)
//
//   column of n values: base u64 and width w (0 to 8) stand in the head of the page; value i is
//     base + its delta, whose byte k is byte k*n + i of the column's w*n bytes
//
//   block: rows from one first row on; 32 KiB at most, or one row
//        +-------+-------+-------+-------+-------+-------+-------+-------+
//      0 | row count n                   | offset of the row bytes       |
//      8 |width P|width L|width Y|width T|width F| x     | zero          |
//     16 | base of P: position, less the segment's first                 |
//     24 | base of L: byte count of the row                              |
//     32 | base of Y: number of the type in the type pages               |
//     40 | base of T: time, nanoseconds since 1970 plus 2^63             |
//     48 | base of F: flags: 1 JSON, 2 metadata, 4 stored id             |
//     56 | u32 for every 16th row: its offset in the row bytes           |
//        | columns P, L, Y, T, F; a time is base + delta * 10^x,         |
//        | x one of 0, 3, 6, 9                                           |
//        | bytes of the rows, each: [id, 16 bytes, the higher first]     |
//        | [varint byte count, metadata] data                            |
//        +-------+-------+-------+-------+-------+-------+-------+-------+
//
//   order page: two groups of 4,096 positions (the last page and group may be shorter)
//        +-------+-------+-------+-------+-------+-------+-------+-------+
//        | 32 times u32: events of each partition before the group, in   |
//        | this segment                                                  |
//        | rows of its g positions: planes of g bytes, 1 plane up to 256 |
//        | events in the segment, 2 up to 65,536, else 3                 |
//        +-------+-------+-------+-------+-------+-------+-------+-------+
//
//   stream page and type page: names in order
//        +-------+-------+-------+-------+-------+-------+-------+-------+
//      0 | name count n                  | offset of the names           |
//      8 |width E|width R|width V| zero                                  |
//     16 | base of E: end of the name, from the first name's start       |
//     24 | base of R: of a stream its first row, of a type its events    |
//     32 | base of V: of a stream its first version, of a type 0         |
//     40 | columns E, R, V; then the names without padding               |
//        +-------+-------+-------+-------+-------+-------+-------+-------+
//
//   footer
//        +-------+-------+-------+-------+-------+-------+-------+-------+
//      0 | magic "FKSEGMNT"                                              |
//      8 | format version = 1            | event count                   |
//     16 | first position                                                |
//     24 | seed of derived ids                                           |
//     32 | block count                   | stream page count             |
//     40 | type page count               | stream count                  |
//     48 | type count                    | overlay count                 |
//     56 | types before, or 2^32-1       | zero                          |
//     64 | bytes of all events before                                    |
//     72 | latest time before, -2^63 where there is none                 |
//     80 | streams before                                                |
//     88 | bytes after   | latest time after | streams after  (8 each)   |
//    112 | 32 times u32: first row of each partition                     |
//    240 | 32 times u64: sequence of each partition before               |
//    496 | blocks, 28 each: first row u32, earliest time, latest time,   |
//        |   set of types u64 (bit: type number modulo 64)               |
//        | stream pages, 8 each: first row u32, first stream u32         |
//        | type pages, 4 each: first type u32                            |
//        | overlays, 24 each: overlay, from position, to position        |
//        | types before, by name: count u64, length u8, name             |
//        +-------+-------+-------+-------+-------+-------+-------+-------+
// END DRAWING

package enum SegmentFormat {
    package static let version: UInt32 = 1
    package static let eventCountMax = EventLimits.segmentEventCount
    /// Types of which `HistoryTotals` counts events; with more they are no longer counted.
    package static let countedTypesMax = 1024

    enum Block {
        static let headerByteCount = 56
        static let widthsOffset = 8
        static let timeScaleOffset = 13
        static let basesOffset = 16
        static let rowsPerSample = 16
        /// More rows than a page of `ObjectFormat.pageByteCountUsual` has room for.
        static let rowCountMax = 2048
        /// What a row is taken to cost beside its bytes when a block is filled.
        static let rowOverheadByteCount = 16
        /// Positions 3, lengths 4, types 3, times 8, flags 1: a byte each, the first lowest.
        static let widthsMax: UInt64 = 0x01_08_03_04_03
    }

    /// What is set in a row's flags.
    enum RowFlags {
        static let json: UInt8 = 1
        static let metadata: UInt8 = 2
        static let storedID: UInt8 = 4
        static let all: UInt8 = 7
    }

    enum Order {
        static let groupPositionCount = 4096
        static let groupsPerPage = 2
        static let pagePositionCount = groupPositionCount * groupsPerPage
        static let countsByteCount = Partition.count * 4

        static func rowWidth(eventCount: Int) -> Int {
            eventCount <= 1 << 8 ? 1 : eventCount <= 1 << 16 ? 2 : 3
        }

        static func pageCount(eventCount: Int) -> Int {
            (eventCount + pagePositionCount - 1) / pagePositionCount
        }
    }

    enum Names {
        static let headerByteCount = 40
        static let widthsOffset = 8
        static let basesOffset = 16
        /// Ends 4, rows 4, versions 8: a byte each, the first lowest.
        static let widthsMax: UInt64 = 0x08_04_04
        /// What a name is taken to cost beside its bytes when a page is filled.
        static let nameOverheadByteCount = 12
    }

    enum Footer {
        /// "FKSEGMNT" as a little-endian word.
        static let magic: UInt64 = 0x544e_4d47_4553_4b46
        static let headerByteCount = 496
        static let partitionRowsOffset = 112
        static let sequencesOffset = 240
        static let blockByteCount = 28
        static let streamPageByteCount = 8
        static let typePageByteCount = 4
        static let overlayByteCount = 24
        /// In place of the number of types before: there were too many to count.
        static let typesIncomplete = UInt32.max
    }
}
