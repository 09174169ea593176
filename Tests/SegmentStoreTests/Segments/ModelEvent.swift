// SPDX-License-Identifier: Apache-2.0
// Events as plain values, and the same lent as references: what a segment must give back.
import ForkTesting
import SegmentStore
import Testing

struct ModelEvent: Equatable {
    var position: UInt64
    var stream: [UInt8]
    var version: UInt64
    var type: [UInt8]
    var time: Int64
    var data: [UInt8]
    var metadata: [UInt8]?
    var id: EventID?
    var isJSON: Bool

    init(
        position: UInt64, stream: String, version: UInt64, type: String = "happened",
        time: Int64 = 0, data: String = "{}", metadata: String? = nil, id: EventID? = nil,
        isJSON: Bool = true
    ) {
        self.position = position
        self.stream = Array(stream.utf8)
        self.version = version
        self.type = Array(type.utf8)
        self.time = time
        self.data = Array(data.utf8)
        self.metadata = metadata.map { Array($0.utf8) }
        self.id = id
        self.isJSON = isJSON
    }

    /// Copies what was lent; the hash must be the stream's.
    init(_ event: EventReference) {
        #expect(event.streamHash == StreamHash(of: event.stream))
        position = event.position.rawValue
        stream = Array(event.stream)
        version = event.version.rawValue
        type = Array(event.type)
        time = event.time.rawValue
        data = Array(event.data)
        metadata = event.metadata.map { Array($0) }
        id = event.storedID
        isJSON = event.isJSON
    }

    var hash: StreamHash { stream.withUnsafeBytes { StreamHash(of: $0) } }
    var byteCount: UInt64 {
        UInt64(stream.count + type.count + data.count + (metadata?.count ?? 0))
    }
}

/// Lends model events as references for as long as it lives.
final class EventLender {
    private var buffers: [UnsafeMutableRawBufferPointer] = []
    private(set) var references: [EventReference] = []

    init(_ events: [ModelEvent]) {
        for event in events {
            references.append(
                EventReference(
                    position: Position(event.position), version: Version(event.version),
                    time: Timestamp(nanoseconds: event.time), streamHash: event.hash,
                    storedID: event.id, stream: lend(event.stream), type: lend(event.type),
                    data: lend(event.data), metadata: event.metadata.map { lend($0) },
                    isJSON: event.isJSON))
        }
    }

    deinit { for buffer in buffers { buffer.deallocate() } }

    private func lend(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(1, bytes.count), alignment: 1)
        buffer.copyBytes(from: bytes)
        buffers.append(buffer)
        return UnsafeRawBufferPointer(rebasing: buffer[..<bytes.count])
    }
}

enum SegmentFixture {
    static func context(
        _ events: [ModelEvent], overlays: [OverlayRange]? = nil, before: HistoryTotals? = nil
    ) -> SegmentContext {
        let first = events.first?.position ?? 0
        let end = first + UInt64(events.count)
        var totals = before ?? .zero
        if before == nil {
            totals.events = first
            totals.sequences[0] = first
        }
        return SegmentContext(
            seed: 42,
            overlays: overlays
                ?? [.init(overlay: OverlayID(1), from: Position(first), to: Position(end))],
            before: totals)
    }

    static func build(
        _ events: [ModelEvent], context: SegmentContext? = nil, in store: ObjectStore
    ) throws -> BuiltSegment {
        let lender = EventLender(events)
        defer { withExtendedLifetime(lender) {} }
        return try lender.references.withUnsafeBufferPointer {
            try SegmentBuilder.build($0, context: context ?? self.context(events), in: store)
        }
    }

    static func segment(
        _ events: [ModelEvent], context: SegmentContext? = nil, in store: ObjectStore
    ) throws -> Segment {
        try .open(store.open(build(events, context: context, in: store).object.id))
    }

    static func scan(
        _ segment: Segment, _ positions: Range<UInt64>, reverse: Bool = false,
        filter: SegmentFilter = .all, limit: Int = .max
    ) throws(StorageError) -> [ModelEvent] {
        var found: [ModelEvent] = []
        try segment.scan(
            Position(positions.lowerBound)..<Position(positions.upperBound), reverse: reverse,
            filter: filter
        ) { event throws(StorageError) in
            found.append(ModelEvent(event))
            return found.count < limit
        }
        return found
    }

    /// What can differ between segments, drawn at random.
    struct Shape {
        var count = 500
        var streamCount = 40
        var typeCount = 5
        var dataByteCountMax = 300
        var first: UInt64 = 0
        var timeUnit: Int64 = 1
    }

    /// Skewed streams, times that run backwards now and then, some stored ids, metadata and bytes.
    static func events(_ shape: Shape, seed: UInt64) -> [ModelEvent] {
        var generator = SeededGenerator(seed: seed)
        var versions: [Int: UInt64] = [:]
        var time: Int64 = 1_700_000_000_000_000_000 / shape.timeUnit
        return (0..<shape.count).map { index in
            let skew = Int.random(
                in: 0...Int.random(in: 0..<shape.streamCount, using: &generator),
                using: &generator)
            let version = versions[skew] ?? (skew % 3 == 0 ? UInt64(skew) * 1000 : 0)
            versions[skew] = version + 1
            time += Int64.random(in: -50...1000, using: &generator)
            var event = ModelEvent(
                position: shape.first + UInt64(index), stream: "stream-\(skew)",
                version: version,
                type: "type-\(Int.random(in: 0..<shape.typeCount, using: &generator))",
                time: time * shape.timeUnit)
            let byteCount = Int.random(in: 0...shape.dataByteCountMax, using: &generator)
            event.data = (0..<byteCount).map { _ in
                UInt8.random(in: 97...102, using: &generator)
            }
            event.isJSON = Bool.random(using: &generator)
            if Int.random(in: 0..<4, using: &generator) == 0 {
                event.metadata = Array(
                    event.data.prefix(Int.random(in: 0...200, using: &generator)))
            }
            if Int.random(in: 0..<5, using: &generator) == 0 {
                event.id = EventID(high: generator.next(), low: generator.next())
            }
            return event
        }
    }
}
