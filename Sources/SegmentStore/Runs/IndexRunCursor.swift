// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, runs. Walks all streams of a run, in the order in which runs are merged.

/// Goes through a run's streams in ascending order of (key, name), checking on its way that they
/// are in order and that their records fill the record pages without a gap. One thread at a time:
/// the checks of exclusive access, which cost as much as the walk itself, are off.
package final class IndexRunCursor {
    private let run: IndexRun
    @exclusivity(unchecked) private var entryPage: Page?
    @exclusivity(unchecked) private var recordPage: Page?
    @exclusivity(unchecked) private var recordPageIndex = -1
    @exclusivity(unchecked) private var nextIndex = 0
    /// The key of the current stream.
    @exclusivity(unchecked) package private(set) var key: UInt64 = 0
    /// The current stream; nil before the first `advance` and after the last.
    @exclusivity(unchecked) package private(set) var record: IndexRecord?

    package init(_ run: IndexRun) { self.run = run }

    /// Moves on to the next stream; false after the last.
    package func advance() throws(StorageError) -> Bool {
        let previous = record
        record = nil
        guard nextIndex < run.meta.entryCount else {
            if nextIndex == run.meta.entryCount { try checkEnd(after: previous) }
            nextIndex = run.meta.entryCount + 1
            return false
        }
        let inPage = nextIndex & (IndexRunFormat.entriesPerPage - 1)
        if inPage == 0 {
            entryPage = try run.entryPage(
                nextIndex >> IndexRunFormat.entriesPerPageShift, retention: .passing)
        }
        guard let entryPage else { return false }
        let offset = inPage * IndexRunFormat.entryByteCount
        let (nextKey, place) = entryPage.withBytes { bytes in
            (bytes.uint64(at: offset), bytes.uint32(at: offset + 8))
        }
        let found = try run.record(at: place, in: try page(of: place, after: previous))
        if let previous {
            guard
                key < nextKey
                    || key == nextKey && ByteOrder.compare(previous.name, found.name) < 0
            else { throw damage("is not in order") }
        }
        key = nextKey
        record = found
        nextIndex += 1
        return true
    }

    /// Moves on to the next stream whose name begins with `prefix`; false after the last. Streams
    /// stand in the order of their hashes, so this reads the whole run: O(streams).
    package func advance(prefix: UnsafeRawBufferPointer) throws(StorageError) -> Bool {
        while try advance() {
            guard let record else { return false }
            if record.name.count >= prefix.count,
                ByteOrder.equal(record.name.slice(0, prefix.count), prefix)
            {
                return true
            }
        }
        return false
    }

    /// The page of the next record, which must begin where the one before it ends.
    private func page(of place: UInt32, after previous: IndexRecord?) throws(StorageError) -> Page {
        let index = Int(place >> UInt32(IndexRunFormat.recordPageShift))
        let offset = Int(place) & (IndexRunFormat.recordPageByteCount - 1)
        if index == recordPageIndex, let recordPage {
            guard offset == previous?.endOffset else { throw damage("leaves a gap") }
            return recordPage
        }
        guard index == recordPageIndex + 1, offset == 0,
            previous == nil || previous?.endOffset == recordPage?.bytes.count
        else { throw damage("leaves a gap") }
        let page = try run.recordPage(at: place, retention: .passing)
        recordPage = page
        recordPageIndex = index
        return page
    }

    private func checkEnd(after previous: IndexRecord?) throws(StorageError) {
        guard recordPageIndex == run.meta.recordPageCount - 1,
            previous?.endOffset == recordPage?.bytes.count
        else { throw damage("leaves a gap") }
    }

    private func damage(_ reason: String) -> StorageError {
        run.id.damage(at: nil, "the record of entry \(nextIndex) \(reason)")
    }
}
