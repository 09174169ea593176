// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, segments. The names of streams and types while many rows are read: their
// pages are kept for as long as references into them are lent.

/// Finds the stream of a row, cheaply where rows come in order, and names by number.
struct SegmentScanNames: ~Copyable {
    private let segment: Segment
    /// Of pages of streams: they are kept here for as long as this is.
    private let retention: PageRetention
    private var streamPages: [Int: KeptPage] = [:]
    /// By number. What is here stays: names that were lent lie in these very pages.
    private var typePages: [Int: KeptPage] = [:]
    /// The streams found so far, in the order they were come to; one may stand here more than once.
    private var found: [SegmentStream] = []
    /// The first types of the segment; nearly always all. What is not here is looked up each time.
    private let types: ScratchArray<UnsafeRawBufferPointer>
    private static let keptTypesMax = 256
    /// Where the stream found last stands in the segment, and its rows.
    private var lastPage = 0
    private var lastIndex = 0
    private var lastRows = 0..<0

    // Not private: Swift 6.3 fails to compile what destroys these names in another file.
    struct KeptPage {
        let page: Page
        let names: SegmentNamePage
    }

    init(_ segment: Segment, retention: PageRetention = .kept) {
        self.segment = segment
        self.retention = retention
        types = ScratchArray(count: Swift.min(segment.footer.typeCount, Self.keptTypesMax))
    }

    /// The stream that has a row, by its number among those found.
    @inline(__always)
    mutating func streamNumber(ofRow row: Int) throws(StorageError) -> UInt32 {
        if lastRows.contains(row) { return UInt32(truncatingIfNeeded: found.count - 1) }
        return try findStream(ofRow: row)
    }

    private mutating func findStream(ofRow row: Int) throws(StorageError) -> UInt32 {
        let follows = row == lastRows.upperBound && !found.isEmpty
        if follows, row < segment.footer.streamPageEndRow(lastPage) {
            lastIndex += 1
        } else {
            lastPage = segment.footer.streamPage(ofRow: row)
            let names = try namesOfStreams(lastPage)
            lastIndex = names.index(ofRow: UInt64(row))
        }
        let stream = try segment.stream(
            lastIndex, of: namesOfStreams(lastPage), page: lastPage)
        let rows = Int(stream.firstRow)..<Int(stream.firstRow + stream.count)
        guard rows.contains(row) else {
            throw segment.id.damage(at: nil, "row \(row) is in no stream")
        }
        lastRows = rows
        found.append(stream)
        return UInt32(truncatingIfNeeded: found.count - 1)
    }

    private mutating func namesOfStreams(
        _ number: Int
    ) throws(StorageError) -> SegmentNamePage {
        if let kept = streamPages[number] { return kept.names }
        let page = try segment.streamPage(number, retention: retention)
        let names = try segment.streams(number, in: page)
        streamPages[number] = KeptPage(page: page, names: names)
        return names
    }

    /// A stream whose number `streamNumber` gave.
    @inline(__always)
    func stream(_ number: UInt32) -> SegmentStream { found[Int(number)] }

    /// The name of a type, whose number the caller has checked.
    @inline(__always)
    mutating func type(_ number: UInt32) throws(StorageError) -> UnsafeRawBufferPointer {
        if Int(number) < types.count {
            let name = types[Int(number)]
            if name.baseAddress != nil { return name }
        }
        return try readType(number)
    }

    private mutating func readType(_ number: UInt32) throws(StorageError) -> UnsafeRawBufferPointer
    {
        let name: UnsafeRawBufferPointer
        if let known = segment.types?.name(Int(number)) {
            name = known
        } else {
            name = try keptTypeName(Int(number))
        }
        if Int(number) < types.count { types[Int(number)] = name }
        return name
    }

    private mutating func keptTypeName(
        _ type: Int
    ) throws(StorageError) -> UnsafeRawBufferPointer {
        let number = segment.footer.typePage(ofType: type)
        let names: SegmentNamePage
        if let kept = typePages[number] {
            names = kept.names
        } else {
            let page = try segment.typePage(number)
            names = try segment.types(number, in: page)
            typePages[number] = KeptPage(page: page, names: names)
        }
        return try segment.typeName(
            type - segment.footer.types(ofPage: number).lowerBound, of: names, page: number)
    }
}
