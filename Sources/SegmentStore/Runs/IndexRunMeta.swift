// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, runs. The counts of a run, and the page that each of its parts begins at.

/// What the meta page of a run says. A decoded one fits the object's number of pages, so that
/// every page index computed from it exists.
struct IndexRunMeta: Hashable, Sendable {
    var range: Range<Position>
    var extentCount: UInt64
    var entryCount: Int
    var segmentCount: Int
    var recordPageCount: Int
    /// Zero: no filter.
    var filterBlockCount: Int
    var directoryBits: Int

    var hasFilter: Bool { filterBlockCount > 0 }
    var segmentWidth: Int { IndexRunFormat.segmentWidth(segmentCount: segmentCount) }

    // The parts, in the order in which they stand.

    var entryPageCount: Int {
        Self.pages(entryCount, shift: IndexRunFormat.entriesPerPageShift)
    }
    var directoryPageCount: Int {
        Self.pages(1 << directoryBits, shift: IndexRunFormat.bucketsPerPageShift)
    }
    var filterPageCount: Int {
        Self.pages(filterBlockCount, shift: IndexRunFormat.blocksPerPageShift)
    }
    var segmentPageCount: Int {
        (segmentCount + IndexRunFormat.segmentsPerPage - 1) / IndexRunFormat.segmentsPerPage
    }

    var firstEntryPage: Int { recordPageCount }
    var firstDirectoryPage: Int { firstEntryPage + entryPageCount }
    var firstFilterPage: Int { firstDirectoryPage + directoryPageCount }
    var firstSegmentPage: Int { firstFilterPage + filterPageCount }
    /// With the meta page itself.
    var pageCount: Int { firstSegmentPage + segmentPageCount + 1 }

    private static func pages(_ count: Int, shift: Int) -> Int {
        (count + (1 << shift) - 1) >> shift
    }

    /// Raw bytes that entry page `page` has, from 0 among entry pages.
    func entryPageByteCount(_ page: Int) -> Int {
        let count = entryCount - (page << IndexRunFormat.entriesPerPageShift)
        return min(count, IndexRunFormat.entriesPerPage) * IndexRunFormat.entryByteCount
    }

    /// Buckets in directory page `page`; the page holds one number more.
    func bucketCount(inPage page: Int) -> Int {
        let count = (1 << directoryBits) - (page << IndexRunFormat.bucketsPerPageShift)
        return min(count, IndexRunFormat.bucketsPerPage)
    }

    /// Raw bytes that filter page `page` has.
    func filterPageByteCount(_ page: Int) -> Int {
        let count = filterBlockCount - (page << IndexRunFormat.blocksPerPageShift)
        return min(count, IndexRunFormat.blocksPerPage) * SplitBlockFilter.blockByteCount
    }
}

// MARK: Bytes

extension IndexRunMeta {
    func encode(into sink: inout ByteSink) {
        sink.append(range.lowerBound.rawValue)
        sink.append(range.upperBound.rawValue)
        sink.append(extentCount)
        sink.append(UInt32(entryCount))
        sink.append(UInt32(segmentCount))
        sink.append(UInt32(recordPageCount))
        sink.append(UInt32(filterBlockCount))
        sink.append(UInt8(directoryBits))
        sink.appendZeros(7)
    }

    /// Reads the meta page of an object of `pageCount` pages; nil where no run can say that.
    init?(_ bytes: UnsafeRawBufferPointer, pageCount: Int) {
        guard bytes.count == IndexRunFormat.metaByteCount else { return nil }
        let first = bytes.uint64(at: 0)
        let end = bytes.uint64(at: 8)
        extentCount = bytes.uint64(at: 16)
        entryCount = Int(bytes.uint32(at: 24))
        segmentCount = Int(bytes.uint32(at: 28))
        recordPageCount = Int(bytes.uint32(at: 32))
        filterBlockCount = Int(bytes.uint32(at: 36))
        directoryBits = Int(bytes[40])
        guard first < end, bytes.uint64(at: 40) >> 8 == 0 else { return nil }
        range = Position(first)..<Position(end)

        let extentsMax = UInt64(entryCount) * UInt64(segmentCount)
        guard (1...IndexRunFormat.segmentCountMax).contains(segmentCount),
            (1...IndexRunFormat.entryCountMax).contains(entryCount),
            extentCount >= UInt64(entryCount), extentCount <= extentsMax,
            extentCount <= end - first,
            directoryBits == IndexRunFormat.directoryBits(entryCount: entryCount),
            (1...IndexRunFormat.recordPageCountMax).contains(recordPageCount),
            filterBlockCount == 0
                || filterBlockCount == SplitBlockFilter.blockCount(keyCount: entryCount),
            self.pageCount == pageCount
        else { return nil }
    }
}
