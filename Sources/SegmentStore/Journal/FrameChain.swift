// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, journal. Turns batches into frames, each naming the one before it.
import Glibc

/// Where the next frame of a journal goes and what it names: the state that sealing advances.
///
/// A value: the engine's writer keeps it under its lock and seals there, while the write and the
/// sync of an earlier group run outside. A copy taken before sealing undoes it, so long as the
/// sealed group was not written.
package struct FrameChain: Sendable {
    package let journal: JournalID
    package let seed: UInt64
    package let epoch: UInt32
    package private(set) var nextOffset: UInt64
    package private(set) var nextPosition: Position
    private var previousChecksum: UInt64

    /// The chain of a new journal, whose first event takes `firstPosition`.
    package init(journal: JournalID, seed: UInt64, epoch: UInt32, firstPosition: Position) {
        self.journal = journal
        self.seed = seed
        self.epoch = epoch
        nextOffset = UInt64(JournalFormat.headerByteCount)
        nextPosition = firstPosition
        previousChecksum = JournalHeader(journal: journal, seed: seed).checksum
    }

    /// Makes one frame of each batch, contiguous in memory. Versions are assigned already;
    /// positions follow from the chain. One batch lends its own memory, several are copied into
    /// one piece, so that a group is one write. O(bytes).
    ///
    /// `durableEnd` is the journal's end as of its last sync.
    package mutating func seal(_ batches: [EventBatch], durableEnd: UInt64) -> FrameGroup {
        precondition(batches.allSatisfy { $0.count > 0 }, "a batch without events is no frame")
        let offset = nextOffset
        if batches.count == 1, batches[0].sealedBuffer == nil {
            let buffer = batches[0].lendBytes()
            let frame = seal(
                in: buffer, at: 0, byteCount: buffer.byteCount, recordCount: batches[0].count,
                durableEnd: durableEnd)
            return FrameGroup(journal: journal, frames: [frame], buffer: buffer, offset: offset)
        }
        let buffer = FrameBuffer(byteCount: batches.reduce(0) { $0 + $1.frameByteCount })
        var frames: [JournalFrame] = []
        frames.reserveCapacity(batches.count)
        var start = 0
        for batch in batches {
            (buffer.base + start).copyMemory(from: batch.bytes, byteCount: batch.byteCount)
            frames.append(
                seal(
                    in: buffer, at: start, byteCount: batch.byteCount, recordCount: batch.count,
                    durableEnd: durableEnd))
            start += batch.byteCount
        }
        return FrameGroup(journal: journal, frames: frames, buffer: buffer, offset: offset)
    }

    /// Makes the frame that closes the journal: it states the durable end, so that a bad frame
    /// before it is known for damage (rule 4). It may be written without a sync.
    package mutating func sealClosing(durableEnd: UInt64) -> FrameGroup {
        let offset = nextOffset
        let buffer = FrameBuffer(byteCount: JournalFormat.frameHeadByteCount)
        let frame = seal(
            in: buffer, at: 0, byteCount: buffer.byteCount, recordCount: 0,
            durableEnd: durableEnd)
        return FrameGroup(journal: journal, frames: [frame], buffer: buffer, offset: offset)
    }

    private mutating func seal(
        in buffer: FrameBuffer, at start: Int, byteCount: Int, recordCount: Int,
        durableEnd: UInt64
    ) -> JournalFrame {
        precondition(durableEnd <= nextOffset, "a journal is not durable beyond its end")
        var head = FrameHead(
            checksum: 0, payloadByteCount: byteCount - JournalFormat.frameHeadByteCount,
            recordCount: recordCount, journal: journal, epoch: epoch, offset: nextOffset,
            firstPosition: nextPosition, previousChecksum: previousChecksum,
            durableEnd: durableEnd)
        head.seal(
            UnsafeMutableRawBufferPointer(start: buffer.base + start, count: byteCount),
            seed: seed)
        nextOffset = head.byteEnd
        nextPosition = head.endPosition
        previousChecksum = head.checksum
        return JournalFrame(
            buffer: buffer, head: head,
            payloadOffset: start + JournalFormat.frameHeadByteCount)
    }
}

extension EventBatch {
    /// Gives the encoded bytes to a frame, which shares them from now on.
    func lendBytes() -> FrameBuffer {
        // Growing by doubling may have left half unused; a tail keeps these bytes for long.
        if capacity - byteCount > byteCount / 8 {
            bytes = reallocateMemory(bytes, byteCount)
            capacity = byteCount
        }
        let buffer = FrameBuffer(adopting: bytes, byteCount: byteCount)
        sealedBuffer = buffer
        return buffer
    }
}
