// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, segments. The last page of a segment, as it is read: checked once as a
// whole, then used in place.

/// A segment's footer. Trivial, so that reading a field of it costs no more; valid while the page
/// is.
struct SegmentFooter {
    let eventCount: Int
    let first: Position
    let seed: UInt64
    let blockCount: Int
    let orderPageCount: Int
    let streamPageCount: Int
    let typePageCount: Int
    let streamCount: Int
    let typeCount: Int
    let overlayCount: Int
    let bytesBefore: UInt64
    let latestBefore: Timestamp
    let streamsBefore: UInt64
    let bytesAfter: UInt64
    let latestAfter: Timestamp
    let streamsAfter: UInt64
    private let bytes: UnsafeRawBufferPointer
    private let tables: Tables

    /// Where each table begins.
    private struct Tables {
        var streamPages: Int
        var typePages: Int
        var overlays: Int
        var typesBefore: Int
    }

    var end: Position { first.advanced(by: UInt64(eventCount)) }

    init(_ page: UnsafeRawBufferPointer, of reader: ObjectReader) throws(StorageError) {
        typealias Format = SegmentFormat.Footer
        guard page.count >= Format.headerByteCount, page.uint64(at: 0) == Format.magic else {
            throw reader.footerDamage("it is not one of a segment")
        }
        let version = page.uint32(at: 8)
        guard version == SegmentFormat.version else {
            throw .newerFormat(
                path: reader.id.path, version: version, supported: SegmentFormat.version)
        }
        bytes = page
        eventCount = Int(page.uint32(at: 12))
        first = Position(page.uint64(at: 16))
        seed = page.uint64(at: 24)
        blockCount = Int(page.uint32(at: 32))
        streamPageCount = Int(page.uint32(at: 36))
        typePageCount = Int(page.uint32(at: 40))
        streamCount = Int(page.uint32(at: 44))
        typeCount = Int(page.uint32(at: 48))
        overlayCount = Int(page.uint32(at: 52))
        bytesBefore = page.uint64(at: 64)
        latestBefore = Timestamp(rawValue: Int64(bitPattern: page.uint64(at: 72)))
        streamsBefore = page.uint64(at: 80)
        bytesAfter = page.uint64(at: 88)
        latestAfter = Timestamp(rawValue: Int64(bitPattern: page.uint64(at: 96)))
        streamsAfter = page.uint64(at: 104)
        orderPageCount = SegmentFormat.Order.pageCount(eventCount: eventCount)
        // Each count is below 2^32, so these sums cannot overflow.
        let streamPages = Format.headerByteCount + blockCount * Format.blockByteCount
        let typePages = streamPages + streamPageCount * Format.streamPageByteCount
        let overlays = typePages + typePageCount * Format.typePageByteCount
        let typesBeforeOffset = overlays + overlayCount * Format.overlayByteCount
        tables = Tables(
            streamPages: streamPages, typePages: typePages, overlays: overlays,
            typesBefore: typesBeforeOffset)
        guard page.uint32(at: 60) == 0, typesBeforeOffset <= page.count,
            eventCount > 0, eventCount <= SegmentFormat.eventCountMax,
            first.rawValue <= UInt64(Int64.max),
            blockCount + orderPageCount + streamPageCount + typePageCount + 1 == reader.pageCount
        else { throw reader.footerDamage("its counts do not fit the object") }
        if let fault = tableFault() ?? totalsFault() { throw reader.footerDamage(fault) }
    }

    /// The types before the first event, by name; nil where they were too many to count.
    func typesBefore(path: String) throws(StorageError) -> [HistoryTotals.TypeCount]? {
        let count = bytes.uint32(at: 56)
        var cursor = ByteCursor(
            bytes.slice(tables.typesBefore, bytes.count - tables.typesBefore), path: path)
        var types: [HistoryTotals.TypeCount]?
        if count != SegmentFormat.Footer.typesIncomplete {
            guard count <= UInt32(SegmentFormat.countedTypesMax) else {
                throw cursor.damage("the footer counts too many types")
            }
            var known: [HistoryTotals.TypeCount] = []
            known.reserveCapacity(Int(count))
            for _ in 0..<count {
                let events = try cursor.uint64()
                let name = try cursor.take(Int(cursor.uint8()))
                known.append(.init(name: Array(name), count: events))
            }
            types = known
        }
        guard cursor.isAtEnd else { throw cursor.damage("the footer has bytes too many") }
        return types
    }

