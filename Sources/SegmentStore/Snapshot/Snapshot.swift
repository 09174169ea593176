// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. What a root holds below a cut, to be read.

/// An immutable part of a history: everything flushed below a cut. Thread-safe, no locks held.
package final class Snapshot: Sendable {
    package let root: ManifestRoot
    package let cut: Position

    init(root: ManifestRoot, cut: Position) {
        self.root = root
        self.cut = cut
    }

    /// The version behind the stream's last event below the cut; nil where it has none.
    package func nextVersion(
        of hash: StreamHash, name: UnsafeRawBufferPointer
    ) throws(StorageError) -> Version? { throw .notBuilt }

    /// Lends the stream's event of this version; false where there is none below the cut.
    package func withEvent(
        of hash: StreamHash, name: UnsafeRawBufferPointer, version: Version,
        _ body: (EventReference) throws(StorageError) -> Void
    ) throws(StorageError) -> Bool { throw .notBuilt }

    /// Lends the stream's events of `versions` in order, downwards where `reverse`, until `body`
    /// answers false. Returns whether it came to the end.
    package func readStream(
        of hash: StreamHash, name: UnsafeRawBufferPointer, versions: Range<Version>,
        reverse: Bool, _ body: (EventReference) throws(StorageError) -> Bool
    ) throws(StorageError) -> Bool { throw .notBuilt }

    /// Lends the events of `positions` below the cut that pass `filter`, in position order,
    /// downwards where `reverse`, until `body` answers false. Returns whether it came to the end.
    package func scan(
        _ positions: Range<Position>, reverse: Bool, filter: SegmentFilter,
        _ body: (EventReference) throws(StorageError) -> Bool
    ) throws(StorageError) -> Bool { throw .notBuilt }

    /// The id of an event that this snapshot lent: stored, or derived from its place.
    package func id(of event: EventReference) throws(StorageError) -> EventID { throw .notBuilt }

    /// How many events of the partition lie below `position`, which is at most the cut.
    package func sequence(
        of partition: Partition, before position: Position
    ) throws(StorageError) -> UInt64 { throw .notBuilt }

    /// Sums over the events below `position`, which is at most the cut. One segment at most.
    package func totals(at position: Position) throws(StorageError) -> HistoryTotals {
        throw .notBuilt
    }

    /// The cut before the first event whose running maximum of time is greater than `time`; the
    /// snapshot's cut where none is. O(log segments) and one segment.
    package func position(at time: Timestamp) throws(StorageError) -> Position { throw .notBuilt }

    /// Calls `body` with each stream whose name begins with `prefix` and its number of events
    /// below the cut, in no order; each once. O(streams).
    package func forEachStream(
        prefix: UnsafeRawBufferPointer,
        _ body: (StreamHash, UnsafeRawBufferPointer, UInt64) throws(StorageError) -> Void
    ) throws(StorageError) { throw .notBuilt }
}

extension StorageError {
    static var notBuilt: StorageError { .limit(what: "not built yet", limit: 0, actual: 0) }
}
