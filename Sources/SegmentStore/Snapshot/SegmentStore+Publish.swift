// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. A flush: events in memory to segments, a run and a new root.
//
// Order: segments, then the run over them, then the nodes; each is durable before what names it
// is written, and the root is named by nobody before all of it is. After a failure the old root is
// as it was, and what was written is unreachable (invariant 8).

extension SegmentStore {
    /// Builds `events` (at least one, in order of position, the first at `cut`) into segments and
    /// an index run over what `root` holds below `cut`: the root is trimmed there first. Merges
    /// runs and coalesces small segments where that is due, never across `floor`, on one side of
    /// which all the events lie. Everything is durable on return.
    ///
    /// The bytes of all that is made depend on the arguments alone, so that siblings that flush
    /// the same prefix share it. O(events) and the runs that are merged.
    ///
    /// `overlays`: whose the events are, in order over exactly their positions. `seed`: of the
    /// ids that are derived. `isLost`: whether an object is known to be lost for good; behind such
    /// a segment the root goes on, with what its manifest and its runs tell (see
    /// `Snapshot.totalsPastLost`), and behind another that cannot be read it does not.
    package func publish(
        _ events: UnsafeBufferPointer<EventReference>, onto root: ManifestRoot?, cut: Position,
        floor: Position, overlays: [(overlay: OverlayID, positions: Range<Position>)],
        seed: UInt64,
        isLost: (ObjectID) throws(StorageError) -> Bool = { (_) throws(StorageError) in false }
    ) throws(StorageError) -> PublishedRoot {
        precondition(!events.isEmpty && events[0].position == cut, "events begin at the cut")
        let end = cut.advanced(by: UInt64(events.count))
        precondition(floor <= cut || floor >= end, "events lie on one side of the floor")
        let base = reader(of: root)
        var draft = RootDraft(of: base)
        try draft.trim(at: cut)
        var context = SegmentContext(
            seed: seed,
            overlays: overlays.map {
                OverlayRange(
                    overlay: $0.overlay, from: $0.positions.lowerBound, to: $0.positions.upperBound)
            },
            before: try totals(of: root, at: cut, isLost: isLost))
        var built: [BuiltSegment] = []
        for part in parts(of: events) {
            let segment = try SegmentBuilder.build(
                UnsafeBufferPointer(rebasing: events[part]),
                context: context.clamped(to: part, first: cut), in: objects)
            let entry = SegmentEntry(segment, context: context.clamped(to: part, first: cut))
            draft.put(entry)
            draft.wrote(segment.object)
            context.before = segment.after
            built.append(segment)
        }
        try addRuns(of: built, base: base, cut: cut, floor: floor, to: &draft)
        guard let published = try draft.publish() else {
            preconditionFailure("a root over events has entries")
        }
        return published
    }

    /// Totals of what a root holds below a cut.
    private func totals(
        of root: ManifestRoot?, at cut: Position,
        isLost: (ObjectID) throws(StorageError) -> Bool
    ) throws(StorageError) -> HistoryTotals {
        guard let root, cut > .zero else { return .zero }
        let snapshot = try snapshot(root: root, cut: cut)
        do throws(StorageError) {
            return try snapshot.totals(at: cut)
        } catch {
            guard error.isDamage, let last = try snapshot.lastSegment(), try isLost(last.object)
            else { throw error }
            return try snapshot.totalsPastLost(last)
        }
    }

    /// Where the events are divided, each part with one event at least.
    private func parts(of events: UnsafeBufferPointer<EventReference>) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var start = 0
        while start < events.count {
            let rest = UnsafeBufferPointer(rebasing: events[start...])
            let count = firstPartCount(of: rest)
            parts.append(start..<start + count)
            start += count
        }
        return parts
    }

    /// How many of the events, one at least, the first segment of them takes.
    func firstPartCount(of events: UnsafeBufferPointer<EventReference>) -> Int {
        var byteCount: UInt64 = 0
        for index in 0..<events.count {
            byteCount += events[index].logicalByteCount
            let isFull =
                index == limits.segmentEventCount || byteCount > limits.segmentByteCount
            if isFull, index > 0 { return index }
        }
        return events.count
    }
}

extension SegmentContext {
    /// The context of a part of the events that begin at `first`.
    fileprivate func clamped(to part: Range<Int>, first: Position) -> SegmentContext {
        let from = first.advanced(by: UInt64(part.lowerBound))
        let to = first.advanced(by: UInt64(part.upperBound))
        return clamped(to: from..<to)
    }

    /// The same context for a part of its positions; `before` stays as it is.
    func clamped(to range: Range<Position>) -> SegmentContext {
        var clamped = self
        clamped.overlays = overlays.clamped(to: range)
        return clamped
    }
}

extension [OverlayRange] {
    package func clamped(to range: Range<Position>) -> [OverlayRange] {
        compactMap { overlay in
            let from = Swift.max(overlay.from, range.lowerBound)
            let to = Swift.min(overlay.to, range.upperBound)
            return from < to ? OverlayRange(overlay: overlay.overlay, from: from, to: to) : nil
        }
    }
}

extension SegmentEntry {
    /// What a root says of a segment that was just built from this context.
    init(_ built: BuiltSegment, context: SegmentContext) {
        self.init(
            first: built.range.lowerBound, end: built.range.upperBound,
            address: built.object.id.address,
            overlay: context.overlays.first?.overlay ?? OverlayID(0),
            byteCount: built.object.byteCount, bytesBefore: context.before.bytes,
            latestTimeBefore: context.before.latestTime, streamsBefore: context.before.streams)
    }
}
