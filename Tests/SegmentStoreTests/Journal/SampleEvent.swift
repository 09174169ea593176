// SPDX-License-Identifier: Apache-2.0
// Events as plain values: what the tests of journal and tail write, and compare what they read.
import ForkTesting
import SegmentStore

struct SampleEvent: Equatable, Sendable {
    var stream: [UInt8]
    var type: [UInt8] = Array("changed".utf8)
    var data: [UInt8] = Array("{}".utf8)
    var metadata: [UInt8]?
    var time: Int64 = 0
    var id: EventID?
    var isJSON = true

    init(_ stream: String, data: String = "{}") {
        self.stream = Array(stream.utf8)
        self.data = Array(data.utf8)
    }

    init(_ event: EventReference) {
        stream = Array(event.stream)
        type = Array(event.type)
        data = Array(event.data)
        metadata = event.metadata.map { Array($0) }
        time = event.time.rawValue
        id = event.storedID
        isJSON = event.isJSON
    }

    /// Any event that the limits allow, mostly small, one of `streamCount` streams.
    static func random(_ chance: inout SeededGenerator, streamCount: Int) -> SampleEvent {
        var event = SampleEvent("s\(Int.random(in: 0..<streamCount, using: &chance))")
        func bytes(_ count: Int) -> [UInt8] {
            (0..<count).map { _ in UInt8.random(in: 0...255, using: &chance) }
        }
        event.type = bytes(Int.random(in: 1...20, using: &chance))
        event.data = bytes(Int.random(in: 0...60, using: &chance))
        if Bool.random(using: &chance) {
            event.metadata = bytes(Int.random(in: 0...20, using: &chance))
        }
        event.time = Int64.random(in: .min ... .max, using: &chance)
        if Bool.random(using: &chance) {
            event.id = EventID(high: chance.next(), low: chance.next())
        }
        event.isJSON = Bool.random(using: &chance)
        return event
    }
}

extension EventBatch {
    /// `hash`: a hash to pretend, where collisions are wanted.
    func add(_ event: SampleEvent, hash: StreamHash? = nil) throws(StorageError) {
        let parts = [event.stream, event.type, event.data, event.metadata ?? []]
        var offsets = [0]
        for part in parts { offsets.append((offsets.last ?? 0) + part.count) }
        let joined = FrameBuffer(byteCount: offsets[4])
        defer { extendLifetime(joined) }
        UnsafeMutableRawBufferPointer(start: joined.base, count: joined.byteCount)
            .copyBytes(from: parts.flatMap { $0 })
        func slice(_ index: Int) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(rebasing: joined.bytes[offsets[index]..<offsets[index + 1]])
        }
        try add(
            stream: slice(0), hash: hash ?? StreamHash(of: slice(0)), type: slice(1),
            data: slice(2), metadata: event.metadata == nil ? nil : slice(3),
            time: Timestamp(nanoseconds: event.time), id: event.id, isJSON: event.isJSON)
    }

    convenience init(_ events: [SampleEvent]) throws(StorageError) {
        self.init()
        for event in events { try add(event) }
    }

    /// Versions from 0 for each stream of the batch.
    func assignVersionsFromZero() {
        let first = [Version](repeating: .zero, count: streamCount)
        first.withUnsafeBufferPointer { assignVersions(first: $0) }
    }
}
