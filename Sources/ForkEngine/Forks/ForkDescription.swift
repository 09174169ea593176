// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, forks. What is told of a fork without reading its events.
public import SegmentStore

/// A fork as `list` and `show` print it. All of it comes from the row and the live word: O(1).
public struct ForkDescription: Hashable, Sendable {
    public enum State: String, Hashable, Sendable, CaseIterable {
        case active
        /// Its time is over; it waits for the collector.
        case expired
    }

    public let id: ForkID
    public let name: String
    /// The fork that it was made from; nil for `main`.
    public let parent: ForkID?
    /// The parent's name now; nil where the parent is gone.
    public let parentName: String?
    public let state: State
    /// The position at which its own events begin.
    public let base: Position
    /// Its next position: the number of events in its history.
    public let head: Position
    /// All visible bytes of events, and those of them that are its own.
    public let logicalByteCount: UInt64
    public let ownByteCount: UInt64
    public let created: Timestamp
    public let expires: Timestamp?
    public let labels: Labels
    /// Whether a process has it open for writing: its slot says so, and its lock is held. A writer
    /// that was killed has a slot until somebody recovers its fork, and no lock.
    public let isLive: Bool

    /// Those of them that are not its own.
    public var sharedByteCount: UInt64 { logicalByteCount - min(logicalByteCount, ownByteCount) }

    /// Events that it added itself.
    public var ownEventCount: UInt64 { base.distance(to: head) }
}

extension Store {
    /// `isLive`: whether a writer lives, where that was asked (`hasLiveWriter`).
    func describe(
        _ row: ForkRow, parentName: String?, now: Timestamp, isLive: Bool = false
    ) -> ForkDescription {
        var head = row.snapshot.cut
        var byteCount = row.snapshot.logicalByteCount
        if case .end(let end) = slots.state(of: row) {
            head = max(head, end.head)
            byteCount = max(byteCount, end.logicalByteCount)
        }
        return ForkDescription(
            id: row.id, name: row.name, parent: row.parent, parentName: parentName,
            state: row.isExpired(at: now) ? .expired : .active, base: row.base, head: head,
            logicalByteCount: byteCount,
            ownByteCount: byteCount - min(byteCount, row.baseLogicalByteCount),
            created: row.created, expires: row.expires, labels: row.labels, isLive: isLive)
    }

    /// Whether a process has the fork open for writing: its slot alone may be of one that is gone,
    /// so the lock is tried, and given back at once. It is tried once a dead writer: from then on
    /// the slot says that nobody is behind it, and who opens the fork meanwhile waits a moment.
    func hasLiveWriter(_ row: ForkRow) throws(ForkError) -> Bool {
        guard case .end = slots.state(of: row), let slot = slots.slot(of: row.id),
            !slot.isBeingRecovered
        else { return false }
        if liveWriter(of: row.id) != nil { return true }
        guard let lock = try locks.takeWriter(row.id) else { return true }
        defer { lock.release() }
        slots.slot(of: row.id)?.noteRecovery()
        return false
    }
}
