// SPDX-License-Identifier: Apache-2.0
// A fork's pending events as a plain array, beside the tail that is held to it.
import ForkTesting
import SegmentStore
import Testing

/// One history: everything that was ever appended in it, and the tail over all of it.
struct TailModel {
    struct Entry: Equatable {
        var event: SampleEvent
        var hash: StreamHash
        var version: UInt64
    }

    static let start: UInt64 = 500

    var entries: [Entry] = []
    var tail: Tail
    var layer: TailLayer
    /// The hash that a stream's name is given; the real one, or one that collides.
    let hash: @Sendable ([UInt8]) -> StreamHash
    /// Versions that streams had before the tail began.
    let versionsBefore: UInt64
    private var versions: [[UInt8]: UInt64] = [:]

    static let realHash: @Sendable ([UInt8]) -> StreamHash = { name in
        name.withUnsafeBytes { StreamHash(of: $0) }
    }

    init(
        versionsBefore: UInt64 = 0,
        hash: @escaping @Sendable ([UInt8]) -> StreamHash = TailModel.realHash
    ) {
        layer = TailLayer(start: Position(Self.start))
        tail = Tail(layer)
        self.versionsBefore = versionsBefore
        self.hash = hash
    }

    var end: Position { Position(Self.start + UInt64(entries.count)) }

    /// Appends batches as the writer would: heads from the tail, versions, one group, the layer.
    mutating func append(_ batches: [[SampleEvent]]) throws {
        var chain = FrameChain(
            journal: JournalSample.id, seed: 1, epoch: 1, firstPosition: end)
        var sealed: [EventBatch] = []
        for events in batches {
            let batch = EventBatch()
            for event in events {
                try batch.add(event, hash: hash(event.stream))
            }
            try assignVersions(batch)
            let frame = chain.seal([batch], durableEnd: 0).frames[0]
            try layer.append(frame, of: batch)
            for event in events {
                let version = versions[event.stream, default: versionsBefore]
                versions[event.stream] = version + 1
                entries.append(Entry(event: event, hash: hash(event.stream), version: version))
            }
            sealed.append(batch)
        }
    }

    private func assignVersions(_ batch: EventBatch) throws {
        var heads = [StreamHead?](repeating: nil, count: batch.streamCount)
        heads.withUnsafeMutableBufferPointer { tail.heads(of: batch, into: $0) }
        var first: [Version] = []
        for (index, head) in heads.enumerated() {
            let stream = batch.stream(index)
            let name = Array(stream.name)
            let last = entries.lastIndex { $0.event.stream == name }
            #expect(head?.position == last.map { Position(Self.start + UInt64($0)) })
            #expect(head?.version.rawValue == last.map { entries[$0].version })
            first.append(head?.version.advanced(by: 1) ?? Version(versionsBefore))
        }
        first.withUnsafeBufferPointer { batch.assignVersions(first: $0) }
        extendLifetime(batch)
    }

    /// The history of a fork made at `cut`: its own layer over what it inherits.
    func fork(at cut: Position) -> TailModel {
        var child = self
        child.entries.removeLast(Int(cut.distance(to: end)))
        (child.tail, child.layer) = tail.prefix(below: cut).layered()
        child.versions = [:]
        for entry in child.entries { child.versions[entry.event.stream] = entry.version + 1 }
        return child
    }

    /// The history with everything before `position` flushed.
    func flushed(to position: Position) -> Tail { tail.suffix(from: position) }
}
