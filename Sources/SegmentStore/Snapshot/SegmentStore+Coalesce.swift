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
        var unreadable: Set<ObjectAddress> = []
        let byteCounts = try logicalByteCounts(of: segments, &unreadable)
        func makeGroups() -> [Range<Int>] {
            MergePolicy.coalescedGroups(
                segments, logicalByteCounts: byteCounts, except: unreadable, limits: limits)
        }
        var replacements: [RunReplacement] = []
        var groups = makeGroups()
        var next = 0
        while next < groups.count {
            let parts = Array(segments[groups[next]])
            switch try coalesced(parts) {
            case .unreadable(let part):
                // Invariant 10: it stays as it is, between its neighbours. The groups before are
                // as they were.
                unreadable.insert(part.address)
                groups = makeGroups()
                continue
            case .apart: break
            case .built(let built, let context):
                for part in parts { draft.remove(part) }
                draft.put(SegmentEntry(built, context: context))
                draft.wrote(built.object)
                replacements.append(RunReplacement(built))
            }
            next += 1
        }
        return replacements
    }

    /// Logical bytes of neighbouring segments, from the totals that each begins with.
    private func logicalByteCounts(
        of segments: [SegmentEntry], _ unreadable: inout Set<ObjectAddress>
    ) throws(StorageError) -> [UInt64] {
        guard segments.count > 1, let last = segments.last else { return segments.map { _ in 0 } }
        var bounds = segments.map(\.bytesBefore)
        do throws(StorageError) {
            bounds.append(try self.segments.open(last).totals(at: last.end).bytes)
        } catch {
            guard error.isDamage else { throw error }
            unreadable.insert(last.address)
            bounds.append(last.bytesBefore)
        }
        return zip(bounds, bounds.dropFirst()).map { $1 &- $0 }
    }

    /// One segment with the events of several.
    private func coalesced(_ parts: [SegmentEntry]) throws(StorageError) -> Coalesced {
        var context: SegmentContext?
        let copies = EventCopies()
        for part in parts {
            do throws(StorageError) {
                let segment = try segments.open(part)
                var known =
                    context
                    ?? SegmentContext(
                        seed: segment.seed, overlays: [], before: segment.totalsBefore)
                guard segment.seed == known.seed else { return .apart }
                for overlay in segment.overlays.clamped(to: part.range) { known.append(overlay) }
                context = known
                try segment.scan(part.range) { (event) throws(StorageError) in
                    copies.append(event)
                    return true
                }
            } catch {
                guard error.isDamage else { throw error }
                return .unreadable(part)
            }
        }
        guard let context else { return .apart }
        let built = try copies.withEvents { (events) throws(StorageError) in
            try SegmentBuilder.build(events, context: context, in: objects)
        }
        return .built(built, context)
    }
}

/// What became of a group of segments.
private enum Coalesced {
    case built(BuiltSegment, SegmentContext)
    /// Their ids were derived from different seeds, which one segment cannot say.
    case apart
    /// One of them cannot be read.
    case unreadable(SegmentEntry)
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
