// SPDX-License-Identifier: Apache-2.0
import ForkTesting
import SegmentStore
import Testing

@Suite("Segment builder")
struct SegmentBuilderTests {
    let store = ObjectFixture.store(MemoryObjectBackend(), cacheByteCount: 256 << 20)

    private func event(_ position: UInt64, _ stream: String, _ version: UInt64) -> ModelEvent {
        ModelEvent(position: position, stream: stream, version: version)
    }

    private func refused(
        _ events: [ModelEvent], in context: SegmentContext? = nil, _ reason: String
    ) {
        let error = #expect(throws: StorageError.self) {
            try SegmentFixture.build(events, context: context, in: store)
        }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }

    @Test("Invariant 3: gaps in positions or versions are refused")
    func gaps() {
        refused([], "no events")
        refused([event(0, "a", 0), event(2, "a", 1)], "positions are not consecutive")
        refused([event(1, "a", 0), event(1, "a", 1)], "positions are not consecutive")
        refused([event(0, "a", 0), event(1, "a", 2)], "versions of a stream are not consecutive")
        refused([event(0, "a", 1), event(1, "a", 1)], "versions of a stream are not consecutive")
    }

    @Test("A context that does not fit the events is refused")
    func context() {
        let events = [event(5, "a", 0), event(6, "b", 9)]
        func overlay(_ from: UInt64, _ to: UInt64) -> OverlayRange {
            OverlayRange(overlay: OverlayID(3), from: Position(from), to: Position(to))
        }
        for overlays in [
            [], [overlay(5, 6)], [overlay(5, 8)], [overlay(4, 7)], [overlay(5, 6), overlay(5, 7)],
            [overlay(5, 7), overlay(7, 7)],
        ] {
            let context = SegmentFixture.context(events, overlays: overlays)
            refused(events, in: context, "overlays do not cover")
        }
        refused(events, in: SegmentFixture.context(events, before: .zero), "totals before")
    }

    @Test("A stream whose hash is not its name's is refused")
    func hash() throws {
        let lender = EventLender([event(0, "a", 0)])
        var references = lender.references
        references[0].streamHash = StreamHash(rawValue: 1)
        #expect(throws: StorageError.self) {
            try references.withUnsafeBufferPointer {
                try SegmentBuilder.build(
                    $0, context: SegmentFixture.context([event(0, "a", 0)]), in: store)
            }
        }
    }

    @Test("The longest stream, type and event pass; one byte more is refused")
    func limits() throws {
        var longest = event(0, String(repeating: "s", count: 255), 0)
        longest.type = [UInt8](repeating: 65, count: 255)
        longest.data = [UInt8](repeating: 1, count: EventLimits.eventByteCount - 1000)
        longest.metadata = [UInt8](repeating: 2, count: 1000)
        longest.id = EventID(high: 1, low: 2)
        let small = event(1, "a", 0)
        let segment = try SegmentFixture.segment([longest, small], in: store)
        #expect(try SegmentFixture.scan(segment, 0..<2) == [longest, small])
        var larger = longest
        larger.data.append(0)
        refused([larger], "event is 16777217")
        larger = event(0, String(repeating: "s", count: 256), 0)
        refused([larger], "stream is 256")
        larger = event(0, "", 0)
        refused([larger], "stream is 0")
        larger = event(0, "a", 0)
        larger.type = [UInt8](repeating: 65, count: 256)
        refused([larger], "type is 256")
    }

    @Test("262,144 events are a segment; one more is refused")
    func eventLimit() throws {
        let lender = EventLender([event(0, "a", 0)])
        var references = [EventReference](
            repeating: lender.references[0], count: SegmentFormat.eventCountMax + 1)
        for index in references.indices {
            references[index].position = Position(UInt64(index))
            references[index].version = Version(UInt64(index))
        }
        let context = SegmentContext(
            seed: 1,
            overlays: [
                .init(
                    overlay: OverlayID(1), from: .zero,
                    to: Position(UInt64(SegmentFormat.eventCountMax)))
            ],
            before: .zero)
        #expect(throws: StorageError.self) {
            try references.withUnsafeBufferPointer {
                try SegmentBuilder.build($0, context: context, in: store)
            }
        }
        let built = try references.withUnsafeBufferPointer {
            try SegmentBuilder.build(
                UnsafeBufferPointer(rebasing: $0.dropLast()), context: context, in: store)
        }
        let segment = try Segment.open(store.open(built.object.id))
        #expect(segment.eventCount == SegmentFormat.eventCountMax)
        #expect(try segment.withEvent(at: Position(262_143)) { $0.version.rawValue } == 262_143)
        withExtendedLifetime(lender) {}
    }

    @Test("Ids that are not stored are derived from time, overlay and position; others are kept")
    func ids() throws {
        var events = (0..<6).map { event(UInt64(10 + $0), "a", UInt64($0)) }
        for index in events.indices { events[index].time = Int64(index) * 1_000_000_000 }
        events[3].id = EventID(high: 7, low: 8)
        let overlays = [
            OverlayRange(overlay: OverlayID(4), from: Position(10), to: Position(12)),
            OverlayRange(overlay: OverlayID(9), from: Position(12), to: Position(16)),
        ]
        let segment = try SegmentFixture.segment(
            events, context: SegmentFixture.context(events, overlays: overlays), in: store)
        #expect(segment.overlays == overlays && segment.seed == 42)
        for event in events {
            let position = Position(event.position)
            let id = try segment.withEvent(at: position) { segment.eventID(of: $0) }
            let overlay = event.position < 12 ? OverlayID(4) : OverlayID(9)
            let derived = EventID.derived(
                time: Timestamp(nanoseconds: event.time), overlay: overlay, position: position,
                seed: 42)
            #expect(id == event.id ?? derived)
        }
    }

    @Test("Counts of types are given up beyond 1,024, and stay given up")
    func typeLimit() throws {
        var events = (0..<1025).map { event(UInt64($0), "a", UInt64($0)) }
        for index in events.indices { events[index].type = Array("t\(index)".utf8) }
        let first = Array(events.dropLast())
        let built = try SegmentFixture.build(first, in: store)
        #expect(built.after.types?.count == 1024)
        let last = [events[1024]]
        let next = try SegmentFixture.build(
            last, context: SegmentFixture.context(last, before: built.after), in: store)
        #expect(next.after.types == nil)
        let segment = try Segment.open(store.open(next.object.id))
        #expect(segment.totalsBefore == built.after)
        #expect(try segment.totals(at: segment.range.upperBound) == next.after)
        let more = [event(1025, "a", 1025)]
        let after = try SegmentFixture.build(
            more, context: SegmentFixture.context(more, before: next.after), in: store)
        #expect(try Segment.open(store.open(after.object.id)).totalsBefore.types == nil)
    }

    @Test("Totals go on from segment to segment")
    func totalsChain() throws {
        let all = SegmentFixture.events(.init(count: 600, streamCount: 50), seed: 3)
        let whole = try SegmentFixture.build(all, in: store)
        var totals = HistoryTotals.zero
        for start in stride(from: 0, to: 600, by: 200) {
            let part = Array(all[start..<start + 200])
            totals = try SegmentFixture.build(
                part, context: SegmentFixture.context(part, before: totals), in: store
            ).after
        }
        #expect(totals == whole.after)
    }
}
