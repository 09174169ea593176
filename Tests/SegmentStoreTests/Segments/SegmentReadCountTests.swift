// SPDX-License-Identifier: Apache-2.0
// What reading must touch, in pages, where a benchmark would show times.
import ForkTesting
import SegmentStore
import Testing

@Suite("Pages that segments read")
struct SegmentReadCountTests {
    let store = ObjectFixture.store(MemoryObjectBackend(), cacheByteCount: 64 << 20)
    let events: [ModelEvent]
    let segment: Segment

    init() throws {
        events = SegmentFixture.events(
            .init(count: 3000, streamCount: 100, dataByteCountMax: 400), seed: 1)
        segment = try SegmentFixture.segment(events, in: store)
    }

    private func counting(_ body: () throws -> Void) throws -> ReadCounts {
        let before = store.readCounts()
        try body()
        return store.readCounts() - before
    }

    @Test("An event of a known stream costs one block; of any row, a stream page too")
    func pointRead() throws {
        var cursor = segment.makeStreamCursor()
        let stream = try #require(try cursor.next())
        let counts = try counting {
            try segment.withEvent(row: stream.firstRow, of: stream) { _ in }
        }
        #expect(counts.blocks.used == 1 && counts.tablePages.used == 0)
        let any = try counting { try segment.withEvent(row: 77) { _ in } }
        #expect(any.blocks.used == 1 && any.tablePages.used == 1)
    }

    @Test("A short scan reads no more blocks than it has events, and keeps them cached")
    func shortScan() throws {
        let first = try counting { _ = try SegmentFixture.scan(segment, 100..<110) }
        #expect(first.blocks.used <= 10 && first.blocks.read > 0)
        let second = try counting { _ = try SegmentFixture.scan(segment, 100..<110) }
        #expect(second.blocks.read == 0 && second.tablePages.read == 0)
    }

    @Test("A whole scan reads each block once")
    func wholeScan() throws {
        let counts = try counting { _ = try SegmentFixture.scan(segment, 0..<3000) }
        #expect(counts.blocks.used == counts.blocks.read && counts.blocks.read > 20)
        let again = try counting { _ = try SegmentFixture.scan(segment, 0..<3000) }
        #expect(again.blocks.used == counts.blocks.used)
    }

    @Test("A scan of many events leaves no page in the cache, of blocks or of tables")
    func longScan() throws {
        let store = ObjectFixture.store(MemoryObjectBackend(), cacheByteCount: 64 << 20)
        let events = SegmentFixture.events(
            .init(count: 6_000, streamCount: 900, dataByteCountMax: 40), seed: 2)
        let segment = try SegmentFixture.segment(events, in: store)
        _ = try SegmentFixture.scan(segment, 0..<1)
        let kept = store.cache.byteCount()
        for _ in 0..<2 {
            #expect(try SegmentFixture.scan(segment, 0..<6_000).count == 6_000)
            #expect(store.cache.byteCount() == kept)
        }
        _ = try SegmentFixture.scan(segment, 3_000..<3_010)
        #expect(store.cache.byteCount() > kept)
    }

    @Test("Zones: a type, partition or time that is not there costs no block")
    func zones() throws {
        let none = [
            SegmentFilter(types: [Array("never".utf8)]),
            SegmentFilter(since: Timestamp.max),
            SegmentFilter(until: Timestamp.min),
        ]
        for filter in none {
            let counts = try counting {
                let found = try SegmentFixture.scan(segment, 0..<3000, filter: filter)
                #expect(found.isEmpty)
            }
            #expect(counts.blocks.used == 0)
        }
        let partition = try counting {
            let filter = SegmentFilter(partition: events[0].hash.partition)
            let found = try SegmentFixture.scan(segment, 0..<3000, filter: filter)
            #expect(!found.isEmpty)
        }
        let all = try counting { _ = try SegmentFixture.scan(segment, 0..<3000) }
        #expect(partition.blocks.used < all.blocks.used / 2)
    }

    @Test("Totals at the segment's edges, and sequences anywhere, cost no block")
    func totals() throws {
        let counts = try counting {
            _ = try segment.totals(at: segment.range.lowerBound)
            _ = try segment.totals(at: segment.range.upperBound)
            _ = try segment.sequence(of: Position(1234))
            _ = try segment.sequences(at: Position(1234))
        }
        #expect(counts.blocks.used == 0)
    }

    @Test("A cut at or beyond the rows of a stream costs nothing; within them, few blocks")
    func visibleCount() throws {
        let edges = try counting {
            let all = try segment.visibleCount(rows: 0..<3000, below: Position(3000))
            let none = try segment.visibleCount(rows: 0..<3000, below: .zero)
            #expect(all == 3000 && none == 0)
        }
        #expect(edges.blocks.used == 0)
    }
}
