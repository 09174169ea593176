// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, runs. The bytes of an index run: which streams have events in a
// contiguous range of positions, and where in its segments they stand. Every offset is here.
//
// DRAWING run
// an object of kind "run": the pages of a run, in this order; integers are little-endian
// +----------------+ page 0
// | record pages   |  LZ4; up to 16 KiB of records, none across two pages; a record that is
// |                |  longer has a page alone (it then begins at offset 0, as any first one)
// +----------------+
// | entry pages    |  1,024 entries of 12 bytes, ascending by key, then by the stream's name
// +----------------+
// | directory      |  4,096 buckets a page, 2^d in all: for each, u32 the first entry whose
// | pages          |  key's top d bits are the bucket's number or more; then u32 where the
// |                |  page's last bucket ends. d is the least with 2^d x 8 >= entries
// +----------------+
// | filter pages   |  512 blocks of 32 bytes a page (split-block Bloom filter, 10 bits a key);
// |                |  none in the oldest run of a root, where a miss is rare
// +----------------+
// | segment pages  |  512 segments of 24 bytes a page, oldest first
// +----------------+
// | meta page      |  48 bytes, always the last page
// +----------------+
//
// entry      0  u64  key: XXH3-64 of the stream's name, rotated right by 5
//            8  u32  record: page << 14 | offset in the page
//
// record     0  u8   bytes in the name, 1...255
//            1       the name
//            .  var  extents, 1...segments (LEB128, as all "var")
//            .  var  first version of the oldest extent
//            .  var  events in the newest extent
//            .  u8   w, bytes of a version, 0...8; absent (w = 0) where there is one extent
//            .       extents, newest first, w + s + 3 bytes each:
//                      w  first version, less that of the oldest extent
//                      s  segment: index in the run's table; s = 0, 1 or 2 bytes, the fewest
//                         that hold the table's last index
//                      3  first row in the segment
//                    the events of an extent end where the next newer begins
//
// block      0  8 x u32; key k: block (k >> 32) x blocks >> 32, and in word i the bit
//                  (low 32 bits of k) x salt[i] >> 27, salts as in Parquet
//
// segment    0  16   address of the segment object, big-endian
//           16  u64  end of its range of positions; it begins where the one before ends
//
// meta       0  u64  first position of the run
//            8  u64  end of the run's positions: that of its last segment
//           16  u64  extents in all records
//           24  u32  entries (streams)
//           28  u32  segments, 1...65,536
//           32  u32  record pages
//           36  u32  filter blocks; 0: no filter
//           40  u8   d, directory bits
//           41  7    zero
// END DRAWING

/// Sizes and limits of an index run; the drawing above says where each stands.
package enum IndexRunFormat {
    static let recordPageShift = 14
    /// Records of one page, unless a longer one stands alone: 16 KiB.
    static let recordPageByteCount = 1 << recordPageShift
    /// So that page and offset fit 32 bits: 4 GiB of records.
    package static let recordPageCountMax = 1 << (32 - recordPageShift)
    /// A name, three numbers, a width, and an extent in each segment.
    static let recordByteCountMax =
        1 + EventLimits.streamByteCount + 25 + 1 + segmentCountMax * extentByteCountMax
    static let extentByteCountMax = 8 + 2 + rowByteCount
    static let rowByteCount = 3

    static let entryByteCount = 12
    static let entriesPerPageShift = 10
    static let entriesPerPage = 1 << entriesPerPageShift
    /// Streams of one run.
    package static let entryCountMax = 1 << 31

    static let bucketsPerPageShift = 12
    static let bucketsPerPage = 1 << bucketsPerPageShift
    static let entriesPerBucketMax = 8
    static let directoryBitsMax = 28

    static let blocksPerPageShift = 9
    static let blocksPerPage = 1 << blocksPerPageShift

    static let segmentByteCount = 24
    static let segmentsPerPage = 512
    /// Segments of one run, which bounds the extents of one stream.
    package static let segmentCountMax = 1 << 16

    static let metaByteCount = 48

    /// The least d with 2^d buckets of at most eight entries on average.
    static func directoryBits(entryCount: Int) -> Int {
        let buckets = (entryCount + entriesPerBucketMax - 1) / entriesPerBucketMax
        return buckets <= 1 ? 0 : Int.bitWidth - (buckets - 1).leadingZeroBitCount
    }

    /// Bytes of a segment index in a record.
    static func segmentWidth(segmentCount: Int) -> Int {
        segmentCount <= 1 ? 0 : segmentCount <= 256 ? 1 : 2
    }

    /// Bytes that hold `value`, 0 for 0.
    static func byteWidth(of value: UInt64) -> Int {
        (UInt64.bitWidth - value.leadingZeroBitCount + 7) / 8
    }

    /// Bytes of `value` in LEB128, 1 to 10.
    static func variableByteCount(of value: UInt64) -> Int {
        value < 0x80 ? 1 : (UInt64.bitWidth - value.leadingZeroBitCount + 6) / 7
    }
}
