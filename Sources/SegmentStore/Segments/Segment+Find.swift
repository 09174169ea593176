// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, segments. Reading one event, by row or by position.

extension Segment {
    /// Calls `body` with the event in a row. Reads one block and one stream page.
    ///
    /// `row` may come from an index run on disk: one out of range is damage.
    @inline(__always)
    package func withEvent<Result>(
        row: UInt32, _ body: (EventReference) throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        try check(row: row)
        let number = footer.streamPage(ofRow: Int(row))
        let page = try streamPage(number)
        defer { withExtendedLifetime(page) {} }
        let names = try streams(number, in: page)
        let stream = try stream(names.index(ofRow: UInt64(row)), of: names, page: number)
        return try withEvent(row: row, of: stream, body)
    }

    /// The same where the stream is known, as it is after its extent was found in an index run:
    /// the stream page is not read. `stream.firstRow` and `count` must hold the row.
    @inline(__always)
    package func withEvent<Result>(
        row: UInt32, of stream: SegmentStream,
        _ body: (EventReference) throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        try check(row: row)
        guard row >= stream.firstRow, row - stream.firstRow < stream.count else {
            throw id.damage(at: nil, "row \(row) is not one of its stream")
        }
        let number = footer.block(ofRow: Int(row))
        let page = try blockPage(number)
        defer { withExtendedLifetime(page) {} }
        let block = try block(number, in: page)
        let index = Int(row - footer.blockFirstRow(number))
        let decoded = try self.row(index, of: block, number: number)
        var typePage: Page?
        defer { withExtendedLifetime(typePage) {} }
        let type = try typeName(decoded.type, keeping: &typePage)
        return try body(
            event(
                decoded, row: row, position: position(index, of: block, number: number),
                stream: stream, type: type))
    }

    /// Calls `body` with the event at a position of `range`.
    @inline(__always)
    package func withEvent<Result>(
        at position: Position, _ body: (EventReference) throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        try withEvent(row: row(at: position), body)
    }

    /// The row of a position, which must lie in `range`. Reads one order page.
    package func row(at position: Position) throws(StorageError) -> UInt32 {
        precondition(range.contains(position))
        let index = Int(footer.first.distance(to: position))
        let number = index / SegmentFormat.Order.pagePositionCount
        let page = try orderPage(number)
        defer { withExtendedLifetime(page) {} }
        let row = try order(number, in: page)
            .row(index % SegmentFormat.Order.pagePositionCount)
        try check(row: row)
        return row
    }

    /// The position of the event in a row. Reads one block.
    package func position(ofRow row: UInt32) throws(StorageError) -> Position {
        try check(row: row)
        let number = footer.block(ofRow: Int(row))
        let page = try blockPage(number)
        defer { withExtendedLifetime(page) {} }
        return try position(
            Int(row - footer.blockFirstRow(number)), of: block(number, in: page), number: number)
    }

    @inline(__always)
    func check(row: UInt32) throws(StorageError) {
        guard Int(row) < footer.eventCount else {
            throw id.damage(at: nil, "row \(row) is meant, and it has \(footer.eventCount)")
        }
    }
}

// MARK: From the bytes of a row to an event

/// A row, decoded but for what its bytes hold. Trivial.
struct SegmentRow: BitwiseCopyable {
    var start: UnsafeRawPointer?
    var byteCount: UInt32
    var type: UInt32
    /// Nanoseconds.
    var time: Int64
    /// Number of the stream among those the scan has found.
    var stream: UInt32 = 0
    var flags: UInt8
}

extension Segment {
    @inline(__always)
    func row(
        _ index: Int, of block: SegmentBlock, number: Int
    ) throws(StorageError) -> SegmentRow {
        guard let bytes = block.bytes(index) else {
            throw reader.damage(inPage: number, "holds a row \(index) that leaves it")
        }
        return try row(index, bytes, of: block, number: number)
    }

    @inline(__always)
    func row(
        _ index: Int, _ bytes: UnsafeRawBufferPointer, of block: SegmentBlock, number: Int
    ) throws(StorageError) -> SegmentRow {
        let (type, flags) = (block.type(index), block.flags(index))
        guard type < UInt64(footer.typeCount), flags <= UInt64(SegmentFormat.RowFlags.all) else {
            throw reader.damage(inPage: number, "holds a row \(index) that cannot be")
        }
        return SegmentRow(
            start: bytes.baseAddress, byteCount: UInt32(truncatingIfNeeded: bytes.count),
            type: UInt32(truncatingIfNeeded: type), time: block.time(index).rawValue,
            flags: UInt8(truncatingIfNeeded: flags))
    }

    @inline(__always)
    func position(
        _ index: Int, of block: SegmentBlock, number: Int
    ) throws(StorageError) -> Position {
        let offset = block.positionOffset(index)
        guard offset < UInt64(footer.eventCount) else {
            throw reader.damage(inPage: number, "holds a row \(index) with no position")
        }
        return footer.first.advanced(by: offset)
    }

    @inline(__always)
    func event(
        _ decoded: SegmentRow, row: UInt32, position: Position, stream: SegmentStream,
        type: UnsafeRawBufferPointer
    ) throws(StorageError) -> EventReference {
        let bytes = UnsafeRawBufferPointer(start: decoded.start, count: Int(decoded.byteCount))
        guard let content = SegmentRowContent(bytes, flags: decoded.flags) else {
            throw reader.damage(
                inPage: footer.block(ofRow: Int(row)), "holds a row \(row) that is cut off")
        }
        return EventReference(
            position: position,
            version: stream.firstVersion.advanced(by: UInt64(row - stream.firstRow)),
            time: Timestamp(rawValue: decoded.time), streamHash: stream.hash,
            storedID: content.storedID,
            stream: stream.name, type: type, data: content.data, metadata: content.metadata,
            isJSON: decoded.flags & SegmentFormat.RowFlags.json != 0)
    }
}
