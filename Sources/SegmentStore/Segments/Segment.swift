// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, segments. One segment, open: up to 262,144 events of consecutive positions,
// in rows by stream. Its checks keep invariant 6: whatever its bytes say, no read leaves its pages.

/// An open segment. Immutable and thread-safe; keeps its footer in memory, and nothing else.
///
/// `@unchecked Sendable`: the footer borrows from a page that the segment keeps.
package final class Segment: @unchecked Sendable {
    package let reader: ObjectReader
    let footer: SegmentFooter
    private let footerPage: Page

    /// Opens the segment in an object: one page read. Damage where its footer cannot be.
    package static func open(_ reader: ObjectReader) throws(StorageError) -> Segment {
        try Segment(reader)
    }

    private init(_ reader: ObjectReader) throws(StorageError) {
        guard reader.id.kind == .segment else {
            throw reader.id.damage(at: nil, "it is no segment")
        }
        let page = try reader.page(reader.pageCount - 1, role: .table)
        self.reader = reader
        footerPage = page
        footer = try SegmentFooter(page.bytes, of: reader)
    }

    deinit { withExtendedLifetime(footerPage) {} }

    package var id: ObjectID { reader.id }
    package var byteCount: UInt64 { reader.byteCount }
    package var eventCount: Int { footer.eventCount }
    package var streamCount: Int { footer.streamCount }
    package var range: Range<Position> { footer.first..<footer.end }

    /// Totals before the first event. O(types).
    package var totalsBefore: HistoryTotals { footer.before }

    /// Which overlays the events were first appended to.
    package var overlays: [OverlayRange] { (0..<footer.overlayCount).map { footer.overlay($0) } }

    /// Seed of the ids that are not stored.
    package var seed: UInt64 { footer.seed }

    /// The id of an event that this segment gave.
    package func eventID(of event: EventReference) -> EventID {
        if let stored = event.storedID { return stored }
        return .derived(
            time: event.time, overlay: footer.overlay(of: event.position),
            position: event.position, seed: footer.seed)
    }
}

// MARK: Pages

extension Segment {
    func blockPage(
        _ index: Int, retention: PageRetention = .kept
    ) throws(StorageError) -> Page {
        try reader.page(index, role: .block, retention: retention)
    }

    func block(_ index: Int, in page: Page) throws(StorageError) -> SegmentBlock {
        guard let block = SegmentBlock(page.bytes, rowCount: footer.blockRows(index).count) else {
            throw reader.damage(inPage: index, "is not the block that the footer names")
        }
        return block
    }

    /// Where the order pages begin.
    private var firstOrderPage: Int { footer.blockCount }
    private var firstStreamPage: Int { firstOrderPage + footer.orderPageCount }
    private var firstTypePage: Int { firstStreamPage + footer.streamPageCount }

    func orderPage(_ index: Int) throws(StorageError) -> Page {
        try reader.page(firstOrderPage + index, role: .table)
    }

    func order(_ index: Int, in page: Page) throws(StorageError) -> SegmentOrderPage {
        let first = index * SegmentFormat.Order.pagePositionCount
        guard
            let order = SegmentOrderPage(
                page.bytes,
                positionCount: Swift.min(
                    SegmentFormat.Order.pagePositionCount, eventCount - first),
                width: SegmentFormat.Order.rowWidth(eventCount: eventCount))
        else { throw reader.damage(inPage: firstOrderPage + index, "is no order page") }
        return order
    }

    func streamPage(_ index: Int) throws(StorageError) -> Page {
        try reader.page(firstStreamPage + index, role: .table)
    }

    func streams(_ index: Int, in page: Page) throws(StorageError) -> SegmentNamePage {
        guard let names = SegmentNamePage(page.bytes, count: footer.streams(ofPage: index).count),
            names.row(0) == UInt64(footer.streamPageFirstRow(index))
        else { throw reader.damage(inPage: firstStreamPage + index, "is no stream page") }
        return names
    }

    /// Stream `index` of stream page `number`.
    func stream(
        _ index: Int, of names: SegmentNamePage, page number: Int
    ) throws(StorageError) -> SegmentStream {
        let first = names.row(index)
        let end =
            index + 1 < names.count
            ? names.row(index + 1) : UInt64(footer.streamPageEndRow(number))
        guard let name = names.name(index), first < end, end <= UInt64(eventCount),
            names.version(index) <= UInt64(Int64.max)
        else {
            throw reader.damage(
                inPage: firstStreamPage + number, "holds a stream \(index) that cannot be")
        }
        return SegmentStream(
            hash: StreamHash(of: name), name: name, firstVersion: Version(names.version(index)),
            firstRow: UInt32(first), count: UInt32(end - first))
    }

    func typePage(_ index: Int) throws(StorageError) -> Page {
        try reader.page(firstTypePage + index, role: .table)
    }

    func types(_ index: Int, in page: Page) throws(StorageError) -> SegmentNamePage {
        guard let names = SegmentNamePage(page.bytes, count: footer.types(ofPage: index).count)
        else { throw reader.damage(inPage: firstTypePage + index, "is no type page") }
        return names
    }

    /// Type `index` of type page `number`.
    func typeName(
        _ index: Int, of names: SegmentNamePage, page number: Int
    ) throws(StorageError) -> UnsafeRawBufferPointer {
        guard let name = names.name(index) else {
            throw reader.damage(
                inPage: firstTypePage + number, "holds a type \(index) that cannot be")
        }
        return name
    }
}
