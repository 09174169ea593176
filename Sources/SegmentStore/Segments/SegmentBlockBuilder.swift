// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, segments. Gathers rows until a block is full, and lays the block out.

/// What the footer says of a block, so that a scan can pass it by unread.
struct SegmentZone: Equatable {
    var firstRow: UInt32
    var earliest: Timestamp
    var latest: Timestamp
    /// Bit `type & 63` for each type in the block.
    var types: UInt64
}

struct SegmentBlockBuilder: ~Copyable {
    private var rowCount = 0
    private var firstRow: UInt32 = 0
    private let positions = ScratchArray<UInt64>(count: SegmentFormat.Block.rowCountMax)
    private let lengths = ScratchArray<UInt64>(count: SegmentFormat.Block.rowCountMax)
    private let types = ScratchArray<UInt64>(count: SegmentFormat.Block.rowCountMax)
    private let times = ScratchArray<UInt64>(count: SegmentFormat.Block.rowCountMax)
    private let flags = ScratchArray<UInt64>(count: SegmentFormat.Block.rowCountMax)
    private var rows = ByteSink(capacity: 64 << 10)
    private var page = ByteSink(capacity: 64 << 10)
    private(set) var zones: [SegmentZone] = []

    /// Appends a row, writing the block before it where this one does not fit in.
    mutating func append(
        _ event: EventReference, positionOffset: UInt64, type: UInt32, to writer: inout ObjectWriter
    ) throws(StorageError) {
        let byteCount = Self.rowByteCount(event)
        let filled =
            rows.count + (rowCount + 1) * SegmentFormat.Block.rowOverheadByteCount + byteCount
        if rowCount == SegmentFormat.Block.rowCountMax
            || rowCount > 0 && filled > ObjectFormat.pageByteCountUsual
        {
            try finishBlock(to: &writer)
        }
        positions[rowCount] = positionOffset
        lengths[rowCount] = UInt64(byteCount)
        types[rowCount] = UInt64(type)
        times[rowCount] = UInt64(bitPattern: event.time.rawValue) ^ (1 << 63)
        flags[rowCount] = UInt64(Self.flags(event))
        appendBytes(event)
        rowCount += 1
    }

    private static func flags(_ event: EventReference) -> UInt8 {
        (event.isJSON ? SegmentFormat.RowFlags.json : 0)
            | (event.metadata == nil ? 0 : SegmentFormat.RowFlags.metadata)
            | (event.storedID == nil ? 0 : SegmentFormat.RowFlags.storedID)
    }

    private static func rowByteCount(_ event: EventReference) -> Int {
        var byteCount = event.data.count + (event.storedID == nil ? 0 : 16)
        if let metadata = event.metadata {
            let bits = UInt64.bitWidth - UInt64(metadata.count | 1).leadingZeroBitCount
            byteCount += metadata.count + (bits + 6) / 7
        }
        return byteCount
    }

    private mutating func appendBytes(_ event: EventReference) {
        if let id = event.storedID {
            rows.append(id.high.byteSwapped)
            rows.append(id.low.byteSwapped)
        }
        if let metadata = event.metadata {
            rows.appendVarint(UInt64(metadata.count))
            rows.append(metadata)
        }
        rows.append(event.data)
    }

    /// Writes the block that was begun, if any.
    mutating func finishBlock(to writer: inout ObjectWriter) throws(StorageError) {
        guard rowCount > 0 else { return }
        typealias Format = SegmentFormat.Block
        page.removeAll()
        page.appendZeros(Format.headerByteCount)
        var start = 0
        for row in 0..<rowCount {
            if row % Format.rowsPerSample == 0 { page.append(UInt32(start)) }
            start += Int(lengths[row])
        }
        let zone = zone()
        let (scale, unit) = timeScale(since: times.prefix(rowCount).min() ?? 0)
        Format.columns.append(0, positions.prefix(rowCount), to: &page)
        Format.columns.append(1, lengths.prefix(rowCount), to: &page)
        Format.columns.append(2, types.prefix(rowCount), to: &page)
        Format.columns.append(3, times.prefix(rowCount), unit: unit, to: &page)
        Format.columns.append(4, flags.prefix(rowCount), to: &page)
        page.mutableBytes.set(UInt32(rowCount), at: 0)
        page.mutableBytes.set(UInt32(page.count), at: 4)
        page.mutableBytes.set(scale, at: Format.timeScaleOffset)
        page.append(rows.bytes)
        _ = try writer.appendPage(page.bytes)
        zones.append(zone)
        firstRow += UInt32(rowCount)
        rowCount = 0
        rows.removeAll()
    }

    private func zone() -> SegmentZone {
        var (earliest, latest, set) = (UInt64.max, UInt64.min, UInt64(0))
        for row in 0..<rowCount {
            earliest = Swift.min(earliest, times[row])
            latest = Swift.max(latest, times[row])
            set |= 1 << (types[row] & 63)
        }
        return SegmentZone(
            firstRow: firstRow,
            earliest: Timestamp(rawValue: Int64(bitPattern: earliest ^ (1 << 63))),
            latest: Timestamp(rawValue: Int64(bitPattern: latest ^ (1 << 63))),
            types: set)
    }

    /// The coarsest unit in which all times of the block are whole, from the earliest on.
    private func timeScale(since base: UInt64) -> (scale: UInt8, unit: UInt64) {
        var (scale, unit) = (9 as UInt8, 1_000_000_000 as UInt64)
        for row in 0..<rowCount {
            while (times[row] - base) % unit != 0 {
                scale -= 3
                unit /= 1000
            }
            if scale == 0 { break }
        }
        return (scale, unit)
    }
}
