// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, reading. The streams of a view.
public import SegmentStore

/// A stream, and how many events it has in a view.
public struct StreamSummary: Hashable, Sendable {
    public let name: String
    public let partition: Partition
    public let eventCount: UInt64
}

extension View {
    /// Calls `body` with the streams whose names begin with `prefix` and stand behind `after`,
    /// sorted by the bytes of their names, at most `limit`, until it answers false.
    ///
    /// Streams lie in the order of their hashes, so that a sorted listing looks at all of them,
    /// whatever the prefix and the limit: O(all streams), and as many index pages as they fill.
    /// Memory is bounded: what is listed is held and sorted 524,288 streams or 32 MiB of names
    /// at a time, twice that at most, and each such part takes a look at all streams of its own.
    public func forEachStream(
        prefix: String = "", after: String? = nil, limit: Int = .max,
        _ body: (StreamSummary) throws(ForkError) -> Bool
    ) throws(ForkError) {
        try forEachStream(prefix: prefix, after: after, limit: limit, in: .usual, body)
    }

    func forEachStream(
        prefix: String, after: String?, limit: Int, in limits: StreamWindow.Limits,
        _ body: (StreamSummary) throws(ForkError) -> Bool
    ) throws(ForkError) {
        let pending = tail.streams()
        var floor = after.map { Array($0.utf8) }
        var left = limit
        while left > 0 {
            var part = limits
            part.count = min(part.count, left)
            var window = StreamWindow(after: floor, limits: part)
            try fill(&window, prefix: prefix, pending: pending)
            window.shrink()
            guard try window.forEach(body), window.isCut else { return }
            left -= window.count
            floor = window.last
        }
    }

    private func fill(
        _ window: inout StreamWindow, prefix: String, pending: [TailStream]
    ) throws(ForkError) {
        try prefix.withBytes { (prefix) throws(ForkError) in
            for stream in pending where stream.name.starts(with: prefix) {
                stream.name.withUnsafeBytes { name in
                    window.add(
                        name, partition: stream.hash.partition,
                        eventCount: stream.versions.upperBound.rawValue)
                }
            }
            guard let snapshot = root.snapshot else { return }
            try lifting { () throws(StorageError) in
                try snapshot.forEachStream(prefix: prefix) {
                    (hash, name, count) throws(StorageError) in
                    // What goes on in the tail was added with its count there.
                    if tail.latest(hash, name: name) == nil {
                        window.add(name, partition: hash.partition, eventCount: count)
                    }
                    return true
                }
            }
        }
    }

    /// All that `forEachStream` gives, in memory: O(streams listed).
    public func streams(prefix: String = "") throws(ForkError) -> [StreamSummary] {
        var found: [StreamSummary] = []
        try forEachStream(prefix: prefix) { (stream) throws(ForkError) in
            found.append(stream)
            return true
        }
        return found
    }

    /// How often each type was used, by name. One segment's footer and the tail; where the history
    /// ever had more than 1,024 types, all events are read.
    public func typeCounts() throws(ForkError) -> [(type: String, count: UInt64)] {
        var counts: [[UInt8]: UInt64] = [:]
        var start = Position.zero
        let flushed = try lifting { () throws(StorageError) in
            try root.snapshot?.totals(at: min(root.end, head))
        }
        if let types = flushed?.types {
            for type in types { counts[type.name] = type.count }
            start = min(root.end, head)
        }
        try scan(start..<head) { (event) throws(ForkError) in
            counts[Array(event.type), default: 0] += 1
            return true
        }
        return counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { (String(decoding: $0.key, as: UTF8.self), $0.value) }
    }
}
