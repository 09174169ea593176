// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, segments. One segment, open: up to 262,144 events of consecutive positions,
// in rows by stream. Its checks keep invariant 6: whatever its bytes say, no read leaves its pages.

/// An open segment. Immutable and thread-safe; keeps its footer in memory, and its types where
/// they fill no more than a page.
///
/// `@unchecked Sendable`: what it borrows is in pages that it keeps.
package final class Segment: @unchecked Sendable {
    package let reader: ObjectReader
    let footer: SegmentFooter
    /// Totals before the first event.
    package let totalsBefore: HistoryTotals
    /// The types, where one page holds them.
    let types: SegmentNamePage?
    private let pages: [Page]

    /// Opens the segment in an object: two pages read. Damage where they cannot be.
    package static func open(_ reader: ObjectReader) throws(StorageError) -> Segment {
        try Segment(reader)
    }

    private init(_ reader: ObjectReader) throws(StorageError) {
        guard reader.id.kind == .segment else {
            throw reader.id.damage(at: nil, "it is no segment")
        }
        let page = try reader.page(reader.pageCount - 1, role: .table)
        let footer = try SegmentFooter(page.bytes, of: reader)
        self.reader = reader
        self.footer = footer
        totalsBefore = footer.before(types: try footer.typesBefore(path: reader.id.path))
        if let fault = totalsBefore.fault() { throw reader.footerDamage(fault) }
        var pages = [page]
        var types: SegmentNamePage?
        if footer.typePageCount == 1 {
            let number = reader.pageCount - 2
            let page = try reader.page(number, role: .table)
            types = SegmentNamePage(page.bytes, count: footer.typeCount)
            guard types != nil else { throw reader.damage(inPage: number, "is no type page") }
            pages.append(page)
        }
        self.types = types
        self.pages = pages
    }

    deinit { withExtendedLifetime(pages) {} }

    package var id: ObjectID { reader.id }
    package var byteCount: UInt64 { reader.byteCount }
    package var eventCount: Int { footer.eventCount }
    package var streamCount: Int { footer.streamCount }
    package var range: Range<Position> { footer.first..<footer.end }

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

    func orderPage(
        _ index: Int, retention: PageRetention = .kept
    ) throws(StorageError) -> Page {
        try reader.page(firstOrderPage + index, role: .table, retention: retention)
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

    func streamPage(
        _ index: Int, retention: PageRetention = .kept
    ) throws(StorageError) -> Page {
        try reader.page(firstStreamPage + index, role: .table, retention: retention)
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

    /// The name of a type, whose number was checked. It is valid while the segment is, and the page
    /// that is added to `kept`, if any.
    @inline(__always)
    func typeName(_ type: UInt32, keeping kept: inout Page?) throws(StorageError)
        -> UnsafeRawBufferPointer
    {
        if let types, let name = types.name(Int(type)) { return name }
        return try readTypeName(Int(type), keeping: &kept)
    }

    @inline(never)
    private func readTypeName(
        _ type: Int, keeping kept: inout Page?
    ) throws(StorageError) -> UnsafeRawBufferPointer {
        let number = footer.typePage(ofType: type)
        let page = try typePage(number)
        kept = page
        return try typeName(
            type - footer.types(ofPage: number).lowerBound, of: types(number, in: page),
            page: number)
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
