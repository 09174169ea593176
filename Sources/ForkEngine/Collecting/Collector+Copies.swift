// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, collecting. Rule 16: what is about to be deleted may hold what a damaged segment
// held, and is all that a repair could build it from. So the segments that took its place are read
// wholly first, page by page, and where one of them does not verify nothing is deleted.
//
// Marking reads tables alone. This reads each segment once for each time that something which it
// replaced goes: a flush's journals, and what a coalescing made one of.
import SegmentStore

extension Collector {
    /// Verifies every reachable segment that holds events which a candidate holds, too.
    ///
    /// O(bytes of those segments, and of the candidate journals whose overlay any of them shows),
    /// and one footer for each candidate segment; where any of them tells of events, one for each
    /// reachable segment too. Throws `damaged`.
    func checkCopies(
        of objects: [ObjectID], journals: [JournalID], reachable: Set<ObjectID>
    ) throws(ForkError) {
        var going = OverlayPositions()
        let next = OverlayID(
            try store.catalog.read { catalog throws(ForkError) in
                try catalog.counted().nextOverlay
            })
        for object in objects where object.kind == .segment {
            for range in try store.overlayRanges(of: object) {
                guard range.overlay < next else {
                    throw ForkError(Store.lostCommits(object.path))
                }
                going.add(range)
            }
        }
        if going.isEmpty && journals.isEmpty { return }
        let overlays = Set(journals.map(\.overlay))
        var shown: Set<OverlayID> = []
        var holders: [(segment: ObjectID, ranges: [OverlayRange])] = []
        for object in reachable.sorted() where object.kind == .segment {
            let ranges = try store.overlayRanges(of: object).filter { range in
                overlays.contains(range.overlay) || going.contains(range.overlay)
            }
            if ranges.isEmpty { continue }
            holders.append((object, ranges))
            shown.formUnion(ranges.map(\.overlay))
        }
        for journal in journals where shown.contains(journal.overlay) {
            let positions = try lifting { () throws(StorageError) in
                try Journal(journal, seed: store.record.seed, fileSystem: store.fileSystem)
                    .soundPositions()
            }
            guard let positions else { continue }
            going.add(
                OverlayRange(
                    overlay: journal.overlay, from: positions.lowerBound,
                    to: positions.upperBound))
        }
        going.merge()
        for holder in holders where holder.ranges.contains(where: going.overlaps) {
            try check(holder.segment)
        }
    }

    private func check(_ segment: ObjectID) throws(ForkError) {
        try lifting { () throws(StorageError) in
            guard let fault = try store.segments.fault(of: segment) else { return }
            // Nothing more is gone than a repair knows to be.
            let known = try Quarantine(fileSystem: store.fileSystem).acknowledged()[segment]
            guard fault != known else { return }
            throw segment.damage(
                at: nil,
                "it does not verify (\(fault)), and what it was made from would be deleted:"
                    + " repair the store before it is collected")
        }
    }
}

/// Positions, overlay by overlay: added first, asked then.
struct OverlayPositions {
    /// Apart from each other and in order, once `merge` was called.
    private var ranges: [OverlayID: [Range<Position>]] = [:]

    var isEmpty: Bool { ranges.isEmpty }

    mutating func add(_ range: OverlayRange) {
        ranges[range.overlay, default: []].append(range.from..<range.to)
    }

    /// Readies what was added to be asked. O(n log n).
    mutating func merge() {
        for (overlay, parts) in ranges {
            var merged: [Range<Position>] = []
            for part in parts.sorted(by: { $0.lowerBound < $1.lowerBound }) where !part.isEmpty {
                if let last = merged.last, part.lowerBound <= last.upperBound {
                    let end = max(last.upperBound, part.upperBound)
                    merged[merged.count - 1] = last.lowerBound..<end
                } else {
                    merged.append(part)
                }
            }
            ranges[overlay] = merged
        }
    }

    func contains(_ overlay: OverlayID) -> Bool { ranges[overlay] != nil }

    /// O(log n).
    func overlaps(_ range: OverlayRange) -> Bool {
        guard let parts = ranges[range.overlay] else { return false }
        var (low, high) = (0, parts.count)
        while low < high {
            let middle = low + (high - low) / 2
            if parts[middle].upperBound <= range.from { low = middle + 1 } else { high = middle }
        }
        return low < parts.count && parts[low].lowerBound < range.to
    }
}
