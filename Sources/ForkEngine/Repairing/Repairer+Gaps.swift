// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, repairing. Segments for a root whose own word is lost: those that are in the
// store, and between them what journals still hold. An overlay and a position name an event for ever,
// so that whatever holds them holds these events.
import SegmentStore

/// Segments that hold a history from 0 on, and which of them were made for it.
struct Covering {
    var entries: [SegmentEntry] = []
    var made: [PublishedObject] = []

    var end: Position { entries.last?.end ?? .zero }
}

extension Repairer {
    /// Covers a history as far as sound segments and journals reach. O(segments of the store)
    /// footers, and the journals of the overlays in the gaps; the events of a gap in memory.
    mutating func cover(
        _ history: [OverlayRange], to end: Position, isRootLost: Bool
    ) throws(ForkError) -> Covering {
        var candidates = try lifting { () throws(StorageError) in
            try segments.candidates(excluding: Set(faults.keys))
        }
        if isRootLost {
            // Nothing told the verification that these are in use.
            candidates = try sound(candidates, for: history)
        }
        var covering = Covering()
        while true {
            covering.entries = SegmentStore.cover(history, to: end, with: candidates)
            let reached = covering.end
            guard reached < end else { return covering }
            let next = SegmentStore.nextStart(behind: reached, in: history, with: candidates)
            let gap = reached..<min(next ?? end, end)
            let built = try fill(gap, of: history, after: covering.entries.last)
            guard let built else { return covering }
            candidates.append(built.candidate)
            covering.made.append(built.object)
        }
    }

    /// The same with segments of which some pages are damaged: a hole is less than an end.
    func coverWithHoles(
        _ history: [OverlayRange], to end: Position, made: [PublishedObject]
    ) throws(ForkError) -> Covering {
        let candidates = try lifting { () throws(StorageError) in
            try segments.candidates(excluding: [])
        }
        return Covering(
            entries: SegmentStore.cover(history, to: end, with: candidates), made: made)
    }

    /// Those that verify; of the others what is wrong with each is noted, where they hold any of
    /// the history.
    private mutating func sound(
        _ candidates: [SegmentCandidate], for history: [OverlayRange]
    ) throws(ForkError) -> [SegmentCandidate] {
        var found: [SegmentCandidate] = []
        for candidate in candidates {
            let isUsed = candidate.overlays.contains { part in
                history.contains {
                    $0.overlay == part.overlay && $0.from < part.to && part.from < $0.to
                }
            }
            guard isUsed else { continue }
            let object = candidate.entry.object
            let fault = try lifting { () throws(StorageError) in
                try segments.fault(of: object)
            }
            if let fault {
                if known[object] != fault { faults[object] = fault }
            } else {
                found.append(candidate)
            }
        }
        return found
    }

    /// A segment from the journals' events at the start of a gap; nil where they hold none.
    private mutating func fill(
        _ gap: Range<Position>, of history: [OverlayRange], after previous: SegmentEntry?
    ) throws(ForkError) -> (candidate: SegmentCandidate, object: PublishedObject)? {
        let before = try lifting { () throws(StorageError) in
            try segments.totals(after: previous)
        }
        guard let before else { return nil }
        // No more than one segment takes is read at once.
        let most = gap.lowerBound.advanced(by: UInt64(segments.limits.segmentEventCount))
        let gap = gap.lowerBound..<min(gap.upperBound, most)
        let owners = history.clamped(to: gap)
        guard let (tail, end) = try events(of: gap, owners) else { return nil }
        let positions = gap.lowerBound..<end
        let context = SegmentContext(
            seed: store.record.seed, overlays: owners.clamped(to: positions), before: before)
        let (quarantine, isDryRun, damaged) = (quarantine, isDryRun, Set(faults.keys))
        return try lifting { () throws(StorageError) in
            try tail.withEvents(positions) { (events) throws(StorageError) in
                try segments.buildSegment(from: events, context: context) {
                    (object) throws(StorageError) in
                    // Its damaged bytes keep a name.
                    if !isDryRun, damaged.contains(object) { try quarantine.keep(object.path) }
                }
            }
        }
    }
}
