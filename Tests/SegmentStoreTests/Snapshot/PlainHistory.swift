// SPDX-License-Identifier: Apache-2.0
// A history as a plain array of events, which shares no code with what stores it.
import ForkTesting

@testable import SegmentStore

struct PlainEvent: Equatable {
    var position: UInt64
    var stream: String
    var version: UInt64
    var type: String
    var time: Int64
    var data: [UInt8]
    var metadata: [UInt8]?
    var isJSON: Bool
    var storedID: EventID?
    /// Where the event was first appended.
    var overlay: OverlayID

    static let seed: UInt64 = 77

    var hash: StreamHash { Array(stream.utf8).withUnsafeBytes { StreamHash(of: $0) } }

    var id: EventID {
        storedID
            ?? .derived(
                time: Timestamp(nanoseconds: time), overlay: overlay,
                position: Position(position), seed: Self.seed)
    }

    var logicalByteCount: UInt64 {
        UInt64(stream.utf8.count + type.utf8.count + data.count + (metadata?.count ?? 0))
    }

    init(
        position: UInt64, stream: String, version: UInt64, overlay: OverlayID,
        _ random: inout SeededGenerator
    ) {
        self.position = position
        self.stream = stream
        self.version = version
        self.overlay = overlay
        type = ["made", "changed", "gone"][Int.random(in: 0..<3, using: &random)]
        // Times run backwards now and then.
        time = Int64(position) * 1_000 + Int64.random(in: -4_000...4_000, using: &random)
        data = (0..<Int.random(in: 0..<20, using: &random)).map { UInt8($0) }
        metadata = Bool.random(using: &random) ? Array("{}".utf8) : nil
        isJSON = Bool.random(using: &random)
        storedID =
            Int.random(in: 0..<3, using: &random) == 0
            ? EventID(high: position, low: .random(in: 0...9, using: &random)) : nil
    }

    /// What an event that was read says; its id is asked for apart.
    init(_ event: EventReference, id: EventID, overlay: OverlayID) {
        position = event.position.rawValue
        stream = String(decoding: event.stream, as: UTF8.self)
        version = event.version.rawValue
        type = String(decoding: event.type, as: UTF8.self)
        time = event.time.rawValue
        data = Array(event.data)
        metadata = event.metadata.map { Array($0) }
        isJSON = event.isJSON
        storedID = event.storedID
        self.overlay = overlay
    }
}

extension EventCopies {
    func append(_ event: PlainEvent) {
        withBytes(event.stream) { stream in
            withBytes(event.type) { type in
                event.data.withUnsafeBytes { data in
                    (event.metadata ?? []).withUnsafeBytes { metadata in
                        append(
                            EventReference(
                                position: Position(event.position),
                                version: Version(event.version),
                                time: Timestamp(nanoseconds: event.time), streamHash: event.hash,
                                storedID: event.storedID, stream: stream, type: type, data: data,
                                metadata: event.metadata == nil ? nil : metadata,
                                isJSON: event.isJSON))
                    }
                }
            }
        }
    }
}

func withBytes<Result>(_ text: String, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    Array(text.utf8).withUnsafeBytes { body($0) }
}

/// One fork's history beside the root that holds the flushed part of it.
struct PlainLine {
    var overlay: OverlayID
    /// The fork's base: merges and coalescing never cross it.
    var base = 0
    var events: [PlainEvent] = []
    var root: ManifestRoot?
    /// Events of `root` that count; those beyond are pending.
    var flushedCount = 0

    mutating func append(_ count: Int, streams: Int, _ random: inout SeededGenerator) {
        for _ in 0..<count {
            // Skewed: a few streams have most events.
            let number = min(
                Int.random(in: 0..<streams, using: &random),
                Int.random(in: 0..<streams, using: &random))
            let stream = "stream-\(number % 7)/\(number)"
            let version = events.last { $0.stream == stream }.map { $0.version + 1 } ?? 0
            events.append(
                PlainEvent(
                    position: UInt64(events.count), stream: stream, version: version,
                    overlay: overlay, &random))
        }
    }

    /// A child with the events below `cut`, as a fork at that position is.
    func fork(at cut: Int, overlay: OverlayID) -> PlainLine {
        var child = self
        child.overlay = overlay
        child.base = cut
        child.events = Array(events[..<cut])
        child.flushedCount = min(flushedCount, cut)
        return child
    }

    /// Publishes what is pending, inherited and own events apart; returns what was made.
    mutating func flush(in store: SegmentStore) throws -> [PublishedRoot] {
        var made: [PublishedRoot] = []
        for part in [
            flushedCount..<max(flushedCount, base), max(flushedCount, base)..<events.count,
        ] where !part.isEmpty {
            let published = try publish(part, in: store)
            root = published.root
            flushedCount = part.upperBound
            made.append(published)
        }
        return made
    }

    func publish(_ part: Range<Int>, in store: SegmentStore) throws -> PublishedRoot {
        let copies = EventCopies()
        for event in events[part] { copies.append(event) }
        var overlays: [(overlay: OverlayID, positions: Range<Position>)] = []
        for event in events[part] {
            let next = Position(event.position)..<Position(event.position + 1)
            if let last = overlays.last, last.overlay == event.overlay {
                overlays[overlays.count - 1].positions =
                    last.positions.lowerBound..<next.upperBound
            } else {
                overlays.append((event.overlay, next))
            }
        }
        return try copies.withEvents { (events) throws(StorageError) in
            try store.publish(
                events, onto: root, cut: Position(UInt64(part.lowerBound)),
                floor: Position(UInt64(base)), overlays: overlays, seed: PlainEvent.seed)
        }
    }

    /// What `snapshot` must hold.
    func snapshot(cut: Int, in store: SegmentStore) throws -> Snapshot? {
        guard let root else { return nil }
        return try store.snapshot(root: root, cut: Position(UInt64(cut)))
    }
}
