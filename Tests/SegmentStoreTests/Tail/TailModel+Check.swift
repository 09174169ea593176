// SPDX-License-Identifier: Apache-2.0
// Every question that a tail answers, asked of it and of the plain array.
import ForkTesting
import SegmentStore
import Testing

extension TailModel {
    /// Compares a tail with the entries of `positions`, all streams, ranges chosen by chance.
    func check(
        _ tail: Tail, _ positions: Range<Position>, _ chance: inout SeededGenerator
    ) throws {
        let offset = Int(Position(Self.start).distance(to: positions.lowerBound))
        let end = Int(Position(Self.start).distance(to: positions.upperBound))
        let slice = Array(entries[offset..<end])
        #expect(tail.start == positions.lowerBound)
        #expect(tail.end == positions.upperBound)
        #expect(tail.count == slice.count)
        func position(_ index: Int) -> Position {
            positions.lowerBound.advanced(by: UInt64(index))
        }
        for slice in tail.slices { #expect(slice.layer.invariantFault() == nil) }
        try checkStreams(tail, slice, position, &chance)
        try checkPositions(tail, slice, position, &chance)
        checkTotals(tail, slice, position, &chance)
    }

    private func checkStreams(
        _ tail: Tail, _ slice: [Entry], _ position: (Int) -> Position,
        _ chance: inout SeededGenerator
    ) throws {
        var indexes: [[UInt8]: [Int]] = [:]
        for (index, entry) in slice.enumerated() {
            indexes[entry.event.stream, default: []].append(index)
        }
        let streams = tail.streams()
        #expect(streams.count == indexes.count)
        for stream in streams {
            let own = try #require(indexes[stream.name])
            #expect(stream.versions.lowerBound.rawValue == slice[own[0]].version)
            #expect(stream.versions.upperBound.rawValue == slice[own[own.count - 1]].version + 1)
        }
        // In the order of the array: a dictionary's own order must decide nothing.
        for (name, own) in indexes.sorted(by: { $0.value[0] < $1.value[0] }) {
            let hash = self.hash(name)
            let first = slice[own[0]].version
            let head = name.withUnsafeBytes { tail.latest(hash, name: $0) }
            #expect(head?.position == position(own[own.count - 1]))
            #expect(head?.version.rawValue == first + UInt64(own.count) - 1)
            for (count, index) in own.enumerated() where count < 20 || count % 7 == 0 {
                let version = Version(first + UInt64(count))
                let found = name.withUnsafeBytes { tail.find(hash, name: $0, version: version) }
                #expect(found == position(index))
            }
            for outside in [first &- 1, first + UInt64(own.count)] where outside < 1 << 60 {
                let found = name.withUnsafeBytes {
                    tail.find(hash, name: $0, version: Version(outside))
                }
                #expect(found == nil)
            }
            try checkScan(tail, slice, own, name, &chance)
        }
        let absent = Array("no such stream".utf8)
        #expect(absent.withUnsafeBytes { tail.latest(hash(absent), name: $0) } == nil)
    }

    private func checkScan(
        _ tail: Tail, _ slice: [Entry], _ own: [Int], _ name: [UInt8],
        _ chance: inout SeededGenerator
    ) throws {
        let first = slice[own[0]].version
        let lower = UInt64.random(in: 0...(first + UInt64(own.count) + 2), using: &chance)
        let upper = UInt64.random(in: lower...(first + UInt64(own.count) + 2), using: &chance)
        let limit = Int.random(in: 1...(own.count + 1), using: &chance)
        for reverse in [false, true] {
            let inside = own.map { slice[$0] }.filter { (lower..<upper).contains($0.version) }
            let expected = (reverse ? inside.reversed() : inside).prefix(limit)
            var found: [Entry] = []
            let bytes = FrameBuffer(copying: name)
            try tail.scanStream(
                hash(name), name: bytes.bytes, versions: Version(lower)..<Version(upper),
                reverse: reverse
            ) { (event) throws(StorageError) in
                found.append(Entry(event))
                return found.count < limit
            }
            extendLifetime(bytes)
            #expect(found == Array(expected))
        }
    }

    private func checkPositions(
        _ tail: Tail, _ slice: [Entry], _ position: (Int) -> Position,
        _ chance: inout SeededGenerator
    ) throws {
        let lower = Int.random(in: 0...slice.count, using: &chance)
        let upper = Int.random(in: lower...slice.count, using: &chance)
        let range = position(lower)..<position(upper)
        for partition in [nil, Partition(UInt8.random(in: 0..<32, using: &chance))] {
            for reverse in [false, true] {
                let inside = slice[lower..<upper].filter {
                    partition == nil || $0.hash.partition == partition
                }
                var found: [Entry] = []
                try tail.scan(range, reverse: reverse, partition: partition) {
                    (event) throws(StorageError) in
                    found.append(Entry(event))
                    return true
                }
                #expect(found == (reverse ? inside.reversed() : inside))
            }
        }
        let built = try tail.withEvents(range) { (events) throws(StorageError) in
            events.map { Entry($0) }
        }
        #expect(built == Array(slice[lower..<upper]))
        for _ in 0..<min(20, slice.count) {
            let index = Int.random(in: 0..<slice.count, using: &chance)
            let found = try tail.withEvent(at: position(index)) {
                (event) throws(StorageError) in
                #expect(event.position == position(index))
                return Entry(event)
            }
            #expect(found == slice[index])
            let partition = slice[index].hash.partition
            let sequence = slice[..<index].count { $0.hash.partition == partition }
            #expect(tail.sequence(at: position(index)) == UInt64(sequence))
            #expect(
                tail.sequence(of: partition, before: position(index)) == UInt64(sequence))
        }
        #expect(try tail.withEvent(at: tail.end) { _ in true } == nil)
        #expect(tail.sequence(at: tail.end) == nil)
    }

