// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. Everything a root reaches, read again and held against the rest.

/// What a verification went through. Kept from root to root, so that what they share is read once.
package struct Verification: Sendable {
    /// Objects whose every byte was read and found right.
    package fileprivate(set) var verified: Set<ObjectID> = []
    /// Objects with something wrong, as it was found: the address, or what the object says.
    package fileprivate(set) var damages: [StorageError] = []
    /// Objects that `damages` speak of.
    package fileprivate(set) var damaged: Set<ObjectID> = []
    /// Entries that were compared with their neighbours and with what they name.
    fileprivate var placed: Set<SegmentPlace> = []
    fileprivate var runs: Set<RunEntry> = []

    package init() {}
}

/// A segment in a root, after the one before it.
private struct SegmentPlace: Hashable {
    let segment: SegmentEntry
    let before: SegmentEntry?
}

extension SegmentStore {
    /// Reads all that `root` reaches and was not verified before: recomputes every address,
    /// decodes every page, and compares nodes with entries, entries with segments, totals with the
    /// segments before, and runs with segments, both ways. O(everything reachable).
    ///
    /// Damage is collected in `verification` and the rest still verified (invariant 10); returns
    /// whether this root was found whole. Throws only what is not damage.
    package func verify(
        _ root: ManifestRoot, _ verification: inout Verification
    ) throws(StorageError) -> Bool {
        var pass = VerifyPass(store: self, root: root, verification: verification)
        try pass.run()
        verification = pass.verification
        return pass.isWhole
    }
}

private struct VerifyPass {
    let store: SegmentStore
    let root: ManifestRoot
    var verification: Verification
    var isWhole = true

    private var reader: ManifestReader { store.reader(of: root) }

    init(store: SegmentStore, root: ManifestRoot, verification: Verification) {
        self.store = store
        self.root = root
        self.verification = verification
    }

    mutating func run() throws(StorageError) {
        let bundle = ObjectID(address: root.node.object, kind: .nodes)
        var segments: [SegmentEntry] = []
        var runs: [RunEntry] = []
        try checking(bundle) { (pass) throws(StorageError) in
            let census = try pass.reader.manifest.checkInvariants()
            for address in census.bundles.keys.sorted() {
                let id = ObjectID(address: address, kind: .nodes)
                try pass.checkingOnce(id) { (pass) throws(StorageError) in
                    try pass.store.objects.open(id).verify()
                }
            }
            let end = try pass.reader.end()
            try pass.reader.forEachSegment(in: .zero..<end) { (segment) throws(StorageError) in
                segments.append(segment)
                return true
            }
            runs = try pass.reader.runs().reversed()
            try pass.checkCoverage(segments.map(\.range), end: end)
            try pass.checkCoverage(runs.map(\.range), end: end)
            guard segments.count + runs.count == census.entryCount else {
                throw pass.reader.damage("it has entries that are neither segment nor run")
            }
        }
        var before: SegmentEntry?
        for segment in segments {
            try check(segment, after: before)
            before = segment
        }
        for run in runs { try check(run, segments: segments) }
    }

    private func checkCoverage(
        _ ranges: [Range<Position>], end: Position
    ) throws(StorageError) {
        var next = Position.zero
        for range in ranges {
            guard range.lowerBound == next else {
                throw reader.damage("at position \(next) is a gap or an overlap")
            }
            next = range.upperBound
        }
        guard next == end else { throw reader.damage("what it holds ends at \(next), not \(end)") }
    }

    // MARK: Segments

    private mutating func check(
        _ entry: SegmentEntry, after before: SegmentEntry?
    ) throws(StorageError) {
        try checkingOnce(entry.object) { (pass) throws(StorageError) in
            let reader = try pass.store.objects.open(entry.object)
            try reader.verify()
            try Segment.open(reader).verify()
        }
        let place = SegmentPlace(segment: entry, before: before)
        if verification.placed.contains(place) { return }
        try checking(entry.object) { (pass) throws(StorageError) in
            let segment = try pass.store.segments.open(entry)
            let totals = segment.totalsBefore
            guard entry.byteCount == segment.byteCount, entry.bytesBefore == totals.bytes,
                entry.latestTimeBefore == totals.latestTime,
                entry.streamsBefore == totals.streams,
                entry.overlay == segment.overlays.first?.overlay
            else { throw entry.object.damage(at: nil, "its root says other things of it") }
            guard totals.events == entry.first.rawValue else {
                throw entry.object.damage(at: nil, "its totals before are not of its place")
            }
            let expected = try before.map { (before) throws(StorageError) in
                try pass.store.segments.open(before).totals(at: before.end)
            }
            guard totals == expected ?? .zero else {
                throw entry.object.damage(
                    at: nil, "its totals before are not those after the segment before")
            }
            pass.verification.placed.insert(place)
        }
    }

