// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, runs. Reads an index run. Every number from disk that becomes an index is
// checked where it is read (invariant 6 covers the bytes; this covers what they say).

/// An open index run: finds a stream's extents by its hash and name.
///
/// Immutable and thread-safe. It keeps its table of segments (40 bytes a segment) and those pages
/// of its filter and directory that were used (at most 2.25 bytes a stream); entries and records
/// go through the page cache.
package final class IndexRun: Sendable {
    /// The segments that the run points into, oldest first, without a gap between them.
    package let segments: [RunSegment]
    let meta: IndexRunMeta
    let object: ObjectReader
    private let directory: PinnedPages
    private let filter: PinnedPages

    /// Opens a run; reads its meta page and its table of segments.
    package init(_ object: ObjectReader) throws(StorageError) {
        let last = try object.page(
            object.pageCount - 1, role: .run, byteCountMax: IndexRunFormat.metaByteCount)
        guard object.id.kind == .run,
            let meta = IndexRunMeta(last.bytes, pageCount: object.pageCount)
        else {
            throw object.id.damage(at: nil, "its meta page does not fit the run")
        }
        self.object = object
        self.meta = meta
        segments = try Self.readSegments(meta, of: object)
        directory = PinnedPages(
            object, firstPage: meta.firstDirectoryPage, count: meta.directoryPageCount,
            byteCountMax: (IndexRunFormat.bucketsPerPage + 1) * 4
        ) { page, bytes in meta.isDirectoryPage(bytes, page: page) }
        filter = PinnedPages(
            object, firstPage: meta.firstFilterPage, count: meta.filterPageCount,
            byteCountMax: IndexRunFormat.blocksPerPage * SplitBlockFilter.blockByteCount
        ) { page, bytes in bytes.count == meta.filterPageByteCount(page) }
    }

    package var id: ObjectID { object.id }
    /// The positions that the run covers.
    package var range: Range<Position> { meta.range }
    package var streamCount: Int { meta.entryCount }
    package var extentCount: UInt64 { meta.extentCount }
    package var byteCount: UInt64 { object.byteCount }
    package var hasFilter: Bool { meta.hasFilter }

    /// Whether the run may hold a stream of this hash; false is certain. True where it has no
    /// filter. 5 ns for a miss in the processor's cache.
    @inline(__always)
    package func mayContain(_ hash: StreamHash) throws(StorageError) -> Bool {
        guard let block = try filterBlock(of: hash.key) else { return true }
        return SplitBlockFilter.mayContain(hash.key, in: block)
    }

    /// The index in `segments` of the one that holds a position; nil outside the run's range.
    package func segmentIndex(holding position: Position) -> Int? {
        guard range.contains(position) else { return nil }
        var low = 0
        var high = segments.count - 1
        while low < high {
            let middle = (low + high) / 2
            if position < segments[middle].range.upperBound {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return low
    }

    private static func readSegments(
        _ meta: IndexRunMeta, of object: ObjectReader
    ) throws(StorageError) -> [RunSegment] {
        var segments: [RunSegment] = []
        segments.reserveCapacity(meta.segmentCount)
        var first = meta.range.lowerBound
        for pageIndex in meta.firstSegmentPage..<(meta.firstSegmentPage + meta.segmentPageCount) {
            let page = try object.page(
                pageIndex, role: .run, retention: .passing,
                byteCountMax: IndexRunFormat.segmentsPerPage * IndexRunFormat.segmentByteCount)
            let bytes = page.bytes
            let count = min(meta.segmentCount - segments.count, IndexRunFormat.segmentsPerPage)
            guard bytes.count == count * IndexRunFormat.segmentByteCount else {
                throw object.id.damage(at: nil, "page \(pageIndex) is no table of segments")
            }
            for index in 0..<count {
                let offset = index * IndexRunFormat.segmentByteCount
                let end = Position(bytes.uint64(at: offset + ObjectAddress.byteCount))
                guard first < end, end <= meta.range.upperBound else {
                    throw object.id.damage(at: nil, "its segments do not follow one another")
                }
                segments.append(
                    RunSegment(address: ObjectAddress(bytes, at: offset), range: first..<end))
                first = end
            }
            withExtendedLifetime(page) {}
        }
        guard first == meta.range.upperBound else {
            throw object.id.damage(at: nil, "its segments end before the run does")
        }
        return segments
    }
}

// MARK: Ways into the pages

extension IndexRun {
    /// The filter block of a key; nil where the run has no filter.
    @inline(__always)
    func filterBlock(of key: UInt64) throws(StorageError) -> UnsafeRawPointer? {
        guard meta.hasFilter else { return nil }
        let block = SplitBlockFilter.blockIndex(of: key, blockCount: meta.filterBlockCount)
        let page = try filter.address(block >> IndexRunFormat.blocksPerPageShift)
        return page + (block & (IndexRunFormat.blocksPerPage - 1)) * SplitBlockFilter.blockByteCount
    }

    /// Where the directory keeps the first entry of a key's bucket; the bucket's end follows it.
    @inline(__always)
    func directorySlot(of key: UInt64) throws(StorageError) -> UnsafeRawPointer {
        let bucket = meta.bucket(of: key)
        let page = try directory.address(bucket >> IndexRunFormat.bucketsPerPageShift)
        return page + (bucket & (IndexRunFormat.bucketsPerPage - 1)) * 4
    }

    /// The entries of the bucket at a slot: ascending and within the run's, as the directory page
    /// was checked when it was read.
    @inline(__always)
    static func bucket(at slot: UnsafeRawPointer) -> Range<Int> {
        let first = UInt32(littleEndian: slot.loadUnaligned(as: UInt32.self))
        let end = UInt32(littleEndian: slot.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        return Int(first)..<Int(end)
    }

    /// Entry page `index`, from 0 for the first, with all the entries that it should have.
    @inline(__always)
    func entryPage(
        _ index: Int, retention: PageRetention = .kept
    ) throws(StorageError) -> Page {
        let page = try object.page(
            meta.firstEntryPage + index, role: .run, retention: retention,
            byteCountMax: IndexRunFormat.entriesPerPage * IndexRunFormat.entryByteCount)
        guard page.bytes.count == meta.entryPageByteCount(index) else {
            throw object.id.damage(at: nil, "entry page \(index) has a wrong length")
        }
        return page
    }

    /// The page that a record stands in, by what its entry says.
    @inline(__always)
    func recordPage(
        at place: UInt32, retention: PageRetention = .kept
    ) throws(StorageError) -> Page {
        let index = Int(place >> UInt32(IndexRunFormat.recordPageShift))
        guard index < meta.recordPageCount else {
            throw object.id.damage(at: nil, "an entry points to record page \(index)")
        }
        return try object.page(
            index, role: .run, retention: retention,
            byteCountMax: IndexRunFormat.recordByteCountMax)
    }

    /// The record that an entry points to, in its page.
    @inline(__always)
    func record(at place: UInt32, in page: Page) throws(StorageError) -> IndexRecord {
        let offset = Int(place) & (IndexRunFormat.recordPageByteCount - 1)
        guard
            let record = IndexRecord(
                page, at: offset, run: object.id, segmentCount: meta.segmentCount,
                segmentWidth: meta.segmentWidth)
        else {
            throw object.id.damage(
                at: nil,
                "the record at byte \(offset) of record page"
                    + " \(place >> UInt32(IndexRunFormat.recordPageShift)) is none")
        }
        return record
    }
}

extension IndexRunMeta {
    /// Whether these bytes can be directory page `page`: as many buckets as it should have, none
    /// ending before it begins, none beyond the entries.
    func isDirectoryPage(_ bytes: UnsafeRawBufferPointer, page: Int) -> Bool {
        let numbers = bucketCount(inPage: page) + 1
        guard bytes.count == numbers * 4 else { return false }
        var previous: UInt32 = 0
        for index in 0..<numbers {
            let entry = bytes.uint32(at: index * 4)
            guard entry >= previous, entry <= UInt32(entryCount) else { return false }
            previous = entry
        }
        return true
    }
}
