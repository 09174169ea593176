// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, segments. Events by stream, without sorting events: each goes to its stream
// by hash, streams are sorted, and rows follow by counting. O(events + streams log streams).

/// The rows of a segment to be: which event stands in each, and which stream.
struct SegmentGrouping: ~Copyable {
    struct Stream {
        var hash: StreamHash
        var name: UnsafeRawBufferPointer
        var firstVersion: Version
        var count: UInt32
        var firstRow: UInt32
    }

    /// By (key, name): the order of rows.
    private(set) var streams: [Stream]
    /// The event of each row, by its place in the input.
    let eventOfRow: ScratchArray<UInt32>
    /// The row of each event.
    let rowOfEvent: ScratchArray<UInt32>

    /// Groups events, of which each stream's must have consecutive versions.
    init(_ events: UnsafeBufferPointer<EventReference>) throws(StorageError) {
        let streamOfEvent = ScratchArray<UInt32>(count: events.count)
        var found = try Self.assign(events, to: streamOfEvent)
        let order = Self.sortedOrder(of: found)
        let nextRow = ScratchArray<UInt32>(count: found.count)
        var row: UInt32 = 0
        for number in order {
            found[Int(number)].firstRow = row
            nextRow[Int(number)] = row
            row += found[Int(number)].count
        }
        eventOfRow = ScratchArray(count: events.count)
        rowOfEvent = ScratchArray(count: events.count)
        for event in 0..<events.count {
            let stream = Int(streamOfEvent[event])
            let row = nextRow[stream]
            nextRow[stream] = row + 1
            eventOfRow[Int(row)] = UInt32(event)
            rowOfEvent[event] = row
        }
        streams = order.map { found[Int($0)] }
    }

    /// Gives each event its stream's number, in order of first appearance.
    private static func assign(
        _ events: UnsafeBufferPointer<EventReference>,
        to streamOfEvent: borrowing ScratchArray<UInt32>
    ) throws(StorageError) -> [Stream] {
        var table = NameTable(countMax: events.count)
        var streams: [Stream] = []
        for (index, event) in events.enumerated() {
            let next = UInt32(streams.count)
            let number = table.number(
                of: event.stream, hash: event.streamHash.rawValue, orAdd: next)
            streamOfEvent[index] = number
            if number == next {
                guard event.streamHash == StreamHash(of: event.stream) else {
                    throw .unfitForSegment("a stream has another hash", at: event.position)
                }
                streams.append(
                    Stream(
                        hash: event.streamHash, name: event.stream, firstVersion: event.version,
                        count: 1, firstRow: 0))
                continue
            }
            let place = Int(number)
            let expected = streams[place].firstVersion.advanced(by: UInt64(streams[place].count))
            guard event.version == expected else {
                throw .unfitForSegment(
                    "versions of a stream are not consecutive", at: event.position)
            }
            streams[place].count += 1
        }
        return streams
    }

    private static func sortedOrder(of streams: [Stream]) -> [UInt32] {
        struct Sortable {
            var key: UInt64
            var number: UInt32
        }
        var order = streams.enumerated().map { Sortable(key: $1.hash.key, number: UInt32($0)) }
        order.sort { left, right in
            if left.key != right.key { return left.key < right.key }
            return ByteOrder.compare(
                streams[Int(left.number)].name, streams[Int(right.number)].name) < 0
        }
        return order.map(\.number)
    }

    /// The first row of each partition, which is that of the next where it has none.
    func partitionFirstRows() -> [UInt32] {
        var rows: [UInt32] = []
        for stream in streams {
            while rows.count <= Int(stream.hash.partition.rawValue) { rows.append(stream.firstRow) }
        }
        while rows.count < Partition.count { rows.append(UInt32(eventOfRow.count)) }
        return rows
    }
}
