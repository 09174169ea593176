// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, runs. The entries of a run that is being written, and the pages made of
// them: entries, directory and filter, each in one pass in key order with one page in memory.

/// Entries in ascending key order, 12 bytes each, kept as the pages that they become.
struct IndexEntries: ~Copyable {
    private var bytes = ByteSink(
        capacity: IndexRunFormat.entriesPerPage * IndexRunFormat.entryByteCount)
    private(set) var count = 0

    mutating func append(key: UInt64, record: UInt32) throws(StorageError) {
        guard count < IndexRunFormat.entryCountMax else {
            throw .limit(
                what: "the number of streams of an index run",
                limit: IndexRunFormat.entryCountMax, actual: count + 1)
        }
        bytes.append(key)
        bytes.append(record)
        count += 1
    }

    private func key(_ index: Int) -> UInt64 {
        bytes.bytes.uint64(at: index * IndexRunFormat.entryByteCount)
    }

    func writePages(to object: inout ObjectWriter) throws(StorageError) {
        let pageByteCount = IndexRunFormat.entriesPerPage * IndexRunFormat.entryByteCount
        var offset = 0
        while offset < bytes.count {
            let byteCount = min(pageByteCount, bytes.count - offset)
            _ = try object.appendPage(bytes.bytes.slice(offset, byteCount), compress: false)
            offset += byteCount
        }
    }

    func writeDirectory(_ meta: IndexRunMeta, to object: inout ObjectWriter) throws(StorageError) {
        var page = ByteSink(capacity: (IndexRunFormat.bucketsPerPage + 1) * 4)
        var entry = 0
        var bucket = 0
        for pageIndex in 0..<meta.directoryPageCount {
            for _ in 0..<meta.bucketCount(inPage: pageIndex) {
                page.append(UInt32(entry))
                while entry < count, meta.bucket(of: key(entry)) == bucket { entry += 1 }
                bucket += 1
            }
            page.append(UInt32(entry))
            _ = try object.appendPage(page.bytes, compress: false)
            page.removeAll()
        }
    }

    func writeFilter(_ meta: IndexRunMeta, to object: inout ObjectWriter) throws(StorageError) {
        var page = ByteSink(
            capacity: IndexRunFormat.blocksPerPage * SplitBlockFilter.blockByteCount)
        var entry = 0
        for pageIndex in 0..<meta.filterPageCount {
            let firstBlock = pageIndex << IndexRunFormat.blocksPerPageShift
            page.appendZeros(meta.filterPageByteCount(pageIndex))
            let blocks = page.mutableBytes
            guard let start = blocks.baseAddress else { continue }
            while entry < count {
                // Blocks ascend with keys, so the page is complete at the first one beyond it.
                let block =
                    SplitBlockFilter.blockIndex(of: key(entry), blockCount: meta.filterBlockCount)
                    - firstBlock
                let offset = block * SplitBlockFilter.blockByteCount
                guard offset < blocks.count else { break }
                SplitBlockFilter.insert(key(entry), into: start + offset)
                entry += 1
            }
            _ = try object.appendPage(page.bytes, compress: false)
            page.removeAll()
        }
    }
}

extension IndexRunMeta {
    /// The bucket of a key: its top `directoryBits` bits.
    @inline(__always)
    func bucket(of key: UInt64) -> Int {
        // A shift by 64 gives 0 in Swift: one bucket.
        Int(truncatingIfNeeded: key >> UInt64(64 - directoryBits))
    }
}
