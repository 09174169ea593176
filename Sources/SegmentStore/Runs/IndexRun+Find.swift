// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, runs. One look-up: filter, directory, a handful of entries, one record.

extension IndexRun {
    /// The record of a stream; nil where the run has no event of it. Allocates nothing where the
    /// pages are in the cache. Streams whose hashes are equal are told apart by name.
    package func find(
        _ hash: StreamHash, _ name: UnsafeRawBufferPointer
    ) throws(StorageError) -> IndexRecord? {
        let key = hash.key
        if let block = try filterBlock(of: key), !SplitBlockFilter.mayContain(key, in: block) {
            return nil
        }
        let bucket = Self.bucket(at: try directorySlot(of: key))
        var next = bucket.lowerBound
        while let entry = try firstEntry(key, from: next, to: bucket.upperBound) {
            let record = try record(at: entry.place, in: try recordPage(at: entry.place))
            if ByteOrder.equal(record.name, name) { return record }
            next = entry.index + 1
        }
        return nil
    }

    /// An entry that has the wanted key.
    struct FoundEntry {
        var index: Int
        /// Where its record stands.
        var place: UInt32
    }

    /// The first entry of a key among entries `[first, end)` of its bucket, which are ascending.
    @inline(__always)
    func firstEntry(
        _ key: UInt64, from first: Int, to end: Int
    ) throws(StorageError) -> FoundEntry? {
        var index = first
        if end - first > 4 * IndexRunFormat.entriesPerBucketMax {
            index = try skipLowerEntries(key, from: first, to: end)
        }
        while index < end {
            let pageIndex = index >> IndexRunFormat.entriesPerPageShift
            let page = try entryPage(pageIndex)
            let found = page.withBytes { bytes in
                Self.scan(bytes, for: key, from: index, to: end)
            }
            if found.isDecided { return found.entry }
            index = (pageIndex + 1) << IndexRunFormat.entriesPerPageShift
        }
        return nil
    }

    /// Looks through one page of entries, from `index`; undecided where all it has are lower.
    @inline(__always)
    static func scan(
        _ bytes: UnsafeRawBufferPointer, for key: UInt64, from index: Int, to end: Int
    ) -> (isDecided: Bool, entry: FoundEntry?) {
        var index = index
        let inPage = index & (IndexRunFormat.entriesPerPage - 1)
        var offset = inPage * IndexRunFormat.entryByteCount
        let count = min(end - index, bytes.count / IndexRunFormat.entryByteCount - inPage)
        for _ in 0..<max(0, count) {
            let candidate = bytes.uint64(at: offset)
            if candidate >= key {
                guard candidate == key else { return (true, nil) }
                return (true, FoundEntry(index: index, place: bytes.uint32(at: offset + 8)))
            }
            index += 1
            offset += IndexRunFormat.entryByteCount
        }
        return (index == end, nil)
    }

    /// The first entry that is not below `key`, or one a little before it. For buckets that chosen
    /// names made long.
    @inline(never)
    private func skipLowerEntries(
        _ key: UInt64, from first: Int, to end: Int
    ) throws(StorageError) -> Int {
        var low = first
        var high = end
        while high - low > IndexRunFormat.entriesPerBucketMax {
            let middle = low + (high - low) / 2
            let page = try entryPage(middle >> IndexRunFormat.entriesPerPageShift)
            let offset =
                (middle & (IndexRunFormat.entriesPerPage - 1)) * IndexRunFormat.entryByteCount
            if page.withBytes({ $0.uint64(at: offset) }) < key {
                low = middle
            } else {
                high = middle
            }
        }
        return low
    }
}
