// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. Everything a root reaches, read again and held against the rest.

/// What a verification went through. Kept from root to root, so that what they share is read once.
package struct Verification: Sendable {
    /// Objects whose every byte was read and found right.
    package fileprivate(set) var verified: Set<ObjectID> = []
    /// Objects with something wrong, as it was first found: the address, or what the object says.
    /// Of the first `damageCountMax`.
    package fileprivate(set) var damages: [ObjectID: StorageError] = [:]
    /// All of those objects.
    package fileprivate(set) var damaged: Set<ObjectID> = []
    /// Damage beyond this number is counted, and no more said of it: memory is bounded.
    package static let damageCountMax = 1_000
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

/// What one root was found to be.
package struct RootFinding: Sendable {
    /// Whether the root and all that it reaches were found right.
    package var isWhole = true
    /// Whether every node could be read, so that `objects` are all that the root reaches.
    package var isMapped = true
    package var objects: Set<ObjectID> = []
    /// The damaged ones, with the positions that each keeps from this root; nil where all of them
    /// can be found all the same. The root's end may lie below an upper bound.
    package var touched: [ObjectID: Range<Position>?] = [:]
}

extension SegmentStore {
    /// Reads all that `root` reaches and was not verified before: recomputes every address,
    /// decodes every page, and compares nodes with entries, entries with segments, totals with the
    /// segments before, and runs with segments, both ways. O(everything reachable).
    ///
    /// Damage is collected in `verification` and the rest still verified (invariant 10). Throws only
    /// what is not damage.
    ///
    /// `isQuick`: only nodes, tables of runs, and whether each object is there with its length.
    package func examine(
        _ root: ManifestRoot, _ verification: inout Verification, isQuick: Bool = false
    ) throws(StorageError) -> RootFinding {
        var pass = VerifyPass(store: self, root: root, verification: verification)
        // One owner at a time: what is known of a large store is not copied for each root.
        verification = Verification()
        defer { verification = pass.verification }
        try pass.run(isQuick: isQuick)
        return try pass.finding()
    }

    /// The same, answering only whether the root was found whole.
    package func verify(
        _ root: ManifestRoot, _ verification: inout Verification
    ) throws(StorageError) -> Bool {
        try examine(root, &verification).isWhole
    }
}

private struct VerifyPass {
    let store: SegmentStore
    let root: ManifestRoot
    var verification: Verification
    private var survey = RootSurvey()
    private var isWhole = true

    private var reader: ManifestReader { store.reader(of: root) }

    init(store: SegmentStore, root: ManifestRoot, verification: Verification) {
        self.store = store
        self.root = root
        self.verification = verification
    }

    mutating func run(isQuick: Bool) throws(StorageError) {
        survey = try store.survey(root)
        for bundle in survey.bundles.sorted() {
            let id = ObjectID(address: bundle, kind: .nodes)
            try checkingOnce(id) { (pass) throws(StorageError) in
                if !isQuick { try pass.store.objects.open(id).verify() }
            }
        }
        for error in survey.damages {
            try checking(top) { (_) throws(StorageError) in throw error }
        }
        if isQuick {
            try checkPresence()
            return
        }
        if survey.isWhole {
            try checking(top) { (pass) throws(StorageError) in try pass.checkTree() }
        }
        var before: SegmentEntry?
        for segment in survey.segments {
            // Behind a gap that damage made nothing can be compared.
            try check(segment, after: before, isFirst: segment.first == .zero)
            before = segment
        }
        for run in survey.runs { try check(run) }
    }

    /// What was found of this root.
    func finding() throws(StorageError) -> RootFinding {
        var finding = RootFinding(
            isWhole: isWhole, isMapped: survey.isWhole, objects: survey.objects)
        if isWhole { return finding }
        for segment in survey.segments where verification.damaged.contains(segment.object) {
            finding.touched[segment.object] = segment.range
        }
        for run in survey.runs where verification.damaged.contains(run.object) {
            finding.touched[run.object] = run.range
        }
        let bundles = survey.bundles.filter {
            verification.damaged.contains(ObjectID(address: $0, kind: .nodes))
        }
        guard !bundles.isEmpty else { return finding }
        // As a new process does it, past what was cached before the damage came.
        let lost = try store.withoutCaches().survey(root).lost
        for bundle in bundles.union(lost.keys) {
            let id = ObjectID(address: bundle, kind: .nodes)
            finding.touched[id] = .some(lost[bundle])
        }
        return finding
    }

    private var top: ObjectID { ObjectID(address: root.node.object, kind: .nodes) }

    private func checkTree() throws(StorageError) {
        let census = try reader.manifest.checkInvariants()
        let end = try reader.end()
        try checkCoverage(survey.segments.map(\.range), end: end)
        try checkCoverage(survey.runs.map(\.range), end: end)
        guard survey.segments.count + survey.runs.count == census.entryCount else {
            throw reader.damage("it has entries that are neither segment nor run")
        }
    }

    /// That each object is there and as long as the root says, and that tables of runs can be read.
    private mutating func checkPresence() throws(StorageError) {
        let objects =
            survey.segments.map { ($0.object, $0.byteCount) }
            + survey.runs.map { ($0.object, $0.byteCount) }
        for (object, byteCount) in objects {
            try checkingOnce(object) { (pass) throws(StorageError) in
                guard let found = try pass.store.objects.byteCount(of: object) else {
                    throw object.damage(at: nil, "it is missing")
                }
                guard found == byteCount else {
                    throw object.damage(
                        at: nil, "it has \(found) bytes, and should have \(byteCount)")
                }
                if object.kind == .run { _ = try pass.store.roots.run(object.address) }
            }
        }
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
        _ entry: SegmentEntry, after before: SegmentEntry?, isFirst: Bool
    ) throws(StorageError) {
        try checkingOnce(entry.object) { (pass) throws(StorageError) in
            let reader = try pass.store.objects.open(entry.object)
            try reader.verify()
            try Segment.open(reader).verify()
        }
        let place = SegmentPlace(segment: entry, before: before)
        if verification.placed.contains(place) || verification.damaged.contains(entry.object) {
            return
        }
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
            // Where damage hides the segment before, or is in it, there is nothing to compare with.
            guard isFirst || before.map({ pass.isComparable($0, before: entry) }) ?? false else {
                return
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

    private func isComparable(_ before: SegmentEntry, before entry: SegmentEntry) -> Bool {
        before.end == entry.first && !verification.damaged.contains(before.object)
    }

    // MARK: Runs

    private mutating func check(_ entry: RunEntry) throws(StorageError) {
        try checkingOnce(entry.object) { (pass) throws(StorageError) in
            try pass.store.objects.open(entry.object).verify()
        }
        if verification.damaged.contains(entry.object) { return }
        try checking(entry.object) { (pass) throws(StorageError) in
            let run = try pass.store.roots.run(entry.address).index
            guard run.range.lowerBound == entry.first, entry.end <= run.range.upperBound,
                run.byteCount == entry.byteCount, UInt64(run.streamCount) == entry.streamCount,
                run.hasFilter == entry.hasFilter
            else { throw entry.object.damage(at: nil, "its root says other things of it") }
            if pass.survey.isWhole { try pass.checkSegments(of: run, end: entry.end) }
            if pass.verification.runs.contains(entry) { return }
            if try pass.checkExtents(of: run, end: entry.end) {
                pass.verification.runs.insert(entry)
            }
        }
    }

    /// Holds a run's table against the segments that count of its positions.
    private func checkSegments(of run: IndexRun, end: Position) throws(StorageError) {
        let live = run.segments.filter { $0.range.lowerBound < end }
        let wanted = survey.segments.filter { $0.first >= run.range.lowerBound && $0.first < end }
        guard
            live.map(\.address) == wanted.map(\.address),
            live.map({ $0.range.lowerBound }) == wanted.map(\.first)
        else { throw run.id.damage(at: nil, "its segments are not those of its root") }
    }

    /// Holds a run against the segments that count: each stream of each is found with exactly its
    /// rows, and the run has no other extent in them. Damaged segments are passed over; whether
    /// there was none.
    private func checkExtents(of run: IndexRun, end: Position) throws(StorageError) -> Bool {
        let live = run.segments.filter { $0.range.lowerBound < end }
        let isSound = live.map { place in
            let id = ObjectID(address: place.address, kind: .segment)
            return !verification.damaged.contains(id)
        }
        var extentCount = 0
        _ = try run.verify(visit: { (_, extent) throws(StorageError) in
            let number = Int(extent.segment)
            if number < live.count, isSound[number] { extentCount += 1 }
        })
        var expectedCount = 0
        for (number, place) in live.enumerated() where isSound[number] {
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
        return !isSound.contains(false)
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
            if verification.damaged.insert(named).inserted,
                verification.damages.count < Verification.damageCountMax
            {
                verification.damages[named] = error
            }
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
