// SPDX-License-Identifier: Apache-2.0
// Runs over real segments: what one says, the other has.
import ForkTesting
import Testing

@testable import SegmentStore

@Suite struct IndexRunSegmentTests {
    private let store = ObjectFixture.store(MemoryObjectBackend(), cacheByteCount: 16 << 20)

    private func segment(
        _ events: some Collection<ModelEvent>, after before: BuiltSegment?
    ) throws -> BuiltSegment {
        let events = Array(events)
        let context = SegmentFixture.context(events, before: before?.after)
        return try SegmentFixture.build(events, context: context, in: store)
    }

    /// Events cut into neighbouring segments at these positions.
    private func segments(
        _ events: [ModelEvent], cuts: [Int]
    ) throws -> [BuiltSegment] {
        var built: [BuiltSegment] = []
        for (from, to) in zip([0] + cuts, cuts + [events.count]) {
            built.append(try segment(events[from..<to], after: built.last))
        }
        return built
    }

    private func run(_ segments: some Collection<BuiltSegment>) throws -> IndexRun {
        try merge(
            segments.map { segment in
                let built = try IndexRunBuilder.build(segment, isOldest: false, in: store)
                return RunMergeInput(try IndexRun(store.open(built.object.id)))
            })
    }

    private func merge(
        _ inputs: [RunMergeInput], replacing: [RunReplacement] = []
    ) throws -> IndexRun {
        let built = try IndexRunBuilder.merge(
            inputs, replacing: replacing, isOldest: true, in: store
        ) { (address, rows, cut) throws(StorageError) in
            try open(address).visibleCount(rows: rows, below: cut)
        }
        return try IndexRun(store.open(built.object.id))
    }

    private func open(_ address: ObjectAddress) throws(StorageError) -> Segment {
        try .open(store.open(ObjectID(address: address, kind: .segment)))
    }

    @discardableResult
    private func verify(_ run: IndexRun) throws -> RunVerification {
        try run.verify { segment throws(StorageError) in try open(segment.address) }
    }

    private func events(_ seed: UInt64, streams: Int = 40) -> [ModelEvent] {
        SegmentFixture.events(
            .init(count: 900, streamCount: streams, dataByteCountMax: 9), seed: seed)
    }

    @Test func everyVersionOfEveryStreamLeadsToItsEvent() throws {
        let events = events(1)
        let run = try run(segments(events, cuts: [200, 201, 650]))
        #expect(try verify(run).eventCount == 900)
        for event in events {
            let record = try #require(
                try event.stream.withUnsafeBytes { try run.find(event.hash, $0) })
            let index = try #require(try record.extentIndex(holding: Version(event.version)))
            let extent = try record.extent(index)
            let row = extent.firstRow + UInt32(event.version - extent.firstVersion.rawValue)
            let segment = try open(run.segments[Int(extent.segment)].address)
            #expect(try segment.withEvent(row: row) { ModelEvent($0) } == event)
        }
    }

    @Test(arguments: [1, 200, 201, 333, 650, 899])
    func aTrimmedRunVerifiesAgainstTheSegmentThatItsEndCuts(cut: UInt64) throws {
        let whole = try run(segments(events(2), cuts: [200, 201, 650]))
        let trimmed = try merge([RunMergeInput(whole, end: Position(cut))])
        #expect(try verify(trimmed).eventCount == cut)
        #expect(try merge([RunMergeInput(trimmed)]).id == trimmed.id)
    }

    @Test func segmentsAboveATrimAreNotAskedForByVerify() throws {
        let parts = try segments(events(6), cuts: [200, 201, 650])
        let run = try run(parts)
        for (end, count) in [(1, 1), (200, 1), (201, 2), (202, 3), (650, 3), (651, 4)] {
            var asked: [ObjectAddress] = []
            try run.verify(below: Position(UInt64(end))) { segment throws(StorageError) in
                asked.append(segment.address)
                return try open(segment.address)
            }
            #expect(asked == parts[..<count].map(\.object.id.address))
        }
    }

    @Test func aCoalescedSegmentVerifiesInThePlaceOfItsParts() throws {
        let events = events(3)
        let parts = try segments(events, cuts: [100, 250, 300, 700])
        let run = try run(parts)
        let coalesced = try segment(events[100..<700], after: parts[0])
        let merged = try merge([RunMergeInput(run)], replacing: [RunReplacement(coalesced)])
        #expect(
            merged.segments.map(\.address.hex)
                == [parts[0], coalesced, parts[4]].map(\.object.id.address.hex))
        #expect(try verify(merged).eventCount == 900)
    }

    /// Invariant 10: verify finds a run that is whole in itself and says what its segments do not.
    @Test func aRunOfOtherEventsAtTheSamePositionsIsFoundOut() throws {
        let right = try segments(events(4), cuts: [450])
        for streams in [39, 40, 41, 300] {
            let wrong = try segment(events(5, streams: streams)[..<450], after: nil)
            let built = try IndexRunBuilder.build(
                RunSegment(right[0]), streams: wrong.streams, isOldest: true, in: store)
            let run = try IndexRun(store.open(built.object.id))
            #expect(try run.verify().eventCount == 450, "in itself it is one")
            #expect { try verify(run) } throws: { ($0 as? StorageError)?.isDamage == true }
        }
        let early = try segment(events(4)[..<440], after: nil)
        let built = try IndexRunBuilder.build(
            RunSegment(address: early.object.id.address, range: right[0].range),
            streams: right[0].streams, isOldest: true, in: store)
        let run = try IndexRun(store.open(built.object.id))
        #expect(throws: StorageError.self) { try verify(run) }
    }
}