    private func checkTotals(
        _ tail: Tail, _ slice: [Entry], _ position: (Int) -> Position,
        _ chance: inout SeededGenerator
    ) {
        let cut = Int.random(in: 0...slice.count, using: &chance)
        let totals = tail.totals(before: position(cut))
        var expected = TailTotals()
        expected.eventCount = UInt64(cut)
        for entry in slice[..<cut] {
            expected.logicalByteCount += entry.event.logicalByteCount
            expected.newStreamCount += entry.version == 0 ? 1 : 0
            expected.sequences[Int(entry.hash.partition.rawValue)] += 1
            expected.latestTime = max(
                expected.latestTime, Timestamp(nanoseconds: entry.event.time))
        }
        // Times of the layer's own earlier events count too: they are the same history.
        #expect(totals.latestTime >= expected.latestTime)
        if tail.start == Position(Self.start) { #expect(totals.latestTime == expected.latestTime) }
        expected.latestTime = totals.latestTime
        #expect(totals == expected)

        guard tail.start == Position(Self.start) else { return }
        let time = Int64.random(in: .min ... .max, using: &chance)
        let first = slice.firstIndex { $0.event.time > time }
        #expect(
            tail.firstPosition(laterThan: Timestamp(nanoseconds: time))
                == first.map { position($0) } ?? tail.end)
    }
}

extension TailModel.Entry {
    init(_ event: EventReference) {
        self.init(
            event: SampleEvent(event), hash: event.streamHash, version: event.version.rawValue)
    }
}

extension SampleEvent {
    var logicalByteCount: UInt64 {
        UInt64(stream.count + type.count + data.count + (metadata?.count ?? 0))
    }
}

extension FrameBuffer {
    convenience init(copying bytes: [UInt8]) {
        self.init(byteCount: bytes.count)
        UnsafeMutableRawBufferPointer(start: base, count: bytes.count).copyBytes(from: bytes)
    }
}
