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
    /// The streams whose names begin with `prefix`, sorted by the bytes of their names.
    /// O(all streams): streams lie in the order of their hashes.
    public func streams(prefix: String = "") throws(ForkError) -> [StreamSummary] {
        var found: [(name: [UInt8], partition: Partition, count: UInt64)] = []
        try prefix.withBytes { (prefix) throws(ForkError) in
            var pending: [[UInt8]: UInt64] = [:]
            for stream in tail.streams() where stream.name.starts(with: prefix) {
                let count = stream.versions.upperBound.rawValue
                pending[stream.name] = count
                found.append((stream.name, stream.hash.partition, count))
            }
            guard let snapshot = root.snapshot else { return }
            try lifting { () throws(StorageError) in
                try snapshot.forEachStream(prefix: prefix) {
                    (hash, bytes, count) throws(StorageError) in
                    let name = Array(bytes)
                    if pending[name] == nil { found.append((name, hash.partition, count)) }
                    return true
                }
            }
        }
        found.sort { $0.name.lexicographicallyPrecedes($1.name) }
        return found.map { stream in
            StreamSummary(
                name: String(decoding: stream.name, as: UTF8.self), partition: stream.partition,
                eventCount: stream.count)
        }
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
