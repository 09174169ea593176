// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, reading. Sums over a view: at most one segment is read for them.
public import SegmentStore

/// What a history adds up to.
public struct HistorySummary: Hashable, Sendable {
    public let eventCount: UInt64
    /// Bytes of streams, types, data and metadata of all events.
    public let logicalByteCount: UInt64
    public let streamCount: UInt64
    /// The latest time of any event; nil where there is none.
    public let latestTime: Timestamp?
    /// The next sequence of each of the 32 partitions.
    public let sequences: [UInt64]
}

extension View {
    /// The totals of the view. O(1): one segment's footer at most, and the tail's sums.
    public func summary() throws(ForkError) -> HistorySummary {
        let pending = tail.totals(before: head)
        var eventCount = pending.eventCount
        var byteCount = pending.logicalByteCount
        var streamCount = pending.newStreamCount
        var latest = pending.latestTime
        var sequences = pending.sequences
        if let snapshot = root.snapshot {
            let flushed = try lifting { () throws(StorageError) in
                try snapshot.totals(at: min(root.end, head))
            }
            eventCount += flushed.events
            byteCount += flushed.bytes
            streamCount += flushed.streams
            latest = max(latest, flushed.latestTime)
            for index in sequences.indices { sequences[index] += flushed.sequences[index] }
        }
        return HistorySummary(
            eventCount: eventCount, logicalByteCount: byteCount, streamCount: streamCount,
            latestTime: eventCount == 0 ? nil : latest, sequences: sequences)
    }

    /// Bytes of all events below the head.
    func logicalByteCount() throws(ForkError) -> UInt64 { try summary().logicalByteCount }

    /// The cut before the first event whose running maximum of `time` is greater than `time`:
    /// what a fork "as of" that instant holds.
    public func position(at time: Timestamp) throws(ForkError) -> Position {
        if let snapshot = root.snapshot {
            let cut = try lifting { () throws(StorageError) in
                try snapshot.position(at: time)
            }
            if cut < min(root.end, head) { return cut }
        }
        return min(head, tail.firstPosition(laterThan: time))
    }

    /// The same view, ending at `cut`.
    func trimmed(to cut: Position) throws(ForkError) -> View {
        guard cut < head else { return self }
        return View(
            store: store, fork: fork, name: name, head: cut,
            root: try root.trimmed(to: cut, in: store),
            tail: tail.prefix(below: max(cut, tail.start)), spans: spans,
            overlay: ownership.overlay)
    }
}
