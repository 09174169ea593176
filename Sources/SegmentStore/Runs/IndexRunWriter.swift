// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, runs. Writes a run from streams in order. Records go out a page at a time;
// what stays in memory until the end is 12 bytes a stream. Same streams, same bytes.

/// A run that was built and is durable.
package struct BuiltRun: Hashable, Sendable {
    package let object: PublishedObject
    /// The positions that the run covers: those of its segments together.
    package let range: Range<Position>
    package let streamCount: Int
    package let extentCount: UInt64
    package let segmentCount: Int
    package let hasFilter: Bool
}

/// Takes streams in ascending order of (key, name) and writes them as one index run.
struct IndexRunWriter: ~Copyable {
    private let segments: [RunSegment]
    private let segmentWidth: Int
    private var object: ObjectWriter
    private var page = ByteSink(capacity: IndexRunFormat.recordPageByteCount)
    private var recordPageCount = 0
    private var extentCount: UInt64 = 0
    private var lastKey: UInt64 = 0
    private var entries = IndexEntries()

    /// `segments`: at least one, oldest first, each beginning where the one before ends.
    static func start(
        segments: [RunSegment], in store: ObjectStore
    ) throws(StorageError) -> IndexRunWriter {
        guard segments.count <= IndexRunFormat.segmentCountMax else {
            throw .limit(
                what: "the number of segments of an index run",
                limit: IndexRunFormat.segmentCountMax, actual: segments.count)
        }
        return IndexRunWriter(segments: segments, object: try store.makeWriter(.run))
    }

    private init(segments: [RunSegment], object: consuming ObjectWriter) {
        precondition(!segments.isEmpty)
        for (older, newer) in zip(segments, segments.dropFirst()) {
            precondition(older.range.upperBound == newer.range.lowerBound)
        }
        self.segments = segments
        segmentWidth = IndexRunFormat.segmentWidth(segmentCount: segments.count)
        self.object = object
    }

    /// Adds a stream. `extents`: newest first, at least one, each ending where the next newer
    /// begins and in an older segment; the caller has checked that.
    mutating func append(
        key: UInt64, name: UnsafeRawBufferPointer, extents: [RunExtent]
    ) throws(StorageError) {
        precondition(key >= lastKey, "streams of a run are added in order")
        precondition((1...EventLimits.streamByteCount).contains(name.count))
        lastKey = key
        let newest = extents[0]
        let oldest = extents[extents.count - 1].firstVersion.rawValue
        let width = IndexRunFormat.byteWidth(of: newest.firstVersion.rawValue - oldest)
        let byteCount = recordByteCount(
            name: name, extents: extents.count, oldest: oldest, newestCount: newest.count,
            width: width)
        if page.count + byteCount > IndexRunFormat.recordPageByteCount { try flushRecords() }
        guard recordPageCount < IndexRunFormat.recordPageCountMax else {
            throw .limit(
                what: "the number of record pages of an index run",
                limit: IndexRunFormat.recordPageCountMax, actual: recordPageCount + 1)
        }
        try entries.append(
            key: key, record: UInt32(recordPageCount << IndexRunFormat.recordPageShift | page.count)
        )
        extentCount += UInt64(extents.count)

        page.append(UInt8(name.count))
        page.append(name)
        page.appendVarint(UInt64(extents.count))
        page.appendVarint(oldest)
        page.appendVarint(UInt64(newest.count))
        if extents.count > 1 { page.append(UInt8(width)) }
        for extent in extents {
            page.append(extent.firstVersion.rawValue - oldest, width: width)
            page.append(UInt64(extent.segment), width: segmentWidth)
            page.append(UInt64(extent.firstRow), width: IndexRunFormat.rowByteCount)
        }
    }

    private func recordByteCount(
        name: UnsafeRawBufferPointer, extents: Int, oldest: UInt64, newestCount: UInt32, width: Int
    ) -> Int {
        1 + name.count + IndexRunFormat.variableByteCount(of: UInt64(extents))
            + IndexRunFormat.variableByteCount(of: oldest)
            + IndexRunFormat.variableByteCount(of: UInt64(newestCount)) + (extents > 1 ? 1 : 0)
            + extents * (width + segmentWidth + IndexRunFormat.rowByteCount)
    }

    private mutating func flushRecords() throws(StorageError) {
        guard page.count > 0 else { return }
        _ = try object.appendPage(page.bytes, compress: true)
        page.removeAll()
        recordPageCount += 1
    }

    /// Writes the rest and makes the run durable. At least one stream was added.
    consuming func finish(hasFilter: Bool) throws(StorageError) -> BuiltRun {
        precondition(entries.count > 0)
        try flushRecords()
        let meta = IndexRunMeta(
            range: segments[0].range.lowerBound..<segments[segments.count - 1].range.upperBound,
            extentCount: extentCount, entryCount: entries.count, segmentCount: segments.count,
            recordPageCount: recordPageCount,
            filterBlockCount: hasFilter ? SplitBlockFilter.blockCount(keyCount: entries.count) : 0,
            directoryBits: IndexRunFormat.directoryBits(entryCount: entries.count))
        try entries.writePages(to: &object)
        try entries.writeDirectory(meta, to: &object)
        if hasFilter { try entries.writeFilter(meta, to: &object) }
        try writeSegments()
        page.removeAll()
        meta.encode(into: &page)
        let last = try object.appendPage(page.bytes, compress: false)
        precondition(Int(last) == meta.pageCount - 1)
        return BuiltRun(
            object: try object.finish(), range: meta.range, streamCount: meta.entryCount,
            extentCount: meta.extentCount, segmentCount: meta.segmentCount, hasFilter: hasFilter)
    }

    private mutating func writeSegments() throws(StorageError) {
        for (index, segment) in segments.enumerated() {
            segment.address.write(to: page.extend(by: ObjectAddress.byteCount))
            page.append(segment.range.upperBound.rawValue)
            let written = index + 1
            if written % IndexRunFormat.segmentsPerPage == 0 || written == segments.count {
                _ = try object.appendPage(page.bytes, compress: false)
                page.removeAll()
            }
        }
    }
}

extension ByteSink {
    /// Appends the low `width` bytes of `value`, 0 to 8.
    fileprivate mutating func append(_ value: UInt64, width: Int) {
        let target = extend(by: width)
        for index in 0..<width {
            target[index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index))
        }
    }
}