    // MARK: Runs

    private mutating func check(
        _ entry: RunEntry, segments: [SegmentEntry]
    ) throws(StorageError) {
        try checkingOnce(entry.object) { (pass) throws(StorageError) in
            try pass.store.objects.open(entry.object).verify()
        }
        try checking(entry.object) { (pass) throws(StorageError) in
            let run = try pass.store.roots.run(entry.address).index
            guard run.range.lowerBound == entry.first, entry.end <= run.range.upperBound,
                run.byteCount == entry.byteCount, UInt64(run.streamCount) == entry.streamCount,
                run.hasFilter == entry.hasFilter
            else { throw entry.object.damage(at: nil, "its root says other things of it") }
            try pass.checkSegments(of: run, end: entry.end, segments: segments)
            if pass.verification.runs.contains(entry) { return }
            try pass.checkExtents(of: run, end: entry.end)
            pass.verification.runs.insert(entry)
        }
    }

    /// Holds a run's table against the segments that count of its positions.
    private func checkSegments(
        of run: IndexRun, end: Position, segments: [SegmentEntry]
    ) throws(StorageError) {
        let live = run.segments.filter { $0.range.lowerBound < end }
        let wanted = segments.filter { $0.first >= run.range.lowerBound && $0.first < end }
        guard
            live.map(\.address) == wanted.map(\.address),
            live.map({ $0.range.lowerBound }) == wanted.map(\.first)
        else { throw run.id.damage(at: nil, "its segments are not those of its root") }
    }

    /// Holds a run against the segments that count: each stream of each is found with exactly its
    /// rows, and the run has no other extent in them.
    private func checkExtents(of run: IndexRun, end: Position) throws(StorageError) {
        let live = run.segments.filter { $0.range.lowerBound < end }
        var extentCount = 0
        _ = try run.verify(visit: { (_, extent) throws(StorageError) in
            if Int(extent.segment) < live.count { extentCount += 1 }
        })
        var expectedCount = 0
        for (number, place) in live.enumerated() {
            let segment = try store.segments.open(place.address, holding: place.range)
            var streams = segment.makeStreamCursor()
            while let stream = try streams.next() {
                let rows = stream.firstRow..<(stream.firstRow + stream.count)
                let count = try segment.visibleCount(rows: rows, below: place.range.upperBound)
                if count == 0 { continue }
                expectedCount += 1
                let expected = RunExtent(
                    firstVersion: stream.firstVersion, count: count, segment: UInt32(number),
                    firstRow: stream.firstRow)
                guard let record = try run.find(stream.hash, stream.name),
                    let index = try record.extentIndex(holding: stream.firstVersion),
                    try record.extent(index) == expected
                else {
                    let name = String(decoding: stream.name, as: UTF8.self)
                    throw run.id.damage(
                        at: nil, "stream \"\(name)\" is not found as segment \(number) has it")
                }
            }
        }
        guard extentCount == expectedCount else {
            throw run.id.damage(
                at: nil,
                "it has \(extentCount) extents in segments that have \(expectedCount) streams")
        }
    }

    // MARK: Damage

    /// Verifies an object by itself, unless that was done for another root.
    private mutating func checkingOnce(
        _ object: ObjectID, _ body: (inout VerifyPass) throws(StorageError) -> Void
    ) throws(StorageError) {
        if verification.damaged.contains(object) {
            isWhole = false
        } else if !verification.verified.contains(object) {
            try checking(object, body)
            if !verification.damaged.contains(object) { verification.verified.insert(object) }
        }
    }

    /// Runs `body`; damage it throws is recorded as of the object it names, else as of `object`,
    /// once an object: comparing two shows that one is wrong, reading one that it is.
    private mutating func checking(
        _ object: ObjectID, _ body: (inout VerifyPass) throws(StorageError) -> Void
    ) throws(StorageError) {
        do throws(StorageError) {
            try body(&self)
        } catch {
            guard error.isDamage else { throw error }
            isWhole = false
            let named = error.damagedObject ?? object
            verification.verified.remove(named)
            if verification.damaged.insert(named).inserted { verification.damages.append(error) }
        }
    }
}

extension StorageError {
    /// The object that damage was found in.
    fileprivate var damagedObject: ObjectID? {
        guard case .damaged(let damage) = self, let name = damage.path.split(separator: "/").last
        else { return nil }
        return ObjectID(fileName: String(name))
    }
}
