// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, segments. The rows a scan by position comes to, in no order of rows: each
// block is read once, and kept for as long as the scan.
//
// A scan decodes row by row. One that is to go over a good part of the segment, and has gone over a
// few hundred rows, decodes every block that it comes to as a whole, into 32 bytes a row: a row is
// then one load. So a scan costs O(rows it gives), however large the segment is.

struct SegmentScanRows: ~Copyable {
    var names: SegmentScanNames
    private let segment: Segment
    private let condition: SegmentScanCondition
    private let retention: PageRetention
    private var pages: [Page] = []
    /// For each block: unread, passed by, or where it stands in `blocks`.
    private var places = SegmentScanPlaces()
    private var blocks: [SegmentBlock] = []
    /// Rows of blocks that were decoded as a whole; flags tell those that do not match. Empty until
    /// the scan is found to be long, and then touched only where rows are decoded.
    private var rows = ScratchArray<SegmentRow>(count: 0)
    private var askedCount = 0
    private let decodesBlocks: Bool

    private static let unread: UInt32 = 0
    private static let passedBy: UInt32 = 1
    private static let firstPlace: UInt32 = 2
    /// In the flags of a row in `rows`: it was decoded.
    private static let decodedFlag: UInt8 = 0x80
    /// In the flags of a row in `rows`: it is not asked for.
    private static let passedByFlag: UInt8 = 0x40
    private static let singleRowsMax = 256

    /// For a scan over `positionCount` positions of the segment.
    init(
        _ segment: Segment, _ condition: SegmentScanCondition, retention: PageRetention,
        positionCount: Int
    ) {
        self.segment = segment
        self.condition = condition
        self.retention = retention
        names = SegmentScanNames(segment, retention: retention)
        decodesBlocks = Self.decodesBlocks(positionCount, of: segment.eventCount)
    }

    /// Whether decoding blocks as a whole pays: where about one of eight of their rows is asked for.
    static func decodesBlocks(_ positionCount: Int, of eventCount: Int) -> Bool {
        positionCount > singleRowsMax && positionCount >= eventCount / 8
    }

    /// Tells the processor that a row will be asked for soon.
    @inline(__always)
    func prefetch(_ row: UInt32) {
        if Int(row) < rows.count { rows.prefetch(Int(row)) }
    }

    /// A row, with its stream; nil where it does not match. The caller has checked its number.
    @inline(__always)
    mutating func row(_ row: UInt32) throws(StorageError) -> SegmentRow? {
        if Int(row) < rows.count {
            let decoded = rows[Int(row)]
            if decoded.flags & Self.decodedFlag != 0 { return decoded }
            if decoded.flags & Self.passedByFlag != 0 { return nil }
        }
        return try readRow(row)
    }

    @inline(never)
    private mutating func readRow(_ row: UInt32) throws(StorageError) -> SegmentRow? {
        let number = segment.footer.block(ofRow: Int(row))
        if places[number] == Self.unread { try readBlock(number) }
        if places[number] == Self.passedBy { return nil }
        let block = blocks[Int(places[number] - Self.firstPlace)]
        askedCount += 1
        if decodesBlocks, askedCount > Self.singleRowsMax {
            if rows.count == 0 { rows = ScratchArray(count: segment.eventCount) }
            try decode(block, number)
            let decoded = rows[Int(row)]
            return decoded.flags & Self.passedByFlag == 0 ? decoded : nil
        }
        let index = Int(row - segment.footer.blockFirstRow(number))
        var decoded = try segment.row(index, of: block, number: number)
        guard condition.matches(decoded) else { return nil }
        decoded.stream = try names.streamNumber(ofRow: Int(row))
        return decoded
    }

    private mutating func readBlock(_ number: Int) throws(StorageError) {
        guard condition.mayMatch(segment.footer.zone(ofBlock: number)) else {
            places[number] = Self.passedBy
            return
        }
        let page = try segment.blockPage(number, retention: retention)
        blocks.append(try segment.block(number, in: page))
        pages.append(page)
        places[number] = UInt32(blocks.count - 1) + Self.firstPlace
    }

    /// Decodes all rows of a block that was read.
    private mutating func decode(
        _ block: SegmentBlock, _ number: Int
    ) throws(StorageError) {
        let firstRow = Int(segment.footer.blockFirstRow(number))
        var start = 0
        for index in 0..<block.rowCount {
            let byteCount = block.byteCount(index)
            guard let bytes = block.bytes(from: start, byteCount: byteCount) else {
                throw segment.reader.damage(
                    inPage: number, "holds a row \(index) that leaves it")
            }
            start += byteCount
            var decoded = try segment.row(index, bytes, of: block, number: number)
            if condition.matches(decoded) {
                decoded.stream = try names.streamNumber(ofRow: firstRow + index)
                decoded.flags |= Self.decodedFlag
            } else {
                decoded.flags = Self.passedByFlag
            }
            rows[firstRow + index] = decoded
        }
    }

    /// The event of a row that `row` gave, at a position.
    @inline(__always)
    mutating func event(
        _ decoded: SegmentRow, row: UInt32, position: Position
    ) throws(StorageError) -> EventReference {
        try segment.event(
            decoded, row: row, position: position, stream: names.stream(decoded.stream),
            type: names.type(decoded.type))
    }
}

/// A filter, in the terms of one segment.
struct SegmentScanCondition {
    private let filter: SegmentFilter
    /// Rows of the partition that is asked for; all where none is.
    let rows: Range<Int>
    /// A bit for each type that is asked for; empty where all are.
    private let types: [UInt64]
    /// The same modulo 64, as zones have it.
    private let zoneTypes: UInt64
    private let filtersRows: Bool

    /// Nil where no event of the segment can match. Reads type pages where types are asked for.
    init?(_ filter: SegmentFilter, in segment: Segment) throws(StorageError) {
        self.filter = filter
        rows = filter.partition.map { segment.footer.rows(of: $0) } ?? 0..<segment.eventCount
        filtersRows = filter.types != nil || filter.since != nil || filter.until != nil
        guard !rows.isEmpty else { return nil }
        guard let wanted = filter.types else {
            types = []
            zoneTypes = .max
            return
        }
        var bits = [UInt64](repeating: 0, count: segment.footer.typeCount / 64 + 1)
        var zone: UInt64 = 0
        try segment.forEachType { (number, name, _) throws(StorageError) in
            let isWanted = wanted.contains { candidate in
                candidate.count == name.count && candidate.elementsEqual(name)
            }
            if isWanted {
                bits[number / 64] |= 1 << (number % 64)
                zone |= 1 << (number % 64)
            }
            return true
        }
        guard zone != 0 else { return nil }
        types = bits
        zoneTypes = zone
    }

    func mayMatch(_ zone: SegmentZone) -> Bool {
        zone.types & zoneTypes != 0
            && filter.mayMatch(earliest: zone.earliest, latest: zone.latest)
    }

    @inline(__always)
    func matches(_ row: SegmentRow) -> Bool {
        guard filtersRows else { return true }
        guard filter.matches(time: Timestamp(rawValue: row.time)) else { return false }
        return types.isEmpty || types[Int(row.type / 64)] & (1 << UInt64(row.type % 64)) != 0
    }
}
