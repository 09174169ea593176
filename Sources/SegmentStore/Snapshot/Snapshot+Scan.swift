// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. Events by position.

extension Snapshot {
    /// Lends the events of `positions` below the cut that pass `filter`, in position order,
    /// downwards where `reverse`, until `body` answers false. Returns whether it came to the end.
    /// Opens the segments that hold those positions, one after the other.
    @discardableResult
    package func scan(
        _ positions: Range<Position>, reverse: Bool = false, filter: SegmentFilter = .all,
        _ body: (EventReference) throws(StorageError) -> Bool
    ) throws(StorageError) -> Bool {
        var isAtEnd = true
        try forEachSegment(in: positions, reverse: reverse) {
            (segment, part) throws(StorageError) in
            isAtEnd = try segment.scan(part, reverse: reverse, filter: filter, body: body)
            return isAtEnd
        }
        return isAtEnd
    }

    /// Lends the event at a position below the cut.
    package func withEvent<Result>(
        at position: Position, _ body: (EventReference) throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        try segment(holding: position).withEvent(at: position, body)
    }

    /// The id of an event that this snapshot lent: stored, or derived from its place.
    package func id(of event: EventReference) throws(StorageError) -> EventID {
        if let stored = event.storedID { return stored }
        return try segment(holding: event.position).eventID(of: event)
    }
}
