// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, journal. How a journal file lies on disk. Owns every offset of the file's
// header and of a frame's head; `docs/format/journal.md` shows the same drawings, and a test
// holds the two equal.
//
// A journal file: header, then frames without padding, then zeros written before they are needed.
//
//    +--------+-------+-------+-------+- -+-----------------+
//    | header | frame | frame | frame |   | zeros           |
//    +--------+-------+-------+-------+- -+-----------------+
//    0        64                          end
//
// The header, 64 bytes:
//
//      0       1       2       3       4       5       6       7
//    +-------+-------+-------+-------+-------+-------+-------+-------+
//  0 | "forkjrnl"                                                    |
//    +-------------------------------+-------------------------------+
//  8 | format version, 1             | journal number                |
//    +-------------------------------+-------------------------------+
// 16 | overlay                                                       |
//    +---------------------------------------------------------------+
// 24 | the store's seed                                              |
//    +---------------------------------------------------------------+
// 32 | zeros, 24 bytes                                               |
//    +---------------------------------------------------------------+
// 56 | XXH3-64 of bytes 0 ..< 56                                     |
//    +---------------------------------------------------------------+
//
// A frame: a head of 72 bytes, then the records of one atomic batch:
//
//      0       1       2       3       4       5       6       7
//    +-------+-------+-------+-------+-------+-------+-------+-------+
//  0 | XXH3-64, seeded, of all that follows: 8 ..< end of payload    |
//    +-------------------------------+-------------------------------+
//  8 | magic: F7 66 72 6D            | XXH3-64, seeded, low half,    |
//    |                               | of bytes 16 ..< 72            |
//    +-------------------------------+-------------------------------+
// 16 | payload length                | record count                  |
//    +-------------------------------+-------------------------------+
// 24 | overlay                                                       |
//    +-------------------------------+-------------------------------+
// 32 | journal number                | writer's epoch                |
//    +-------------------------------+-------------------------------+
// 40 | own offset in the file                                        |
//    +---------------------------------------------------------------+
// 48 | position of the first record                                  |
//    +---------------------------------------------------------------+
// 56 | checksum of the frame before; of the header for the first     |
//    +---------------------------------------------------------------+
// 64 | durable end when this frame was made, at most own offset      |
//    +---------------------------------------------------------------+
// 72 | payload: records, unpadded                                    |
//    +---------------------------------------------------------------+
//
// All integers are little-endian. Seeded sums take the store's seed, so that bytes which a client
// chose cannot pass for a frame. A frame of no records closes the journal: nothing follows it.
// The magic's first byte occurs in no UTF-8 text, which makes the search for frames quick.

package enum JournalFormat {
    package static let version: UInt32 = 1
    /// The folder that holds all journals.
    package static let folder = "journals"

    /// "forkjrnl" read as a little-endian number.
    package static let headerMagic: UInt64 = 0x6c6e_726a_6b72_6f66
    package static let headerMagicOffset = 0
    package static let headerVersionOffset = 8
    package static let headerNumberOffset = 12
    package static let headerOverlayOffset = 16
    package static let headerSeedOffset = 24
    package static let headerChecksumOffset = 56
    package static let headerByteCount = 64

    package static let frameMagicBytes: [UInt8] = [0xf7, 0x66, 0x72, 0x6d]
    package static let frameMagic: UInt32 = 0x6d72_66f7
    package static let frameChecksumOffset = 0
    package static let frameMagicOffset = 8
    package static let frameHeadCheckOffset = 12
    package static let framePayloadByteCountOffset = 16
    package static let frameRecordCountOffset = 20
    package static let frameOverlayOffset = 24
    package static let frameNumberOffset = 32
    package static let frameEpochOffset = 36
    package static let frameOwnOffsetOffset = 40
    package static let frameFirstPositionOffset = 48
    package static let framePreviousChecksumOffset = 56
    package static let frameDurableEndOffset = 64
    package static let frameHeadByteCount = 72

    /// The largest payload: the largest batch with the longest names and stored ids.
    package static let framePayloadByteCountMax =
        EventLimits.batchByteCount
        + EventLimits.batchEventCount * EventRecordFormat.overheadByteCountMax
}
