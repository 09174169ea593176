// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, segments.

/// Which events a scan gives: those that meet every condition that is set.
package struct SegmentFilter: Sendable, Equatable {
    /// One of these types, as UTF-8; nil for any.
    package var types: [[UInt8]]?
    package var partition: Partition?
    /// Not before this instant.
    package var since: Timestamp?
    /// Before this instant.
    package var until: Timestamp?

    package init(
        types: [[UInt8]]? = nil, partition: Partition? = nil, since: Timestamp? = nil,
        until: Timestamp? = nil
    ) {
        self.types = types
        self.partition = partition
        self.since = since
        self.until = until
    }

    package static let all = SegmentFilter()

    /// Whether an event meets the conditions: for events that are in no segment yet.
    package func matches(_ event: EventReference) -> Bool {
        if let partition, event.streamHash.partition != partition { return false }
        guard matches(time: event.time) else { return false }
        guard let types else { return true }
        return types.contains { name in
            name.withUnsafeBytes { ByteOrder.equal($0, event.type) }
        }
    }

    @inline(__always)
    func matches(time: Timestamp) -> Bool {
        if let since, time < since { return false }
        if let until, time >= until { return false }
        return true
    }

    /// Whether any time of the closed range is asked for.
    func mayMatch(earliest: Timestamp, latest: Timestamp) -> Bool {
        if let since, latest < since { return false }
        if let until, earliest >= until { return false }
        return true
    }
}
