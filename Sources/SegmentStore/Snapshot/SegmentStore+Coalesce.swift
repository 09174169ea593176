// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. Small neighbouring segments into one: their events are read in
// order and built again, with the ids, overlays and totals that they had.

extension SegmentStore {
    /// Builds the segments that take the place of small neighbours among those of `range`, puts
    /// them into the draft, and returns them for the run that is merged over them.
    func coalesce(
        in range: Range<Position>, base: ManifestReader, draft: inout RootDraft
    ) throws(StorageError) -> [RunReplacement] {
        var segments: [SegmentEntry] = []
        try base.forEachSegment(in: range) { (segment) throws(StorageError) in
            segments.append(segment.trimmed(to: range.upperBound))
            return true
        }
        var replacements: [RunReplacement] = []
        let groups = MergePolicy.coalescedGroups(
            segments, logicalByteCounts: try logicalByteCounts(of: segments), limits: limits)
        for group in groups {
            let parts = Array(segments[group])
            guard let (built, context) = try coalesced(parts) else { continue }
            for part in parts { draft.remove(part) }
            draft.put(SegmentEntry(built, context: context))
            draft.wrote(built.object)
            replacements.append(RunReplacement(built))
        }
        return replacements
    }

    /// Logical bytes of neighbouring segments, from the totals that each begins with.
    private func logicalByteCounts(of segments: [SegmentEntry]) throws(StorageError) -> [UInt64] {
        guard segments.count > 1, let last = segments.last else { return segments.map { _ in 0 } }
        let end = try self.segments.open(last).totals(at: last.end).bytes
        let bounds = segments.map(\.bytesBefore) + [end]
        return zip(bounds, bounds.dropFirst()).map { $1 &- $0 }
    }

    /// One segment with the events of several; nil where their ids were derived from different
    /// seeds, which one segment cannot say.
    private func coalesced(
        _ parts: [SegmentEntry]
    ) throws(StorageError) -> (BuiltSegment, SegmentContext)? {
        let first = try segments.open(parts[0])
        var context = SegmentContext(seed: first.seed, overlays: [], before: first.totalsBefore)
        let copies = EventCopies()
        for part in parts {
            let segment = try segments.open(part)
            guard segment.seed == context.seed else { return nil }
            for overlay in segment.overlays.clamped(to: part.range) {
                context.append(overlay)
            }
            try segment.scan(part.range) { (event) throws(StorageError) in
                copies.append(event)
                return true
            }
        }
        let built = try copies.withEvents { (events) throws(StorageError) in
            try SegmentBuilder.build(events, context: context, in: objects)
        }
        return (built, context)
    }
}

extension SegmentContext {
    /// Adds an overlay's next positions; those of one overlay become one range.
    fileprivate mutating func append(_ next: OverlayRange) {
        if let last = overlays.last, last.overlay == next.overlay, last.to == next.from {
            overlays[overlays.count - 1].to = next.to
        } else {
            overlays.append(next)
        }
    }
}
