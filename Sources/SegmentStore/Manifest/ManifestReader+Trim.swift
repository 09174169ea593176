// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, manifest. A trim: the same root without what is at or above a cut.

extension ManifestReader {
    /// The edits that make this root end at `cut`, sorted: what begins at or above it goes, what
    /// straddles it ends there. Objects are not touched. Empty where the root ends at or below.
    /// O(removed entries + height).
    package func trim(at cut: Position) throws(StorageError) -> [ManifestEdit] {
        var edits: [ManifestEdit] = []
        for run in try runs().reversed() where run.end > cut {
            edits.append(run.trimmed(at: cut))
        }
        guard let end = try edits.isEmpty ? nil : self.end() else { return [] }
        var segments: [ManifestEdit] = []
        try forEachSegment(in: cut..<end) { (segment) throws(StorageError) in
            segments.append(segment.trimmed(at: cut))
            return true
        }
        return edits + segments
    }
}

extension RunEntry {
    fileprivate func trimmed(at cut: Position) -> ManifestEdit {
        if first >= cut { return .delete(key: ManifestKey.run(first)) }
        var trimmed = self
        trimmed.end = cut
        return trimmed.put
    }
}

extension SegmentEntry {
    fileprivate func trimmed(at cut: Position) -> ManifestEdit {
        if first >= cut { return .delete(key: ManifestKey.segment(first)) }
        var trimmed = self
        trimmed.end = cut
        return trimmed.put
    }
}
