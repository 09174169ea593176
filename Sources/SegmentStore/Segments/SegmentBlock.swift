// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, segments. One block of rows, over the bytes of its page. The page's checksum
// was checked; here what the bytes say is checked against the page's bounds, so that not even
// bytes made by hand can read beyond it.

/// A block, borrowed from its page. Trivial; valid while the page is.
struct SegmentBlock {
    let rowCount: Int
    private let positions: ByteColumn
    private let lengths: ByteColumn
    private let types: ByteColumn
    private let times: ByteColumn
    private let flags: ByteColumn
    private let timeUnit: UInt64
    private let samples: UnsafeRawPointer
    private let rows: UnsafeRawBufferPointer

    /// Nil where the bytes are no block of `rowCount` rows.
    init?(_ bytes: UnsafeRawBufferPointer, rowCount: Int) {
        typealias Format = SegmentFormat.Block
        guard bytes.count >= Format.headerByteCount, rowCount > 0,
            UInt64(bytes.uint32(at: 0)) == UInt64(rowCount), bytes.uint16(at: 14) == 0,
            let timeUnit = Self.timeUnit(scale: bytes[Format.timeScaleOffset])
        else { return nil }
        let sampleCount = (rowCount + Format.rowsPerSample - 1) / Format.rowsPerSample
        var offset = Format.headerByteCount + sampleCount * 4
        guard offset <= bytes.count, let start = bytes.baseAddress,
            let positions = Format.columns.column(0, of: bytes, count: rowCount, from: &offset),
            let lengths = Format.columns.column(1, of: bytes, count: rowCount, from: &offset),
            let types = Format.columns.column(2, of: bytes, count: rowCount, from: &offset),
            let times = Format.columns.column(3, of: bytes, count: rowCount, from: &offset),
            let flags = Format.columns.column(4, of: bytes, count: rowCount, from: &offset),
            UInt64(bytes.uint32(at: 4)) == UInt64(offset),
            // So that no sum of lengths below can overflow.
            lengths.base <= UInt64(UInt32.max)
        else { return nil }
        self.rowCount = rowCount
        self.positions = positions
        self.lengths = lengths
        self.types = types
        self.times = times
        self.flags = flags
        self.timeUnit = timeUnit
        samples = start + Format.headerByteCount
        rows = bytes.slice(offset, bytes.count - offset)
    }

    private static func timeUnit(scale: UInt8) -> UInt64? {
        switch scale {
        case 0: 1
        case 3: 1_000
        case 6: 1_000_000
        case 9: 1_000_000_000
        default: nil
        }
    }

    /// Position of row `index` of the block, less the segment's first.
    @inline(__always)
    func positionOffset(_ index: Int) -> UInt64 { positions[index] }

    @inline(__always)
    func time(_ index: Int) -> Timestamp {
        let biased = times.base &+ times.delta(index) &* timeUnit
        return Timestamp(rawValue: Int64(bitPattern: biased ^ (1 << 63)))
    }

    @inline(__always)
    func type(_ index: Int) -> UInt64 { types[index] }

    @inline(__always)
    func flags(_ index: Int) -> UInt64 { flags[index] }

    @inline(__always)
    func byteCount(_ index: Int) -> Int { Int(truncatingIfNeeded: lengths[index]) }

    /// The bytes of a row: at most 15 lengths are added. Nil where they lie outside the page.
    @inline(__always)
    func bytes(_ index: Int) -> UnsafeRawBufferPointer? {
        let sample = index / SegmentFormat.Block.rowsPerSample
        let stored = (samples + sample * 4).loadUnaligned(as: UInt32.self)
        var start = Int(UInt32(littleEndian: stored))
        for before in (sample * SegmentFormat.Block.rowsPerSample)..<index {
            start += byteCount(before)
        }
        return bytes(from: start, byteCount: byteCount(index))
    }

    /// The bytes of a row whose start is known.
    @inline(__always)
    func bytes(from start: Int, byteCount: Int) -> UnsafeRawBufferPointer? {
        guard start <= rows.count, byteCount <= rows.count - start else { return nil }
        return rows.slice(start, byteCount)
    }
}

/// What the bytes of a row hold.
struct SegmentRowContent {
    var storedID: EventID?
    var metadata: UnsafeRawBufferPointer?
    var data: UnsafeRawBufferPointer

    /// Nil where the bytes are too few for what the flags say.
    @inline(__always)
    init?(_ bytes: UnsafeRawBufferPointer, flags: UInt8) {
        var offset = 0
        storedID = nil
        metadata = nil
        if flags & SegmentFormat.RowFlags.storedID != 0 {
            guard bytes.count >= 16 else { return nil }
            storedID = EventID(
                high: bytes.uint64(at: 0).byteSwapped, low: bytes.uint64(at: 8).byteSwapped)
            offset = 16
        }
        if flags & SegmentFormat.RowFlags.metadata != 0 {
            guard let byteCount = Self.metadataByteCount(bytes, at: &offset),
                byteCount <= bytes.count - offset
            else { return nil }
            metadata = bytes.slice(offset, byteCount)
            offset += byteCount
        }
        data = bytes.slice(offset, bytes.count - offset)
    }

    /// A varint of at most four bytes: 2^28 is more than any metadata.
    @inline(__always)
    private static func metadataByteCount(
        _ bytes: UnsafeRawBufferPointer, at offset: inout Int
    ) -> Int? {
        var value = 0
        var shift = 0
        while shift < 28, offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            value |= Int(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }
}
