// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, segments. What `stats` answers at a place of a history, without reading the
// history: each segment carries the totals before its first event.

/// Totals of all events below a position.
package struct HistoryTotals: Sendable, Equatable {
    /// How often a type was used.
    package struct TypeCount: Sendable, Equatable {
        package var name: [UInt8]
        package var count: UInt64

        package init(name: [UInt8], count: UInt64) {
            self.name = name
            self.count = count
        }
    }

    /// Events, which is also the position.
    package var events: UInt64
    /// `EventReference.logicalByteCount` of all of them.
    package var bytes: UInt64
    /// Streams that have an event.
    package var streams: UInt64
    /// The latest time of any event; `.min` where there is none.
    package var latestTime: Timestamp
    /// The next sequence of each of the 32 partitions.
    package var sequences: [UInt64]
    /// Events of each type, by name; nil once there were more than
    /// `SegmentFormat.countedTypesMax` types.
    package var types: [TypeCount]?

    package init(
        events: UInt64, bytes: UInt64, streams: UInt64, latestTime: Timestamp,
        sequences: [UInt64], types: [TypeCount]?
    ) {
        self.events = events
        self.bytes = bytes
        self.streams = streams
        self.latestTime = latestTime
        self.sequences = sequences
        self.types = types
    }

    /// Of a history without events.
    package static let zero = HistoryTotals(
        events: 0, bytes: 0, streams: 0, latestTime: .min,
        sequences: Array(repeating: 0, count: Partition.count), types: [])

    /// Adds counts of types, given by name in order. Both counts are of events of one history, whose
    /// number fits 64 bits.
    mutating func add(types added: [TypeCount]) {
        guard let before = types else { return }
        var merged: [TypeCount] = []
        merged.reserveCapacity(before.count + added.count)
        var (left, right) = (0, 0)
        while left < before.count || right < added.count {
            let order =
                left == before.count
                ? 1 : right == added.count ? -1 : before[left].order(to: added[right])
            var next = order <= 0 ? before[left] : added[right]
            if order == 0 { next.count += added[right].count }
            merged.append(next)
            if order <= 0 { left += 1 }
            if order >= 0 { right += 1 }
        }
        types = merged.count <= SegmentFormat.countedTypesMax ? merged : nil
    }
}

extension HistoryTotals.TypeCount {
    func order(to other: HistoryTotals.TypeCount) -> Int {
        name.withUnsafeBytes { left in
            other.name.withUnsafeBytes { right in ByteOrder.compare(left, right) }
        }
    }
}
