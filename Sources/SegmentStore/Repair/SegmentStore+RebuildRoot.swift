// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, repair. A root made from nothing but its segments: nodes that are lost took
// no event with them.

/// A segment of the store, with whose events it holds.
package struct SegmentCandidate: Sendable {
    /// As a root would name all of it.
    package let entry: SegmentEntry
    package let overlays: [OverlayRange]
}

extension SegmentStore {
    /// Every segment of the store whose tables can be read, but for those of `excluded`.
    /// O(segments) footers; some 150 bytes of memory each.
    package func candidates(
        excluding excluded: Set<ObjectID>
    ) throws(StorageError) -> [SegmentCandidate] {
        let fresh = withoutCaches()
        var found: [SegmentCandidate] = []
        for folder in ObjectFolder.all {
            for object in try objects.list(folder).objects
            where object.kind == .segment && !excluded.contains(object) {
                do throws(StorageError) {
                    let segment = try fresh.segments.open(object.address)
                    found.append(
                        SegmentCandidate(
                            entry: SegmentEntry(segment), overlays: segment.overlays))
                } catch {
                    guard error.isDamage else { throw error }
                }
            }
        }
        return found
    }

    /// Segments that hold a history from 0 on, without a gap, up to `end` or as far as they reach.
    ///
    /// `history`: whose the events are. An overlay and a position name an event for ever, so every
    /// segment that holds them holds these events, whoever flushed it.
    package static func cover(
        _ history: [OverlayRange], to end: Position, with candidates: [SegmentCandidate]
    ) -> [SegmentEntry] {
        // By position and longest first, each as long as its events are the history's.
        var parts: [SegmentEntry] = []
        for candidate in candidates {
            var entry = candidate.entry
            entry.end = min(end, agreement(of: candidate.overlays, with: history))
            if entry.first < entry.end { parts.append(entry) }
        }
        parts.sort { ($0.first, $1.end, $0.address) < ($1.first, $0.end, $1.address) }
        var chosen: [SegmentEntry] = []
        // Of those that begin where the history is covered the one that reaches farthest.
        var reached = Position.zero
        var index = 0
        while reached < end {
            var best: SegmentEntry?
            while index < parts.count, parts[index].first <= reached {
                if parts[index].end > best?.end ?? reached { best = parts[index] }
                index += 1
            }
            guard let best else { break }
            // It begins where its object begins: what is below it ends there.
            while let last = chosen.last, last.first >= best.first { chosen.removeLast() }
            if let last = chosen.last {
                chosen[chosen.count - 1] = last.trimmed(to: best.first)
            }
            chosen.append(best)
            reached = best.end
        }
        return chosen
    }

    /// Where the next of the candidates begins behind `reached` that holds events of the history.
    package static func nextStart(
        behind reached: Position, in history: [OverlayRange], with candidates: [SegmentCandidate]
    ) -> Position? {
        var next: Position?
        for candidate in candidates {
            let first = candidate.entry.first
            if first > reached, next.map({ first < $0 }) ?? true,
                agreement(of: candidate.overlays, with: history) > first
            {
                next = first
            }
        }
        return next
    }

    /// The position up to which the events of a segment are those of a history.
    private static func agreement(
        of overlays: [OverlayRange], with history: [OverlayRange]
    ) -> Position {
        var end = overlays.first?.from ?? .zero
        for range in overlays {
            while end < range.to {
                guard
                    let owner = history.first(where: { $0.from <= end && end < $0.to }),
                    owner.overlay == range.overlay
                else { return end }
                end = min(range.to, owner.to)
            }
        }
        return end
    }

    /// A root that names these segments and runs, and shares no node with any other.
    package func rebuildRoot(
        of segments: [SegmentEntry], runs: [RunEntry]
    ) throws(StorageError) -> PublishedRoot {
        precondition(!segments.isEmpty, "without events there is no root")
        var draft = RootDraft(of: reader(of: nil))
        for segment in segments { draft.put(segment) }
        for run in runs { draft.put(run) }
        guard let published = try draft.publish() else {
            preconditionFailure("a root over events has entries")
        }
        return published
    }

    /// New runs over neighbouring segments, oldest first.
    package func buildRuns(
        over segments: [SegmentEntry], isOldest: Bool
    ) throws(StorageError) -> [(entry: RunEntry, object: PublishedObject)] {
        var runs: [(RunEntry, PublishedObject)] = []
        for start in stride(from: 0, to: segments.count, by: Self.segmentsPerRunMax) {
            let group = Array(segments[start..<min(start + Self.segmentsPerRunMax, segments.count)])
            let run = try build(
                over: group, hasFilter: !isOldest || start > 0, in: objects)
            runs.append((RunEntry(run), run.object))
        }
        return runs
    }

    /// So many hold 16 million events, and far fewer streams than one run can.
    private static let segmentsPerRunMax = 64
}

extension SegmentEntry {
    /// What a root says of all of a segment.
    fileprivate init(_ segment: Segment) {
        let before = segment.totalsBefore
        self.init(
            first: segment.range.lowerBound, end: segment.range.upperBound,
            address: segment.id.address, overlay: segment.overlays.first?.overlay ?? OverlayID(0),
            byteCount: segment.byteCount, bytesBefore: before.bytes,
            latestTimeBefore: before.latestTime, streamsBefore: before.streams)
    }
}
