// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. Sums, sequences and times at a position: one segment at most is
// read for each, since every segment carries the totals before it.
import Synchronization

extension Snapshot {
    /// Sums over the events below `position`, which is at most the cut. At an edge of a segment
    /// its footer answers; inside one its blocks are read, once for the cut of a snapshot.
    package func totals(at position: Position) throws(StorageError) -> HistoryTotals {
        precondition(position <= cut, "a snapshot gives nothing above its cut")
        if position == .zero { return .zero }
        if position == cut, let totals = totalsAtCut.withLock({ $0 }) { return totals }
        let segment = try segment(holding: Position(position.rawValue - 1))
        let totals = try segment.totals(at: position)
        if position == cut { totalsAtCut.withLock { $0 = totals } }
        return totals
    }

    /// How many events of the partition lie below `position`, which is at most the cut: the
    /// sequence of an event of it at that position. One page of a segment; at the snapshot's cut,
    /// and for an event of another partition, up to 32 times the work.
    package func sequence(
        of partition: Partition, before position: Position
    ) throws(StorageError) -> UInt64 {
        precondition(position <= cut, "a snapshot gives nothing above its cut")
        let index = Int(partition.rawValue)
        if position == .zero { return 0 }
        if position == cut { return try sequencesAtCut()[index] }
        let segment = try segment(holding: position)
        let row = try segment.row(at: position)
        if segment.footer.partition(ofRow: Int(row)) == partition {
            return try segment.sequence(of: position)
        }
        return try segment.sequences(at: position)[index]
    }

    private func sequencesAtCut() throws(StorageError) -> [UInt64] {
        if let totals = totalsAtCut.withLock({ $0 }) { return totals.sequences }
        if let sequences = sequencesOfCut.withLock({ $0 }) { return sequences }
        let sequences: [UInt64]
        do throws(StorageError) {
            sequences = try segment(holding: Position(cut.rawValue - 1)).sequences(at: cut)
        } catch {
            guard error.isDamage, let counted = try countedSequences() else { throw error }
            sequences = counted
        }
        sequencesOfCut.withLock { $0 = sequences }
        return sequences
    }

    /// The same as the runs tell them; nil where they cannot.
    private func countedSequences() throws(StorageError) -> [UInt64]? {
        do throws(StorageError) {
            return try census().sequences
        } catch {
            guard error.isDamage else { throw error }
            return nil
        }
    }

    /// The cut before the first event whose running maximum of time is greater than `time`; the
    /// snapshot's own cut where none is. O(log segments) look-ups and one segment.
    package func position(at time: Timestamp) throws(StorageError) -> Position {
        guard cut > .zero, time < .max else { return cut }
        // Invariant: no event before `low` is later than `time`; a segment that begins at or
        // above `high` has one before it.
        var low = Position.zero
        var high = cut
        var last: SegmentEntry?
        while low < high {
            let middle = Position(low.rawValue + (high.rawValue - low.rawValue) / 2)
            guard let entry = try open.reader.segment(holding: middle) else {
                throw .damaged(root.node, "below it no segment holds position \(middle)")
            }
            if entry.latestTimeBefore > time {
                high = entry.first
            } else {
                low = entry.end
                last = entry
            }
        }
        guard let last else { return .zero }
        var found: Position?
        let later = SegmentFilter(since: Timestamp(nanoseconds: time.rawValue + 1))
        let range = last.range.clamped(to: Position.zero..<cut)
        try open.segments.open(last).scan(range, filter: later) { (event) throws(StorageError) in
            found = event.position
            return false
        }
        return found ?? min(last.end, cut)
    }
}
