// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, runs. Many look-ups at once, step by step over all of them: while one waits
// for memory, the others' requests are under way.
import CPlatform

/// A stream that is looked for. The name is the asker's memory.
package struct StreamQuery {
    package var hash: StreamHash
    package var name: UnsafeRawBufferPointer

    package init(_ hash: StreamHash, name: UnsafeRawBufferPointer) {
        self.hash = hash
        self.name = name
    }
}

extension IndexRun {
    /// Finds the records of many streams: `records[i]` becomes that of `queries[i]`, as `find`
    /// would give it. A query that has a record already is passed over, so that the runs of a root
    /// can be asked in turn, newest first, until each stream was found in its newest run.
    ///
    /// After an error some records may be set; all that are set are right.
    package func findMany(
        _ queries: UnsafeBufferPointer<StreamQuery>,
        into records: UnsafeMutableBufferPointer<IndexRecord?>
    ) throws(StorageError) {
        precondition(queries.count == records.count)
        var probes = ProbeGroup()
        var next = 0
        while next < queries.count {
            probes.count = 0
            while next < queries.count, probes.count < ProbeGroup.capacity {
                if records[next] == nil { probes.append(next, queries[next].hash.key) }
                next += 1
            }
            try prefetchFilter(&probes)
            try prefetchDirectory(&probes)
            try prefetchEntries(&probes)
            try prefetchRecords(&probes)
            try finish(&probes, queries, into: records)
        }
    }

    private func prefetchFilter(_ probes: inout ProbeGroup) throws(StorageError) {
        for index in 0..<probes.count {
            let block = try filterBlock(of: probes[index].key)
            platform_prefetch(block)
            probes[index].address = block
        }
    }

    private func prefetchDirectory(_ probes: inout ProbeGroup) throws(StorageError) {
        var kept = 0
        for index in 0..<probes.count {
            var probe = probes[index]
            if let block = probe.address, !SplitBlockFilter.mayContain(probe.key, in: block) {
                continue
            }
            let slot = try directorySlot(of: probe.key)
            platform_prefetch(slot)
            probe.address = slot
            probes[kept] = probe
            kept += 1
        }
        probes.count = kept
    }

    private func prefetchEntries(_ probes: inout ProbeGroup) throws(StorageError) {
        var kept = 0
        for index in 0..<probes.count {
            var probe = probes[index]
            guard let slot = probe.address else { continue }
            let bucket = Self.bucket(at: slot)
            guard !bucket.isEmpty else { continue }
            let first = bucket.lowerBound
            let page = try entryPage(first >> IndexRunFormat.entriesPerPageShift)
            let offset =
                (first & (IndexRunFormat.entriesPerPage - 1)) * IndexRunFormat.entryByteCount
            page.withBytes { bytes in
                platform_prefetch(bytes.slice(offset, 0).baseAddress)
                let end = min(offset + 64, bytes.count - 1)
                platform_prefetch(bytes.slice(end, 0).baseAddress)
            }
            probe.bucket = bucket
            probes[kept] = probe
            kept += 1
        }
        probes.count = kept
    }

    private func prefetchRecords(_ probes: inout ProbeGroup) throws(StorageError) {
        var kept = 0
        for index in 0..<probes.count {
            var probe = probes[index]
            guard
                let entry = try firstEntry(
                    probe.key, from: probe.bucket.lowerBound, to: probe.bucket.upperBound)
            else { continue }
            let page = try recordPage(at: entry.place)
            let offset = Int(entry.place) & (IndexRunFormat.recordPageByteCount - 1)
            // A place beyond the page is found to be damage in the next step.
            if offset < page.bytes.count {
                platform_prefetch(page.bytes.slice(offset, 0).baseAddress)
            }
            probe.place = entry.place
            probe.page = page
            probes[kept] = probe
            kept += 1
        }
        probes.count = kept
    }

    private func finish(
        _ probes: inout ProbeGroup, _ queries: UnsafeBufferPointer<StreamQuery>,
        into records: UnsafeMutableBufferPointer<IndexRecord?>
    ) throws(StorageError) {
        for index in 0..<probes.count {
            let probe = probes[index]
            guard let page = probe.page else { continue }
            let name = queries[probe.query].name
            let record = try record(at: probe.place, in: page)
            if ByteOrder.equal(record.name, name) {
                records[probe.query] = record
            } else {
                // Another stream of the same hash: rare enough to begin again.
                records[probe.query] = try find(queries[probe.query].hash, name)
            }
        }
    }
}

/// Look-ups that go through the steps together, on the stack.
private struct ProbeGroup {
    struct Probe {
        /// Which of the queries this is.
        var query = 0
        var key: UInt64 = 0
        /// What the next step reads, in memory that the run keeps.
        var address: UnsafeRawPointer?
        var bucket = 0..<0
        var place: UInt32 = 0
        var page: Page?
    }

    /// About as many requests as a core keeps under way, twice.
    static let capacity = 32

    private var probes = InlineArray<32, Probe>(repeating: Probe())
    var count = 0

    mutating func append(_ query: Int, _ key: UInt64) {
        self[count] = Probe(query: query, key: key)
        count += 1
    }

    subscript(index: Int) -> Probe {
        get { probes[index] }
        set { probes[index] = newValue }
    }
}
