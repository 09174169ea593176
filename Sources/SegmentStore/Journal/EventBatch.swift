// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, journal. Events on their way in: encoded once, by the caller's thread,
// outside every lock, into the very bytes that the journal writes and the tail refers to.
import Glibc

/// One atomic batch: the records of one frame, with room for the frame's head before them.
///
/// The caller's thread adds events; then the batch is handed to the writer, which reads its
/// streams, assigns versions and seals it (`FrameChain.seal`). Only then are its bytes shared.
///
/// `@unchecked Sendable`: it has one owner at a time, the caller and then the writer, and passes
/// between them through the writer's lock. It is not safe for two threads at once.
package final class EventBatch: @unchecked Sendable {
    /// What the batch knows of one of its events.
    struct Member {
        var hash: StreamHash
        /// Where the record begins in `bytes`.
        var offset: UInt32
        /// The index of its stream.
        var stream: UInt32
        /// The next event of the same stream; `EventBatch.none` where it is the last.
        var next: UInt32
    }

    /// One stream that the batch writes to.
    struct Group {
        var hash: StreamHash
        var nameOffset: UInt32
        var nameByteCount: UInt32
        var firstEvent: UInt32
        var lastEvent: UInt32
        var count: UInt32
    }

    static let none = UInt32.max

    /// The frame's head (left empty until sealed), then the records.
    @exclusivity(unchecked) var bytes: UnsafeMutableRawPointer
    @exclusivity(unchecked) var byteCount: Int
    @exclusivity(unchecked) var capacity: Int
    @exclusivity(unchecked) var members: GrowingMemory<Member>
    @exclusivity(unchecked) var groups: GrowingMemory<Group>
    /// Open addressing from hash to group index + 1; made with the ninth stream.
    @exclusivity(unchecked) var groupTable: UnsafeMutablePointer<UInt32>?
    @exclusivity(unchecked) var groupTableMask = 0
    /// Data and metadata, which the batch's limit counts.
    @exclusivity(unchecked) var contentByteCount = 0
    /// Set once the bytes are shared with a frame: they are then copied before they change.
    @exclusivity(unchecked) var sealedBuffer: FrameBuffer?

    /// An empty batch. `expectedByteCount` saves growing: the bytes of its events, all told.
    package init(expectedByteCount: Int = 512) {
        capacity = JournalFormat.frameHeadByteCount + max(256, expectedByteCount)
        bytes = allocateMemory(capacity)
        byteCount = JournalFormat.frameHeadByteCount
        members = GrowingMemory(capacity: 8)
        groups = GrowingMemory(capacity: 8)
    }

    deinit {
        if sealedBuffer == nil { free(bytes) }
        free(groupTable)
    }

    /// The number of events.
    package var count: Int { members.count }

    /// The bytes of the frame that the batch becomes, its head included.
    package var frameByteCount: Int { byteCount }

    /// The record of event `index`, valid until the batch grows or goes.
    package func record(_ index: Int) -> EventRecord {
        precondition(index >= 0 && index < members.count)
        return EventRecord(verifiedAt: bytes + Int(members.base[index].offset))
    }

    /// The hash of the stream of event `index`.
    package func streamHash(_ index: Int) -> StreamHash {
        precondition(index >= 0 && index < members.count)
        return members.base[index].hash
    }

    /// Gives up sharing with a frame sealed earlier: a batch that is retried in another journal, or
    /// added to, changes no bytes that a tail refers to.
    @inline(__always)
    func detach() {
        guard let shared = sealedBuffer else { return }
        copyBytes(from: shared)
        sealedBuffer = nil
    }

    @inline(never)
    private func copyBytes(from shared: FrameBuffer) {
        capacity = shared.byteCount
        bytes = allocateMemory(capacity)
        bytes.copyMemory(from: shared.base, byteCount: capacity)
    }
}
