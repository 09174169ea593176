// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, repairing. Roots made anew where their nodes or runs are lost, or other
// segments hold what a damaged one held.
import SegmentStore

/// A root that stands for another.
struct MendedRoot {
    var root: ManifestRoot?
    /// How far it reaches, at most as far as was asked for.
    var end: Position
    var reused: [ObjectID]
    /// All that was written for it: where one is damaged, it is in its place now.
    var made: [ObjectID] = []
    /// What is not needed any more, and why.
    var notes: [(path: String, description: String)]
}

extension Repairer {
    /// Whether a fork's root reaches anything damaged that is not mended, or known.
    func isRootTouched(of row: ForkRow) throws(ForkError) -> Bool {
        guard !faults.isEmpty, let root = row.snapshot.root else { return false }
        let objects = try survey(root).objects
        return faults.keys.contains { objects.contains($0) }
    }

    /// Puts another root in the place of a damaged one, and cuts the fork where it ends before.
    mutating func mendRoot(
        of row: ForkRow, _ mending: inout ForkMending
    ) throws(ForkError) {
        guard let root = mending.snapshot.root, mending.snapshot.rootEnd > .zero,
            try isRootTouched(of: row)
        else { return }
        let end = mending.snapshot.rootEnd
        let part = RootPart(root: root, end: end, history: try history(of: row, to: end))
        guard let mended = try mended(part) else { return }
        for object in mended.made where faults.removeValue(forKey: object) != nil {
            let source = object.kind == .segment ? "its journals" : "the segments"
            note(object.path, .rebuilt, "built again from \(source)")
        }
        mending.snapshot.root = mended.root
        mending.reused += mended.reused
        mending.notes += mended.notes
        guard mended.end < end else { return }
        mending.cut = mended.end
        mending.path = ObjectID(address: root.node.object, kind: .nodes).path
        mending.snapshot.pieces = []
        mending.snapshot.rootEnd = mended.end
        mending.snapshot.cut = mended.end
    }

    /// Siblings share what the first of them made.
    private mutating func mended(_ part: RootPart) throws(ForkError) -> MendedRoot? {
        if let known = roots.mended[part] { return known }
        let mended = try makeMended(part)
        roots.forgetSurveys()
        var shared = mended
        shared?.notes = []
        shared?.reused += mended?.made ?? []
        roots.keep(shared, for: part)
        return mended
    }

    private mutating func makeMended(_ part: RootPart) throws(ForkError) -> MendedRoot? {
        let survey = try survey(part.root)
        let areNodesLost =
            !survey.isWhole
            || survey.bundles.contains { faults[ObjectID(address: $0, kind: .nodes)] != nil }
        var entries = survey.segments
        var made: [PublishedObject] = []
        var isOther = false
        if !survey.isWhole || entries.contains(where: { faults[$0.object] != nil }) {
            var found = try cover(part.history, to: part.end, isRootLost: !survey.isWhole)
            if !survey.isWhole, found.end < part.end {
                let holed = try coverWithHoles(part.history, to: part.end, made: found.made)
                if holed.end > found.end { found = holed }
            }
            isOther = !survey.isWhole || found.end == part.end
            if isOther { (entries, made) = (found.entries, found.made) }
        }
        let areRunsLost = survey.runs.contains { faults[$0.object] != nil }
        guard areNodesLost || isOther || areRunsLost else { return nil }
        var mended = try lifting { () throws(StorageError) in
            try build(
                entries, keeping: isOther ? [] : survey.runs, isNeeded: areNodesLost || isOther,
                of: survey)
        }
        mended?.made += made.map(\.id)
        mended?.reused += made.filter(\.wasReused).map(\.id)
        return mended
    }

    /// Nil where nothing comes out better than what is there.
    private func build(
        _ entries: [SegmentEntry], keeping old: [RunEntry], isNeeded: Bool, of survey: RootSurvey
    ) throws(StorageError) -> MendedRoot? {
        var mended = MendedRoot(
            root: nil, end: entries.last?.end ?? .zero, reused: [], notes: [])
        var runs: [RunEntry] = []
        var isBetter = isNeeded
        var entries = entries
        if old.isEmpty {
            // Behind a segment whose streams nobody can tell nothing could be looked up.
            let (built, reach) = try buildRuns(over: entries)
            entries.removeAll { $0.first >= reach }
            mended.end = entries.last?.end ?? .zero
            for run in built {
                runs.append(run.entry)
                if run.object.wasReused { mended.reused.append(run.object.id) }
            }
        }
        for run in old {
            guard faults[run.object] != nil else {
                runs.append(run)
                continue
            }
            let covered = entries.filter { $0.first >= run.first && $0.first < run.end }
            let (built, reach) = try buildRuns(over: covered, isOldest: run.first == .zero)
            guard reach >= run.end else {
                runs.append(run)
                continue
            }
            isBetter = true
            mended.notes.append((run.object.path, "another run is built over its segments"))
            runs.append(contentsOf: built.map(\.entry))
            mended.reused += built.filter(\.object.wasReused).map(\.object.id)
        }
        guard isBetter else { return nil }
        if !entries.isEmpty {
            let published = try segments.rebuildRoot(of: entries, runs: runs)
            mended.root = published.root
            mended.reused += published.reusedObjects
            mended.made += published.newObjects.map(\.id) + published.reusedObjects
        }
        for bundle in survey.bundles.sorted() {
            let id = ObjectID(address: bundle, kind: .nodes)
            if faults[id] == nil || mended.made.contains(id) { continue }
            mended.notes.append((id.path, "the root is made anew from its segments"))
        }
        return mended
    }

    /// Runs over segments, and the position up to which their tables could be read.
    private func buildRuns(
        over entries: [SegmentEntry], isOldest: Bool = true
    ) throws(StorageError) -> (
        runs: [(entry: RunEntry, object: PublishedObject)], reach: Position
    ) {
        var entries = entries
        while let last = entries.last {
            do throws(StorageError) {
                return (try segments.buildRuns(over: entries, isOldest: isOldest), last.end)
            } catch {
                guard error.isDamage else { throw error }
                entries.removeLast()
            }
        }
        return ([], .zero)
    }
}
