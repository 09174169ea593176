// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, manifest. A trim: the same root without what is at or above a cut.

extension ManifestReader {
    /// The edits that make this root end at `cut`, sorted: what begins at or above it goes, what
    /// straddles it ends there. Objects are not touched. Empty where the root ends at or below.
    /// O(removed entries + height). Damage where runs and segments do not end at one position.
    package func trim(at cut: Position) throws(StorageError) -> [ManifestEdit] {
        let end = try end()
        let runs = try runs()
        guard runs.first.map({ $0.end }) ?? .zero == end else {
            throw damage("below it the runs do not end where the segments do, at \(end)")
        }
        guard cut < end else { return [] }
        var edits: [ManifestEdit] = []
        for run in runs.reversed() where run.end > cut {
            edits.append(run.trimmed(at: cut))
        }
        try forEachSegment(in: cut..<end) { (segment) throws(StorageError) in
            edits.append(segment.trimmed(at: cut))
            return true
        }
        return edits
    }
}

extension RunEntry {
    /// The entry without what is at or above `cut`, which is above its first position.
    func trimmed(to cut: Position) -> RunEntry {
        var trimmed = self
        trimmed.end = min(end, cut)
        return trimmed
    }

    fileprivate func trimmed(at cut: Position) -> ManifestEdit {
        first >= cut ? delete : trimmed(to: cut).put
    }
}

extension SegmentEntry {
    /// The entry without what is at or above `cut`, which is above its first position.
    package func trimmed(to cut: Position) -> SegmentEntry {
        var trimmed = self
        trimmed.end = min(end, cut)
        return trimmed
    }

    fileprivate func trimmed(at cut: Position) -> ManifestEdit {
        first >= cut ? delete : trimmed(to: cut).put
    }
}
