// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, reading. What two histories have beyond the last event that they share.
public import SegmentStore

/// The difference of two forks: each side's events from the common point on, O(changes).
public struct Difference: Sendable {
    /// Where both histories stop being the same.
    public let common: Position
    public internal(set) var left: Side
    public internal(set) var right: Side

    /// What one side has beyond the common point.
    public struct Side: Sendable {
        public let name: String
        public let head: Position
        let view: View
        /// Events that stand on the other side too, with equal ids and content; ascending.
        var moved: [Position] = []

        /// How many events stand on the other side too, and are not listed.
        public var movedCount: UInt64 { UInt64(moved.count) }
        public var eventCount: UInt64 { common.distance(to: head) - movedCount }
        let common: Position
    }

    /// Whether neither side has anything that the other has not.
    public var isEmpty: Bool { left.eventCount == 0 && right.eventCount == 0 }
}

extension Difference.Side {
    /// Calls `body` with each of this side's events in position order, those that only moved left
    /// out, until it answers false.
    public func forEachEvent(
        _ body: (EventReference) throws(ForkError) -> Bool
    ) throws(ForkError) {
        var passed = 0
        try view.scan(common..<head) { event throws(ForkError) in
            if passed < moved.count, moved[passed] == event.position {
                passed += 1
                return true
            }
            return try body(event)
        }
    }

    /// The streams that this side changed, with what it added to each. O(events of this side).
    public func streamChanges() throws(ForkError) -> StreamChanges {
        var changes = StreamChanges()
        try forEachEvent { event throws(ForkError) in
            changes.add(event)
            return true
        }
        return changes
    }

    /// The same in an array, sorted by the bytes of the streams' names.
    public func streams() throws(ForkError) -> [StreamChange] {
        var streams: [StreamChange] = []
        try streamChanges().forEach { streams.append($0) }
        return streams
    }
}
