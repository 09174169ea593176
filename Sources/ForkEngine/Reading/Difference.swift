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
        /// Events that stand on the other side too, with equal ids and content; by position.
        public internal(set) var moved: Set<Position> = []

        public var eventCount: UInt64 { common.distance(to: head) - UInt64(moved.count) }
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
        try view.scan(common..<head) { event throws(ForkError) in
            moved.contains(event.position) ? true : try body(event)
        }
    }

    /// The streams that this side changed, with what it added to each, sorted by name.
    /// O(events of this side).
    public func streams() throws(ForkError) -> [StreamChange] {
        var changes: [[UInt8]: StreamChange] = [:]
        try forEachEvent { event throws(ForkError) in
            let name = Array(event.stream)
            var change =
                changes[name]
                ?? StreamChange(
                    stream: String(decoding: event.stream, as: UTF8.self),
                    firstVersion: event.version, eventCount: 0, byteCount: 0)
            change.eventCount += 1
            change.byteCount += event.logicalByteCount
            changes[name] = change
            return true
        }
        return changes.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
    }
}

/// What one side of a difference added to a stream.
public struct StreamChange: Hashable, Sendable {
    public let stream: String
    public let firstVersion: Version
    public internal(set) var eventCount: UInt64
    public internal(set) var byteCount: UInt64
}
