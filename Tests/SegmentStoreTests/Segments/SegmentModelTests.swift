// SPDX-License-Identifier: Apache-2.0
import ForkTesting
import SegmentStore
import Testing

@Suite("Segments against a model")
struct SegmentModelTests {
    static let shapes: [SegmentFixture.Shape] = [
        .init(count: 1, streamCount: 1, typeCount: 1),
        .init(count: 2, streamCount: 2, first: 7),
        .init(count: 256, streamCount: 1, typeCount: 1, dataByteCountMax: 0),
        .init(count: 257, streamCount: 257, typeCount: 100, timeUnit: 1_000_000),
        .init(count: 1500, streamCount: 300, first: 1 << 40, timeUnit: 1_000_000_000),
        .init(count: 8500, streamCount: 2500, typeCount: 70, dataByteCountMax: 20, timeUnit: 1000),
        .init(count: 40, streamCount: 4, dataByteCountMax: 60_000),
        .init(count: 4096, streamCount: 64, dataByteCountMax: 10),
        .init(count: 1700, streamCount: 1500, typeCount: 4000, dataByteCountMax: 5),
    ]

    private func made(
        _ index: Int
    ) throws -> (events: [ModelEvent], segment: Segment, store: ObjectStore) {
        let events = SegmentFixture.events(Self.shapes[index], seed: UInt64(index))
        let store = ObjectFixture.store(MemoryObjectBackend())
        return (events, try SegmentFixture.segment(events, in: store), store)
    }

    @Test(
        "Every event is found by row and by position, and verify agrees", arguments: shapes.indices)
    func find(index: Int) throws {
        let (events, segment, _) = try made(index)
        try segment.verify()
        try segment.reader.verify()
        #expect(segment.eventCount == events.count)
        #expect(segment.range.lowerBound.rawValue == events[0].position)
        var cursor = segment.makeStreamCursor()
        var streams = 0
        while let stream = try cursor.next() {
            streams += 1
            let name = Array(stream.name)
            for offset in 0..<stream.count {
                let row = stream.firstRow + offset
                let position = try segment.position(ofRow: row)
                let event = try segment.withEvent(row: row) { ModelEvent($0) }
                #expect(event == events[Int(position.rawValue - events[0].position)])
                #expect(event.stream == name)
                #expect(event.version == stream.firstVersion.rawValue + UInt64(offset))
                #expect(try segment.row(at: position) == row)
                #expect(try segment.withEvent(row: row, of: stream) { ModelEvent($0) } == event)
            }
        }
        #expect(streams == Set(events.map(\.stream)).count && streams == segment.streamCount)
        let at = try segment.withEvent(at: segment.range.lowerBound) { ModelEvent($0) }
        #expect(at == events[0])
    }

