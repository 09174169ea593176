// SPDX-License-Identifier: Apache-2.0
// A history that shares no code with runs: what each lookup in a run must answer is found in it by
// looking at every event.
import ForkTesting

@testable import SegmentStore

/// Events in position order, cut into segments.
struct HistoryModel {
    struct Event {
        var stream: String
        var version: UInt64
    }

    struct Segment {
        var address: ObjectAddress
        /// Lowered by a trim.
        var range: Range<Int>
        /// The position of each row, in row order; a trim leaves it.
        var rows: [Int]
    }

    private(set) var events: [Event] = []
    private var next: [String: UInt64] = [:]
    private(set) var segments: [Segment] = []
    /// The rows of every segment that there ever was.
    private(set) var rows: [ObjectAddress: [Int]] = [:]
    /// Bits of the hash that count: few, and hashes of different names are equal.
    var hashMask: UInt64 = .max

    init(hashMask: UInt64 = .max) { self.hashMask = hashMask }

    var streams: [String] { Set(events.map(\.stream)).sorted() }

    func hash(_ name: UnsafeRawBufferPointer) -> StreamHash {
        StreamHash(rawValue: StreamHash(of: name).rawValue & hashMask)
    }

    func hash(_ name: String) -> StreamHash {
        Array(name.utf8).withUnsafeBytes { hash($0) }
    }

    /// Adds a segment of these streams' next events.
    mutating func append(_ streams: [String]) {
        let first = events.count
        for stream in streams {
            events.append(Event(stream: stream, version: next[stream, default: 0]))
            next[stream, default: 0] += 1
        }
        segments.append(makeSegment(first..<events.count))
    }

    /// Forgets the events from `end` on, as a fork at a past point does.
    mutating func trim(to end: Int) {
        events.removeSubrange(end...)
        next = [:]
        for event in events { next[event.stream] = event.version + 1 }
        segments.removeAll { $0.range.lowerBound >= end }
        let last = segments.count - 1
        segments[last].range = segments[last].range.lowerBound..<end
    }

    /// Puts one segment in the place of several neighbours.
    mutating func coalesce(_ numbers: Range<Int>) {
        let range =
            segments[numbers.lowerBound].range
            .lowerBound..<segments[numbers.upperBound - 1].range
            .upperBound
        segments.replaceSubrange(numbers, with: [makeSegment(range)])
    }

    private mutating func makeSegment(_ range: Range<Int>) -> Segment {
        // Any distinct address does: runs do not look into segments.
        let text = events[range].map { "\($0.stream)/\($0.version)" }.joined(separator: " ")
        let address = Array("\(range) \(text)".utf8).withUnsafeBytes { ObjectAddress(of: $0) }
        rows[address] = sortedRows(of: range)
        return Segment(address: address, range: range, rows: sortedRows(of: range))
    }

    /// The positions of a segment's rows, in row order: by (key, name, version).
    private func sortedRows(of range: Range<Int>) -> [Int] {
        let names = Set(events[range].map(\.stream))
        let keys = Dictionary(uniqueKeysWithValues: names.map { ($0, hash($0).key) })
        return range.sorted { left, right in
            let (one, other) = (events[left], events[right])
            if one.stream == other.stream { return one.version < other.version }
            let (oneKey, otherKey) = (keys[one.stream] ?? 0, keys[other.stream] ?? 0)
            if oneKey != otherKey { return oneKey < otherKey }
            return one.stream.utf8.lexicographicallyPrecedes(other.stream.utf8)
        }
    }
}

// MARK: As runs want it

extension HistoryModel {
    func runSegment(_ segment: Segment) -> RunSegment {
        RunSegment(
            address: segment.address,
            range: Position(
                UInt64(segment.range.lowerBound))..<Position(
                    UInt64(segment.range.upperBound)))
    }

    func streamTable(_ segment: Segment) -> SegmentStreamTable {
        var streams: [(name: String, stream: SegmentGrouping.Stream)] = []
        let rows = segment.rows
        var row = 0
        while row < rows.count {
            let first = events[rows[row]]
            var end = row
            while end < rows.count, events[rows[end]].stream == first.stream { end += 1 }
            let stream = SegmentGrouping.Stream(
                hash: hash(first.stream), name: .init(start: nil, count: 0),
                firstVersion: Version(first.version), count: UInt32(end - row),
                firstRow: UInt32(row))
            streams.append((first.stream, stream))
            row = end
        }
        return .make(streams)
    }

    /// What a run over some of the segments must answer for a stream: extents newest first,
    /// segments numbered from the first of `numbers`.
    func extents(of stream: String, in numbers: Range<Int>) -> [RunExtent] {
        var extents: [RunExtent] = []
        for number in numbers.reversed() {
            let segment = segments[number]
            let own = segment.rows.indices.filter { row in
                let position = segment.rows[row]
                return segment.range.contains(position) && events[position].stream == stream
            }
            guard let row = own.first else { continue }
            extents.append(
                RunExtent(
                    firstVersion: Version(events[segment.rows[row]].version),
                    count: UInt32(own.count), segment: UInt32(number - numbers.lowerBound),
                    firstRow: UInt32(row)))
        }
        return extents
    }

    /// As a segment would answer it; rows that it does not have are none.
    func visibleCount(_ address: ObjectAddress, _ wanted: Range<UInt32>, _ cut: Position) -> UInt32
    {
        let positions = (rows[address] ?? []).prefix(Int(wanted.upperBound))
        return UInt32(
            positions.dropFirst(Int(wanted.lowerBound)).count { $0 < Int(cut.rawValue) })
    }
}

extension SegmentStreamTable {
    /// A table of streams that take their names from beside them.
    static func make(
        _ streams: [(name: String, stream: SegmentGrouping.Stream)]
    ) -> SegmentStreamTable {
        let names = streams.flatMap { Array($0.name.utf8) }
        return names.withUnsafeBytes { names in
            var offset = 0
            return SegmentStreamTable(
                streams.map { name, stream in
                    defer { offset += name.utf8.count }
                    var stream = stream
                    stream.name = names.slice(offset, name.utf8.count)
                    return stream
                })
        }
    }
}
