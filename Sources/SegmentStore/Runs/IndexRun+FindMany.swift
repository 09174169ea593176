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
            while next < queries.count, probes.count < ProbeGroup.capacity {
                if records[next] == nil { probes.append(next, key: queries[next].hash.key) }
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
        guard hasFilter else { return }
        for index in 0..<probes.count {
            let probe = probes[index]
            probe.pointee.address = try filterBlock(of: probe.pointee.key)
            platform_prefetch(probe.pointee.address)
        }
    }

    private func prefetchDirectory(_ probes: inout ProbeGroup) throws(StorageError) {
        let asked = probes.startKeeping()
        for index in 0..<asked {
            var probe = probes[index].pointee
            if let block = probe.address, !SplitBlockFilter.mayContain(probe.key, in: block) {
                continue
            }
            let slot = try directorySlot(of: probe.key)
            platform_prefetch(slot)
            probe.address = slot
            probes.keep(probe)
        }
    }

    private func prefetchEntries(_ probes: inout ProbeGroup) throws(StorageError) {
        let asked = probes.startKeeping()
        for index in 0..<asked {
            var probe = probes[index].pointee
            guard let slot = probe.address else { continue }
            probe.bucket = Self.bucket(at: slot)
            guard !probe.bucket.isEmpty else { continue }
            let first = probe.bucket.lowerBound
            let page = try entryPage(first >> IndexRunFormat.entriesPerPageShift)
            let offset =
                (first & (IndexRunFormat.entriesPerPage - 1)) * IndexRunFormat.entryByteCount
            // A bucket has four to eight entries on average: one line or two.
            platform_prefetch(page.bytes.slice(offset, 0).baseAddress)
            platform_prefetch(
                page.bytes.slice(min(offset + 64, page.bytes.count), 0).baseAddress)
            probe.page = .passRetained(page)
            probes.keep(probe)
        }
    }

    private func prefetchRecords(_ probes: inout ProbeGroup) throws(StorageError) {
        let asked = probes.startKeeping()
        for index in 0..<asked {
            guard let entries = probes[index].pointee.takePage() else { continue }
            var probe = probes[index].pointee
            guard let place = try place(of: probe.key, in: probe.bucket, startingIn: entries) else {
                continue
            }
            let page = try recordPage(at: place)
            let offset = Int(place) & (IndexRunFormat.recordPageByteCount - 1)
            // A place beyond the page is found to be damage in the next step.
            platform_prefetch(page.bytes.slice(min(offset, page.bytes.count), 0).baseAddress)
            probe.place = place
            probe.page = .passRetained(page)
            probes.keep(probe)
        }
    }

    /// The record of the first entry of a key in its bucket, whose first page is at hand.
    private func place(
        of key: UInt64, in bucket: Range<Int>, startingIn entries: Page
    ) throws(StorageError) -> UInt32? {
        if bucket.count <= 4 * IndexRunFormat.entriesPerBucketMax {
            let found = entries.withBytes { bytes in
                Self.scan(bytes, for: key, from: bucket.lowerBound, to: bucket.upperBound)
            }
            if found.isDecided { return found.entry?.place }
        }
        return try firstEntry(key, from: bucket.lowerBound, to: bucket.upperBound)?.place
    }

    private func finish(
        _ probes: inout ProbeGroup, _ queries: UnsafeBufferPointer<StreamQuery>,
        into records: UnsafeMutableBufferPointer<IndexRecord?>
    ) throws(StorageError) {
        let asked = probes.startKeeping()
        for index in 0..<asked {
            guard let page = probes[index].pointee.takePage() else { continue }
            let probe = probes[index].pointee
            let query = queries[probe.query]
            let record = try record(at: probe.place, in: page)
            if ByteOrder.equal(record.name, query.name) {
                records[probe.query] = record
            } else {
                // Another stream of the same hash: rare enough to begin again.
                records[probe.query] = try find(query.hash, query.name)
            }
        }
    }
}

/// A look-up among many, between two steps.
private struct Probe {
    /// Which of the queries this is.
    var query: Int
    var key: UInt64
    /// What the next step reads, in memory that the run keeps.
    var address: UnsafeRawPointer?
    var bucket = 0..<0
    var place: UInt32 = 0
    /// The page that the next step reads, with a reference of its own.
    var page: Unmanaged<Page>?

    /// Hands the page on with its reference.
    @inline(__always)
    mutating func takePage() -> Page? {
        defer { page = nil }
        return page?.takeRetainedValue()
    }
}

/// Look-ups that go through the steps together. Plain memory, since arrays of references would
/// be retained and released at every touch.
private struct ProbeGroup: ~Copyable {
    /// About twice as many as a core can wait for at once.
    static let capacity = 32

    private let probes = UnsafeMutablePointer<Probe>.allocate(capacity: capacity)
    private(set) var count = 0
    /// Probes that may still hold a page: all that the current step was given.
    private var asked = 0

    deinit {
        for index in 0..<max(count, asked) { probes[index].page?.release() }
        probes.deallocate()
    }

    mutating func append(_ query: Int, key: UInt64) {
        (probes + count).initialize(to: Probe(query: query, key: key))
        count += 1
    }

    /// Begins a step: gives how many probes it has to look at. Those that it does not `keep` are
    /// done.
    mutating func startKeeping() -> Int {
        asked = count
        count = 0
        return asked
    }

    /// Keeps a probe for the next step. There are never more kept than looked at.
    @inline(__always)
    mutating func keep(_ probe: Probe) {
        probes[count] = probe
        count += 1
    }

    @inline(__always)
    subscript(index: Int) -> UnsafeMutablePointer<Probe> { probes + index }
}