    @Test("Scans of any range, both ways, are the events of that range", arguments: shapes.indices)
    func scan(index: Int) throws {
        let (events, segment, _) = try made(index)
        var generator = SeededGenerator(seed: UInt64(index))
        let (first, end) = (events[0].position, events[0].position + UInt64(events.count))
        #expect(try SegmentFixture.scan(segment, 0..<UInt64.max) == events)
        #expect(try SegmentFixture.scan(segment, first..<end, reverse: true) == events.reversed())
        for _ in 0..<6 {
            let from = UInt64.random(in: first..<end, using: &generator)
            let to = UInt64.random(in: from...end, using: &generator)
            let expected = Array(events[Int(from - first)..<Int(to - first)])
            #expect(try SegmentFixture.scan(segment, from..<to) == expected)
            #expect(
                try SegmentFixture.scan(segment, from..<to, reverse: true) == expected.reversed())
            #expect(
                try SegmentFixture.scan(segment, from..<to, limit: 3) == Array(expected.prefix(3)))
        }
        #expect(try SegmentFixture.scan(segment, end..<UInt64.max).isEmpty)
        #expect(try SegmentFixture.scan(segment, 0..<first).isEmpty)
    }

    @Test("Every combination of conditions gives what brute force gives", arguments: shapes.indices)
    func filters(index: Int) throws {
        let (events, segment, _) = try made(index)
        let isLarge = events.count > 4000
        let times = events.map(\.time).sorted()
        let middle = (times[times.count / 3], times[times.count * 2 / 3])
        let types: [[[UInt8]]?] = [
            nil, [], [events[0].type], [Array("type-1".utf8), Array("type-3".utf8)],
            [Array("never".utf8)],
        ]
        let lenders = EventLender(events)
        defer { withExtendedLifetime(lenders) {} }
        for type in types {
            for partition in [nil, events[0].hash.partition, Partition(9)]
            where !isLarge || partition != nil {
                for (since, until) in [
                    (nil, nil), (middle.0, nil), (nil, middle.1), (middle.0, middle.1),
                    (times.last.map { $0 + 1 }, nil), (nil, times[0]),
                ] as [(Int64?, Int64?)] {
                    let filter = SegmentFilter(
                        types: type, partition: partition,
                        since: since.map { Timestamp(nanoseconds: $0) },
                        until: until.map { Timestamp(nanoseconds: $0) })
                    let expected = zip(events, lenders.references)
                        .filter { filter.matches($0.1) }.map { $0.0 }
                    let found = try SegmentFixture.scan(segment, 0..<UInt64.max, filter: filter)
                    #expect(found == expected)
                    let back = try SegmentFixture.scan(
                        segment, 0..<UInt64.max, reverse: true, filter: filter)
                    #expect(back == expected.reversed())
                }
            }
        }
    }

    @Test(
        "Sequences, totals and visible counts at any cut are those of the events below it",
        arguments: shapes.indices)
    func cuts(index: Int) throws {
        let (events, segment, _) = try made(index)
        var generator = SeededGenerator(seed: UInt64(index))
        let first = events[0].position
        var cuts = [0, 1, events.count - 1, events.count].filter { $0 >= 0 }
        for _ in 0..<2 { cuts.append(Int.random(in: 0...events.count, using: &generator)) }
        if events.count > 4096 { cuts.append(4096) }
        for cut in cuts {
            let position = Position(first + UInt64(cut))
            let below = events[..<cut]
            var expected = segment.totalsBefore
            expected.events = position.rawValue
            var types: [[UInt8]: UInt64] = [:]
            for event in below {
                expected.bytes += event.byteCount
                expected.latestTime = max(
                    expected.latestTime, Timestamp(nanoseconds: event.time))
                expected.sequences[Int(event.hash.partition.rawValue)] += 1
                if event.version == 0 { expected.streams += 1 }
                types[event.type, default: 0] += 1
            }
            expected.types =
                types.count > SegmentFormat.countedTypesMax
                ? nil
                : types.sorted { $0.key.lexicographicallyPrecedes($1.key) }
                    .map { .init(name: $0.key, count: $0.value) }
            #expect(try segment.totals(at: position) == expected)
            #expect(try segment.sequences(at: position) == expected.sequences)
            if cut < events.count {
                let partition = Int(events[cut].hash.partition.rawValue)
                #expect(try segment.sequence(of: position) == expected.sequences[partition])
            }
            try visible(segment, below: position, Array(below))
        }
    }

    private func visible(_ segment: Segment, below cut: Position, _ events: [ModelEvent]) throws {
        var counts: [[UInt8]: UInt32] = [:]
        for event in events { counts[event.stream, default: 0] += 1 }
        var cursor = segment.makeStreamCursor()
        while let stream = try cursor.next() {
            let rows = stream.firstRow..<stream.firstRow + stream.count
            let count = try segment.visibleCount(rows: rows, below: cut)
            #expect(count == counts[Array(stream.name), default: 0])
        }
    }

    @Test(
        "What the builder tells of its segment is what the segment says", arguments: shapes.indices)
    func built(index: Int) throws {
        let events = SegmentFixture.events(Self.shapes[index], seed: UInt64(index))
        let store = ObjectFixture.store(MemoryObjectBackend())
        let built = try SegmentFixture.build(events, in: store)
        let segment = try Segment.open(store.open(built.object.id))
        #expect(built.range == segment.range)
        #expect(try built.after == segment.totals(at: segment.range.upperBound))
        var cursor = segment.makeStreamCursor()
        for index in 0..<built.streams.count {
            let told = built.streams[index]
            let read = try #require(try cursor.next())
            #expect(told.hash == read.hash && Array(told.name) == Array(read.name))
            #expect(told.firstRow == read.firstRow && told.count == read.count)
            #expect(told.firstVersion == read.firstVersion)
        }
        #expect(try cursor.next() == nil)
        // Invariant 5: the same events and context are the same object.
        let again = try SegmentFixture.build(events, in: store)
        #expect(again.object.id == built.object.id && again.object.wasReused)
    }

    @Test("docs/format/segments.md draws what SegmentFormat draws")
    func drawing() throws {
        try FormatDrawing.expectEqual(
            source: "Segments/SegmentFormat.swift", page: "segments.md")
    }
}
