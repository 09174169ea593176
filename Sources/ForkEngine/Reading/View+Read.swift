// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, reading. Streams by version, events by position.
public import SegmentStore

extension View {
    /// The number of events in a stream, which is the version that its next one gets.
    /// About one look-up in memory, or five pages of the root.
    public func eventCount(of stream: UnsafeRawBufferPointer) throws(ForkError) -> Version {
        let hash = StreamHash(of: stream)
        if let latest = tail.latest(hash, name: stream) {
            return latest.version.advanced(by: 1)
        }
        return try root.nextVersion(of: hash, name: stream) ?? .zero
    }

    /// Lends one event of a stream to `body`; nil where the stream has no such version.
    public func withEvent<Result>(
        of stream: UnsafeRawBufferPointer, version: Version,
        _ body: (EventReference) throws(ForkError) -> Result
    ) throws(ForkError) -> Result? {
        var result: Result?
        if version == Version(.max) { return nil }
        try read(stream, versions: version..<version.advanced(by: 1)) { (event) throws(ForkError) in
            result = try body(event)
            return false
        }
        return result
    }

    /// Lends the stream's events of `versions` in order, from the last one down where
    /// `reverse`, until `body` answers false. Versions that are not there are passed over.
    public func read(
        _ stream: UnsafeRawBufferPointer, versions: Range<Version>, reverse: Bool = false,
        _ body: (EventReference) throws(ForkError) -> Bool
    ) throws(ForkError) {
        let hash = StreamHash(of: stream)
        try relaying(to: body) { (lend) throws(StorageError) in
            if reverse {
                let goesOn = try tail.scanStream(
                    hash, name: stream, versions: versions, reverse: true, lend)
                if !goesOn { return }
            }
            if let snapshot = root.snapshot {
                let goesOn = try snapshot.readStream(
                    of: hash, name: stream, versions: versions, reverse: reverse, lend)
                if !goesOn { return }
            }
            if !reverse {
                try tail.scanStream(hash, name: stream, versions: versions, lend)
            }
        }
    }

    /// Lends the events of `positions` that pass `filter`, in position order, downwards where
    /// `reverse`, until `body` answers false.
    public func scan(
        _ positions: Range<Position>, reverse: Bool = false, filter: EventFilter = EventFilter(),
        _ body: (EventReference) throws(ForkError) -> Bool
    ) throws(ForkError) {
        let positions = positions.clamped(to: Position.zero..<head)
        let prepared = SegmentFilter(filter)
        try relaying(to: body) { (lend) throws(StorageError) in
            func scanTail() throws(StorageError) -> Bool {
                let part = positions.clamped(to: root.end..<max(head, root.end))
                if part.isEmpty { return true }
                return try tail.scan(part, reverse: reverse, partition: filter.partition) {
                    (event) throws(StorageError) in
                    prepared.matches(event) ? try lend(event) : true
                }
            }
            func scanRoot() throws(StorageError) -> Bool {
                let part = positions.clamped(to: Position.zero..<root.end)
                guard let snapshot = root.snapshot, !part.isEmpty else { return true }
                return try snapshot.scan(
                    part, reverse: reverse, filter: prepared, lend)
            }
            if reverse {
                guard try scanTail() else { return }
                _ = try scanRoot()
            } else {
                guard try scanRoot() else { return }
                _ = try scanTail()
            }
        }
    }

    /// Copies out the event at a position; nil at or above the head.
    public func event(at position: Position) throws(ForkError) -> Event? {
        var result: Event?
        guard position < head else { return nil }
        try scan(position..<position.advanced(by: 1)) { (event) throws(ForkError) in
            result = Event(event, id: try id(of: event))
            return false
        }
        return result
    }

    /// The id of an event of this view: the stored one, or the one derived from its place.
    public func id(of event: EventReference) throws(ForkError) -> EventID {
        if let stored = event.storedID { return stored }
        if event.position >= root.end, let overlay = spans.overlay(of: event.position) {
            return EventID.derived(
                time: event.time, overlay: overlay, position: event.position,
                seed: store.record.seed)
        }
        guard let snapshot = root.snapshot else {
            throw ForkError(.invalid, "event \(event.position) is not of this view")
        }
        return try lifting { () throws(StorageError) in try snapshot.id(of: event) }
    }

    /// The event's number in its partition, from 0 (invariant 3).
    public func sequence(of event: EventReference) throws(ForkError) -> UInt64 {
        let partition = event.streamHash.partition
        let flushed = try lifting { () throws(StorageError) -> UInt64 in
            try root.snapshot?.sequence(
                of: partition, before: min(event.position, root.end)) ?? 0
        }
        return flushed + tail.sequence(of: partition, before: event.position)
    }
}

/// Runs `work` of the floor below with a `lend` that passes events on to `body`, and carries what
/// `body` throws through that floor, whose errors are of another type.
func relaying(
    to body: (EventReference) throws(ForkError) -> Bool,
    _ work: (Lend) throws(StorageError) -> Void
) throws(ForkError) {
    try withoutActuallyEscaping(body) { (body) throws(ForkError) in
        let failure = Failure()
        try lifting { () throws(StorageError) in
            try work { (event) throws(StorageError) in
                do throws(ForkError) {
                    return try body(event)
                } catch {
                    failure.error = error
                    return false
                }
            }
        }
        if let error = failure.error { throw error }
    }
}

typealias Lend = (EventReference) throws(StorageError) -> Bool

private final class Failure {
    var error: ForkError?
}