    /// What is wrong with the tables, if anything: each begins at row, stream or type 0 and goes
    /// up, below its count; overlays cover the positions without gap.
    private func tableFault() -> String? {
        typealias Format = SegmentFormat.Footer
        guard
            rises(at: Format.headerByteCount, blockCount, Format.blockByteCount, to: eventCount)
        else { return "its blocks are out of order" }
        let streams = tables.streamPages
        guard
            rises(at: streams, streamPageCount, Format.streamPageByteCount, to: eventCount),
            rises(at: streams + 4, streamPageCount, Format.streamPageByteCount, to: streamCount),
            streamCount <= eventCount
        else { return "its stream pages are out of order" }
        guard rises(at: tables.typePages, typePageCount, Format.typePageByteCount, to: typeCount),
            typeCount <= eventCount
        else { return "its type pages are out of order" }
        var row: UInt32 = 0
        for partition in 0..<Partition.count {
            let next = bytes.uint32(at: Format.partitionRowsOffset + partition * 4)
            guard next >= row, next <= UInt32(eventCount) else {
                return "its partitions are out of order"
            }
            row = next
        }
        guard bytes.uint32(at: Format.partitionRowsOffset) == 0 else {
            return "its first partition does not begin at row 0"
        }
        var position = first
        for index in 0..<overlayCount {
            let range = overlay(index)
            guard range.from == position, range.to > position else {
                return "its overlays are out of order"
            }
            position = range.to
        }
        return position == end ? nil : "its overlays do not cover its events"
    }

    /// What is wrong with the totals after the last event, if anything. With those before, which are
    /// held to `HistoryTotals.fault` when the segment is opened, they bound every sum over both.
    private func totalsFault() -> String? {
        guard bytesAfter >= bytesBefore, bytesAfter <= HistoryTotals.bytesMax,
            latestAfter >= latestBefore, streamsAfter >= streamsBefore,
            streamsAfter - streamsBefore <= UInt64(streamCount)
        else { return "its totals after are not what its events can add" }
        return nil
    }

    /// Whether the numbers `stride` bytes apart begin with 0, go up, and stay below `limit`.
    private func rises(at offset: Int, _ count: Int, _ stride: Int, to limit: Int) -> Bool {
        guard count > 0, bytes.uint32(at: offset) == 0 else { return false }
        var before: UInt32 = 0
        for index in 1..<Swift.max(1, count) {
            let next = bytes.uint32(at: offset + index * stride)
            guard next > before else { return false }
            before = next
        }
        return UInt64(before) < UInt64(limit)
    }
}

// MARK: Reading the tables

extension SegmentFooter {
    private typealias Format = SegmentFormat.Footer

    @inline(__always)
    func blockFirstRow(_ index: Int) -> UInt32 {
        bytes.uint32(at: Format.headerByteCount + index * Format.blockByteCount)
    }

    /// The rows of a block.
    @inline(__always)
    func blockRows(_ index: Int) -> Range<Int> {
        let first = Int(blockFirstRow(index))
        let end = index + 1 < blockCount ? Int(blockFirstRow(index + 1)) : eventCount
        return first..<end
    }

    /// The block that holds a row.
    @inline(__always)
    func block(ofRow row: Int) -> Int {
        var (low, high) = (0, blockCount)
        while high - low > 1 {
            let middle = (low + high) / 2
            if Int(blockFirstRow(middle)) <= row { low = middle } else { high = middle }
        }
        return low
    }

    func zone(ofBlock index: Int) -> SegmentZone {
        let offset = Format.headerByteCount + index * Format.blockByteCount
        return SegmentZone(
            firstRow: bytes.uint32(at: offset),
            earliest: Timestamp(rawValue: Int64(bitPattern: bytes.uint64(at: offset + 4))),
            latest: Timestamp(rawValue: Int64(bitPattern: bytes.uint64(at: offset + 12))),
            types: bytes.uint64(at: offset + 20))
    }

