// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, manifest. The segments of a range, in order, both ways.
//
// The segments of a root leave no gap from 0 to its end and do not overlap. Every walk holds them
// to that: a history with a hole is damage (invariant 2), never a shorter answer.

extension ManifestReader {
    /// Calls `body` with the segments that hold positions of `range`, in order of position or the
    /// other way, until it returns false. What of `range` is at or beyond the end is passed over;
    /// a gap or an overlap below is damage, thrown when the walk comes to it.
    package func forEachSegment(
        in range: Range<Position>, reverse: Bool = false,
        _ body: (SegmentEntry) throws(StorageError) -> Bool
    ) throws(StorageError) {
        guard !range.isEmpty else { return }
        if reverse {
            try forEachSegmentDescending(in: range, body)
        } else {
            try forEachSegmentAscending(in: range, body)
        }
    }

    private func forEachSegmentAscending(
        in range: Range<Position>, _ body: (SegmentEntry) throws(StorageError) -> Bool
    ) throws(StorageError) {
        var next = range.lowerBound
        if let holding = try segment(holding: next) {
            guard try body(holding) else { return }
            next = holding.end
        }
        // In the gap before the first segment that begins at or above.
        var cursor = try manifest.cursor(before: ManifestKey.segment(next))
        while next < range.upperBound, let entry = try cursor.next() {
            let segment = try segment(entry)
            guard segment.first == next else { throw discontinuity(at: next) }
            guard try body(segment) else { return }
            next = segment.end
        }
    }

    private func forEachSegmentDescending(
        in range: Range<Position>, _ body: (SegmentEntry) throws(StorageError) -> Bool
    ) throws(StorageError) {
        // Where the segment above the next one begins.
        var above = range.upperBound
        var isFirst = true
        var cursor = try manifest.cursor(before: ManifestKey.segment(above))
        while above > range.lowerBound {
            guard let entry = try cursor.previous(),
                entry.key.first == ManifestEntryFormat.segmentTag
            else {
                // Nothing begins below: right only where there is nothing at all.
                if isFirst, try end() == .zero { return }
                throw discontinuity(at: range.lowerBound)
            }
            let segment = try segment(entry)
            if isFirst, segment.end < above {
                // The last of the root may end below the range.
                let end = try end()
                guard segment.end == end else { throw discontinuity(at: segment.end) }
                guard end > range.lowerBound else { return }
            } else if !isFirst, segment.end != above {
                throw discontinuity(at: min(segment.end, above))
            }
            guard try body(segment) else { return }
            above = segment.first
            isFirst = false
        }
    }

    private func discontinuity(at position: Position) -> StorageError {
        damage("below it the segments have a gap or an overlap at position \(position)")
    }
}
