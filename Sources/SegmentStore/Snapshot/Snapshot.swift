// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. What a root holds below a cut, to be read.
//
// Nothing at or above the cut is ever given (invariants 2 and 4): each read clamps positions to
// it, or goes through a `RunView`, which cuts extents there.

/// An immutable part of a history: everything flushed below a cut. Thread-safe; reading takes no
/// lock that a writer holds.
package final class Snapshot: Sendable {
    package let cut: Position
    let open: OpenRoot
    /// The runs that hold something below the cut, newest first: down to the first one that cannot
    /// be opened, which is nearly always all.
    let runs: [RunView]
    /// Why the next older run cannot be opened; nil where there is none, or it can.
    let lost: StorageError?
    /// The runs that can be opened below that one, newest first.
    let runsBelowLost: [RunView]
    /// Totals at the cut, once they were asked for: inside a segment they cost all its blocks.
    let totalsAtCut = Locked<HistoryTotals?>(nil)
    let sequencesOfCut = Locked<[UInt64]?>(nil)

    /// Costs O(runs) and no read.
    init(_ open: OpenRoot, cut: Position) throws(StorageError) {
        guard cut <= open.end else {
            throw .damaged(
                open.root.node, "below it are \(open.end) events, of which \(cut) should count")
        }
        self.open = open
        self.cut = cut
        var runs: [RunView] = []
        var below: [RunView] = []
        var lost: StorageError?
        for run in open.runs where run.entry.first < cut {
            switch run.open {
            case .success(let opened):
                let view = RunView(opened, end: min(run.entry.end, cut))
                if lost == nil { runs.append(view) } else { below.append(view) }
            case .failure(let error): lost = lost ?? error
            }
        }
        self.runs = runs
        self.lost = lost
        runsBelowLost = below
    }

    /// Throws where a look-up that none of `runs` answered would have to go on.
    @inline(__always)
    func requireOlderRuns() throws(StorageError) {
        if let lost { throw lost }
    }

    package var root: ManifestRoot { open.root }

    /// The segments that hold positions of `range` below the cut, each with those of its
    /// positions that are asked for.
    func forEachSegment(
        in range: Range<Position>, reverse: Bool = false,
        _ body: (Segment, Range<Position>) throws(StorageError) -> Bool
    ) throws(StorageError) {
        let range = range.clamped(to: Position.zero..<cut)
        try open.reader.forEachSegment(in: range, reverse: reverse) {
            (entry) throws(StorageError) in
            try body(open.segments.open(entry), entry.range.clamped(to: range))
        }
    }

    /// The segment that holds a position below the cut.
    func segment(holding position: Position) throws(StorageError) -> Segment {
        precondition(position < cut, "a snapshot gives nothing at or above its cut")
        guard let entry = try open.reader.segment(holding: position) else {
            throw .damaged(root.node, "below it no segment holds position \(position)")
        }
        return try open.segments.open(entry)
    }
}
