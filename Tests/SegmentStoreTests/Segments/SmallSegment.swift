// SPDX-License-Identifier: Apache-2.0
// One small segment that has a bit of everything, for tests that try every byte of it. Its events
// and their bytes in format version 1 never change: Tests/Fixtures/segment-1.bin holds them.
import ForkTesting
import SegmentStore

enum SmallSegment {
    static let events: [ModelEvent] = [
        ModelEvent(
            position: 3, stream: "account-1", version: 0, type: "opened",
            time: 1_700_000_000_000_000_000, data: #"{"owner":"Ada"}"#),
        ModelEvent(
            position: 4, stream: "account-2", version: 7, type: "paid",
            time: 1_700_000_001_000_000_000, data: #"{"cents":250}"#, metadata: #"{"by":"web"}"#),
        ModelEvent(
            position: 5, stream: "account-1", version: 1, type: "paid",
            time: 1_699_999_999_000_000_000, data: #"{"cents":99}"#,
            id: EventID(high: 0x018b_cfe5_6800_7abc, low: 0x8123_4567_89ab_cdef)),
        ModelEvent(
            position: 6, stream: "log", version: 0, type: "note", time: -5, data: "\u{1}raw",
            isJSON: false),
    ]

    static var context: SegmentContext {
        var before = HistoryTotals.zero
        before.events = 3
        before.bytes = 77
        before.streams = 2
        before.latestTime = Timestamp(nanoseconds: 1_700_000_000_500_000_000)
        before.sequences[4] = 2
        before.sequences[31] = 1
        before.types = [
            .init(name: Array("opened".utf8), count: 1), .init(name: Array("paid".utf8), count: 2),
        ]
        return SegmentContext(
            seed: 0x0123_4567_89ab_cdef,
            overlays: [
                .init(overlay: OverlayID(1), from: Position(3), to: Position(5)),
                .init(overlay: OverlayID(6), from: Position(5), to: Position(7)),
            ],
            before: before)
    }

    /// Everything that a segment answers.
    struct Answers: Equatable {
        var events: [ModelEvent]
        var reversed: [ModelEvent]
        var byRow: [ModelEvent]
        var filtered: [ModelEvent]
        var ids: [EventID]
        var sequences: [UInt64]
        var totals: [HistoryTotals]
        var streams: [[UInt8]]
        var visible: [UInt32]
    }

    /// Asks a segment everything, with checks of what must hold whatever its bytes say.
    static func answers(of id: ObjectID, in store: ObjectStore) throws(StorageError) -> Answers {
        let segment = try Segment.open(store.open(id))
        let range = segment.range.lowerBound.rawValue..<segment.range.upperBound.rawValue
        var answers = Answers(
            events: try SegmentFixture.scan(segment, range),
            reversed: try SegmentFixture.scan(segment, range, reverse: true),
            byRow: [],
            filtered: try SegmentFixture.scan(
                segment, range, filter: SegmentFilter(types: [Array("paid".utf8)])),
            ids: [], sequences: [], totals: [], streams: [], visible: [])
        for row in 0..<UInt32(min(segment.eventCount, 300)) {
            answers.byRow.append(
                try segment.withEvent(row: row) { event throws(StorageError) in
                    answers.ids.append(segment.eventID(of: event))
                    return ModelEvent(event)
                })
            let position = try segment.position(ofRow: row)
            answers.sequences.append(try segment.sequence(of: position))
            answers.totals.append(try segment.totals(at: position))
        }
        answers.totals.append(try segment.totals(at: segment.range.upperBound))
        var cursor = segment.makeStreamCursor()
        while let stream = try cursor.next() {
            answers.streams.append(Array(stream.name))
            answers.visible.append(
                try segment.visibleCount(
                    rows: stream.firstRow..<stream.firstRow + stream.count,
                    below: Position(range.lowerBound + 2)))
        }
        return answers
    }
}
