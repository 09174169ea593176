// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. The runs of a new root: one more, or fewer and larger ones.
//
// Neither a merge nor a coalescing changes what a reader sees: the same events at the same
// positions, found under the same names.

extension SegmentStore {
    /// Adds the run of new segments to the draft. Older runs that are due (`MergePolicy`) are
    /// merged into it, and their small segments coalesced.
    func addRuns(
        of built: [BuiltSegment], base: ManifestReader, cut: Position, floor: Position,
        to draft: inout RootDraft
    ) throws(StorageError) {
        // The old runs as the trim leaves them, newest first.
        let older = try base.runs().compactMap { run in
            run.first < cut ? run.trimmed(to: cut) : nil
        }
        let newCount = built.reduce(0) {
            $0 + $1.range.lowerBound.distance(to: $1.range.upperBound)
        }
        var count = try mergeableCount(
            older,
            atMost: MergePolicy.mergedRunCount(
                older.map(\.range), newCount: newCount, cut: cut, floor: floor))
        while true {
            var attempt = draft
            do throws(StorageError) {
                try addRun(
                    of: built, merging: older[..<count], isOldest: count == older.count,
                    base: base, cut: cut, to: &attempt)
                draft = attempt
                return
            } catch {
                // Invariant 10: a merge stops before what is damaged, and the flush goes on.
                guard error.isDamage, count > 0 else { throw error }
                count -= 1
            }
        }
    }

    /// Adds one run over new segments and what `newest`, the first first, hold.
    private func addRun(
        of built: [BuiltSegment], merging newest: ArraySlice<RunEntry>, isOldest: Bool,
        base: ManifestReader, cut: Position, to draft: inout RootDraft
    ) throws(StorageError) {
        let merged = Array(newest.reversed())
        if merged.isEmpty, built.count == 1 {
            let run = try IndexRunBuilder.build(built[0], isOldest: isOldest, in: objects)
            draft.put(RunEntry(run))
            draft.wrote(run.object)
            return
        }
        let coalesced = try coalesce(
            in: (merged.first?.first ?? cut)..<cut, base: base, draft: &draft)
        var inputs: [RunMergeInput] = []
        for run in merged {
            draft.remove(run)
            inputs.append(RunMergeInput(try roots.run(run.address).index, end: run.end))
        }
        let transient = TransientObjects.makeStore()
        for segment in built {
            let run = try IndexRunBuilder.build(segment, isOldest: true, in: transient)
            inputs.append(RunMergeInput(try IndexRun(transient.open(run.object.id))))
        }
        let run = try IndexRunBuilder.merge(
            inputs, replacing: coalesced, isOldest: isOldest, in: objects
        ) { (segment, rows, cut) throws(StorageError) in
            try segments.open(segment).visibleCount(rows: rows, below: cut)
        }
        draft.put(RunEntry(run))
        draft.wrote(run.object)
    }
}

extension SegmentStore {
    /// The newest of `older`, at most so many, that one run can hold together. Runs that are as
    /// large as a run gets, or cannot be opened, stay as they are: a flush never fails for them.
    private func mergeableCount(
        _ older: [RunEntry], atMost count: Int
    ) throws(StorageError) -> Int {
        var runs: [IndexRun] = []
        for entry in older.prefix(count) {
            do throws(StorageError) {
                runs.append(try roots.run(entry.address).index)
            } catch {
                guard error.isDamage else { throw error }
                return runs.count
            }
            guard IndexRunBuilder.canMerge(runs) else { return runs.count - 1 }
        }
        return runs.count
    }
}

extension RunEntry {
    /// What a root says of a run that was just built.
    init(_ built: BuiltRun) {
        self.init(
            first: built.range.lowerBound, end: built.range.upperBound,
            address: built.object.id.address, streamCount: UInt64(built.streamCount),
            byteCount: built.object.byteCount, hasFilter: built.hasFilter)
    }
}
