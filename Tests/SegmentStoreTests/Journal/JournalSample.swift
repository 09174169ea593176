// SPDX-License-Identifier: Apache-2.0
// A small journal written through the real writer, and what must be read back from it.
import SegmentStore

struct JournalSample {
    static let id = JournalID(overlay: OverlayID(7), number: 3)
    static let seed: UInt64 = 0x5eed_0123_4567_89ab
    static let firstPosition = Position(1000)

    let system = OneFileSystem()
    /// The events of each frame, in order.
    private(set) var frames: [[SampleEvent]] = []
    /// The byte after each frame.
    private(set) var ends: [UInt64] = []
    /// The durable end that each frame states.
    private(set) var statedEnds: [UInt64] = []

    /// Writes groups of batches with a sync after each group that asks for it.
    init(
        groups: [(batches: [[SampleEvent]], isSynced: Bool)], isClosed: Bool = false
    ) throws {
        let writer = JournalWriter(
            journal: Self.id, seed: Self.seed, fileSystem: system, folderSync: .never)
        var chain = FrameChain(
            journal: Self.id, seed: Self.seed, epoch: 9, firstPosition: Self.firstPosition)
        for group in groups {
            var batches: [EventBatch] = []
            for events in group.batches {
                let batch = try EventBatch(events)
                batch.assignVersionsFromZero()
                batches.append(batch)
            }
            let sealed = chain.seal(batches, durableEnd: writer.durableEnd)
            for (frame, events) in zip(sealed.frames, group.batches) {
                frames.append(events)
                ends.append(frame.byteEnd)
                statedEnds.append(frame.head.durableEnd)
            }
            try writer.append(sealed)
            if group.isSynced { try writer.sync() }
        }
        if isClosed {
            try writer.append(chain.sealClosing(durableEnd: writer.durableEnd))
            writer.close()
        }
    }

    /// Four frames in three groups, of which all were synced: 700 bytes and zeros to 4 KiB.
    static func small(isClosed: Bool = false) throws -> JournalSample {
        var special = SampleEvent("b", data: "")
        special.metadata = Array("{\"by\":\"me\"}".utf8)
        special.id = EventID(high: 0x1234, low: 0x5678)
        special.time = 1_700_000_000_000_000_000
        return try JournalSample(
            groups: [
                ([[SampleEvent("a"), SampleEvent("a", data: "[1]")]], true),
                ([[special], [SampleEvent("c"), SampleEvent("b")]], true),
                ([[SampleEvent("d", data: "7")]], true),
            ], isClosed: isClosed)
    }

    var journal: Journal { Journal(Self.id, seed: Self.seed, fileSystem: system) }

    /// Recovers, and returns what was kept with the events of each frame.
    func recover(
        statedEnd: UInt64 = 0
    ) throws(StorageError) -> (kept: RecoveredJournal, frames: [[SampleEvent]]) {
        var read: [[SampleEvent]] = []
        let kept = try journal.recover(statedEnd: statedEnd, wasStarted: false) {
            (frame) throws(StorageError) in read.append(try JournalSample.events(of: frame))
        }
        return (kept, read)
    }

    static func events(of frame: JournalFrame) throws(StorageError) -> [SampleEvent] {
        var events: [SampleEvent] = []
        try frame.forEachEvent { (event) throws(StorageError) in events.append(SampleEvent(event)) }
        return events
    }
}
