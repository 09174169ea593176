// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. What goes on behind a segment that cannot be read: the runs tell
// how many events each stream has, and by that every sequence (invariants 3 and 10).

extension Snapshot {
    /// How many events below the cut each partition has, and how many streams there are, as the
    /// runs tell. O(streams of all runs). Damage where a run, or a segment that the cut divides,
    /// cannot be read: nothing is guessed.
    func census() throws(StorageError) -> (streams: UInt64, sequences: [UInt64]) {
        var streams: UInt64 = 0
        var events: UInt64 = 0
        var sequences = [UInt64](repeating: 0, count: Partition.count)
        let every = UnsafeRawBufferPointer(start: nil, count: 0)
        try forEachStream(prefix: every) { (hash, _, count) throws(StorageError) in
            streams += 1
            events &+= count
            sequences[Int(hash.partition.rawValue)] &+= count
            return true
        }
        guard events == cut.rawValue else {
            throw .damaged(root.node, "its runs tell of \(events) events below position \(cut)")
        }
        return (streams, sequences)
    }

    /// The segment that holds the last event below the cut.
    func lastSegment() throws(StorageError) -> SegmentEntry? {
        guard cut > .zero else { return nil }
        return try open.reader.segment(holding: Position(cut.rawValue - 1))
    }

    /// Totals at the cut, where the segment before it is lost for good: events, streams and
    /// sequences are exact; its bytes and times are not counted, and types from here on neither.
    func totalsPastLost(_ last: SegmentEntry) throws(StorageError) -> HistoryTotals {
        let (streams, sequences) = try census()
        return HistoryTotals(
            events: cut.rawValue, bytes: last.bytesBefore, streams: streams,
            latestTime: last.latestTimeBefore, sequences: sequences, types: nil)
    }
}
