// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, journal. How one event lies in a frame, and so in the memory of the tail.
// Owns every offset of a record; `EventRecord` reads by them, `EventBatch` writes by them.
//
//      0       1       2       3       4       5       6       7
//    +-------+-------+-------+-------+-------+-------+-------+-------+
//  0 | record length, all of it      | flags |stream |type   |   0   |
//    |                               |       |length |length |       |
//    +-------+-------+-------+-------+-------+-------+-------+-------+
//  8 | version                                                       |
//    +---------------------------------------------------------------+
// 16 | time, nanoseconds since 1970 (signed)                         |
//    +-------------------------------+-------------------------------+
// 24 | metadata length               | data length                   |
//    +-------------------------------+-------------------------------+
// 32 | id, high word then low word: 16 bytes, only with flag 2       |
//    +---------------------------------------------------------------+
//    | stream | type | metadata | data, unpadded                     |
//    +---------------------------------------------------------------+
//
//    flags: 1 data is JSON, 2 the id is stored, 4 there is metadata (perhaps empty); others 0
//
// All integers are little-endian. The version is the one field written under the writer's lock.

package enum EventRecordFormat {
    package static let byteCountOffset = 0
    package static let flagsOffset = 4
    package static let streamByteCountOffset = 5
    package static let typeByteCountOffset = 6
    package static let zeroOffset = 7
    package static let versionOffset = 8
    package static let timeOffset = 16
    package static let metadataByteCountOffset = 24
    package static let dataByteCountOffset = 28
    package static let headByteCount = 32
    package static let idByteCount = 16

    package static let jsonFlag: UInt8 = 1
    package static let storedIDFlag: UInt8 = 2
    package static let metadataFlag: UInt8 = 4
    package static let allFlags: UInt8 = 7

    /// The smallest record: a stream and a type of one byte, and nothing else.
    package static let byteCountMin = headByteCount + 2
    /// What a record may hold beside its data and metadata.
    package static let overheadByteCountMax =
        headByteCount + idByteCount + EventLimits.streamByteCount + EventLimits.typeByteCount
    /// The largest record.
    package static let byteCountMax = overheadByteCountMax + EventLimits.eventByteCount

    /// Versions and positions read from disk are below this, so that adding a count to one
    /// cannot overflow.
    package static let numberLimit: UInt64 = 1 << 62
}