    /// The stream page that holds a row's stream.
    @inline(__always)
    func streamPage(ofRow row: Int) -> Int {
        var (low, high) = (0, streamPageCount)
        while high - low > 1 {
            let middle = (low + high) / 2
            if streamPageFirstRow(middle) <= row { low = middle } else { high = middle }
        }
        return low
    }

    @inline(__always)
    func streamPageFirstRow(_ index: Int) -> Int {
        Int(bytes.uint32(at: tables.streamPages + index * Format.streamPageByteCount))
    }

    /// The streams of a stream page.
    func streams(ofPage index: Int) -> Range<Int> {
        func first(_ index: Int) -> Int {
            Int(bytes.uint32(at: tables.streamPages + index * Format.streamPageByteCount + 4))
        }
        return first(index)..<(index + 1 < streamPageCount ? first(index + 1) : streamCount)
    }

    /// The row after the last of a stream page.
    func streamPageEndRow(_ index: Int) -> Int {
        index + 1 < streamPageCount ? streamPageFirstRow(index + 1) : eventCount
    }

    /// The types of a type page.
    @inline(__always)
    func types(ofPage index: Int) -> Range<Int> {
        let first = Int(bytes.uint32(at: tables.typePages + index * Format.typePageByteCount))
        guard index + 1 < typePageCount else { return first..<typeCount }
        let next = tables.typePages + (index + 1) * Format.typePageByteCount
        return first..<Int(bytes.uint32(at: next))
    }

    func typePage(ofType type: Int) -> Int {
        var (low, high) = (0, typePageCount)
        while high - low > 1 {
            let middle = (low + high) / 2
            if types(ofPage: middle).lowerBound <= type { low = middle } else { high = middle }
        }
        return low
    }

    func overlay(_ index: Int) -> OverlayRange {
        let offset = tables.overlays + index * Format.overlayByteCount
        return OverlayRange(
            overlay: OverlayID(bytes.uint64(at: offset)),
            from: Position(bytes.uint64(at: offset + 8)),
            to: Position(bytes.uint64(at: offset + 16)))
    }

    /// The overlay that a position of this segment was first appended to.
    func overlay(of position: Position) -> OverlayID {
        var (low, high) = (0, overlayCount)
        while high - low > 1 {
            let middle = (low + high) / 2
            if overlay(middle).from <= position { low = middle } else { high = middle }
        }
        return overlay(low).overlay
    }

    /// The rows of a partition.
    func rows(of partition: Partition) -> Range<Int> {
        let number = Int(partition.rawValue)
        func first(_ number: Int) -> Int {
            number == Partition.count
                ? eventCount : Int(bytes.uint32(at: Format.partitionRowsOffset + number * 4))
        }
        return first(number)..<first(number + 1)
    }

    func partition(ofRow row: Int) -> Partition {
        var number = 0
        while number + 1 < Partition.count,
            Int(bytes.uint32(at: Format.partitionRowsOffset + (number + 1) * 4)) <= row
        { number += 1 }
        return Partition(UInt8(number))
    }

    func sequenceBefore(_ partition: Partition) -> UInt64 {
        bytes.uint64(at: Format.sequencesOffset + Int(partition.rawValue) * 8)
    }

    /// Totals before the first event.
    func before(types: [HistoryTotals.TypeCount]?) -> HistoryTotals {
        HistoryTotals(
            events: first.rawValue, bytes: bytesBefore, streams: streamsBefore,
            latestTime: latestBefore,
            sequences: (0..<Partition.count).map { sequenceBefore(Partition(UInt8($0))) },
            types: types)
    }
}

extension ObjectReader {
    func footerDamage(_ reason: String) -> StorageError {
        id.damage(at: offset(ofPage: pageCount - 1), "the footer cannot be: \(reason)")
    }

    func damage(inPage index: Int, _ reason: String) -> StorageError {
        id.damage(at: offset(ofPage: index), "page \(index) \(reason)")
    }
}
