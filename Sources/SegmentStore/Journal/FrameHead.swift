// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, journal. A frame's head as a value: encoded once, checked when read.
import CXXHash

/// What a frame says of itself.
package struct FrameHead: Equatable, Sendable {
    /// XXH3-64 over the rest of the frame, seeded; set by `seal`.
    package var checksum: UInt64
    package var payloadByteCount: Int
    /// 0 in the frame that closes a journal.
    package var recordCount: Int
    package var journal: JournalID
    /// The writer's epoch, which the fork's row and the live word name too (rule 2).
    package var epoch: UInt32
    /// Where in the file the frame begins.
    package var offset: UInt64
    package var firstPosition: Position
    package var previousChecksum: UInt64
    /// Below this byte everything was durable when the frame was made (rule 4).
    package var durableEnd: UInt64

    package var byteEnd: UInt64 {
        offset + UInt64(JournalFormat.frameHeadByteCount + payloadByteCount)
    }

    package var endPosition: Position { firstPosition.advanced(by: UInt64(recordCount)) }

    package var isClosing: Bool { recordCount == 0 }
}

extension FrameHead {
    /// Writes the head before the payload that already lies in `frame`, and both sums.
    mutating func seal(_ frame: UnsafeMutableRawBufferPointer, seed: UInt64) {
        precondition(frame.count == JournalFormat.frameHeadByteCount + payloadByteCount)
        func store<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number, _ at: Int) {
            frame.storeBytes(of: number.littleEndian, toByteOffset: at, as: Number.self)
        }
        store(JournalFormat.frameMagic, JournalFormat.frameMagicOffset)
        store(UInt32(payloadByteCount), JournalFormat.framePayloadByteCountOffset)
        store(UInt32(recordCount), JournalFormat.frameRecordCountOffset)
        store(journal.overlay.rawValue, JournalFormat.frameOverlayOffset)
        store(journal.number, JournalFormat.frameNumberOffset)
        store(epoch, JournalFormat.frameEpochOffset)
        store(offset, JournalFormat.frameOwnOffsetOffset)
        store(firstPosition.rawValue, JournalFormat.frameFirstPositionOffset)
        store(previousChecksum, JournalFormat.framePreviousChecksumOffset)
        store(durableEnd, JournalFormat.frameDurableEndOffset)
        let whole = UnsafeRawBufferPointer(frame)
        store(FrameHead.headCheck(whole, seed: seed), JournalFormat.frameHeadCheckOffset)
        checksum = FrameHead.checksum(whole, seed: seed)
        store(checksum, JournalFormat.frameChecksumOffset)
    }

    /// Reads a head that claims to begin at `offset` of `journal`; nil where the bytes, which may
    /// be anything, are no head, or are that of another place. The payload is not looked at.
    static func read(
        _ bytes: UnsafeRawBufferPointer, at offset: UInt64, of journal: JournalID, seed: UInt64
    ) -> FrameHead? {
        guard bytes.count >= JournalFormat.frameHeadByteCount else { return nil }
        func load<Number: FixedWidthInteger & BitwiseCopyable>(
            _ at: Int, _ type: Number.Type
        ) -> Number {
            Number(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: type))
        }
        guard load(JournalFormat.frameMagicOffset, UInt32.self) == JournalFormat.frameMagic,
            load(JournalFormat.frameOwnOffsetOffset, UInt64.self) == offset,
            load(JournalFormat.frameHeadCheckOffset, UInt32.self)
                == headCheck(bytes, seed: seed)
        else { return nil }
        let head = FrameHead(
            checksum: load(JournalFormat.frameChecksumOffset, UInt64.self),
            payloadByteCount: Int(load(JournalFormat.framePayloadByteCountOffset, UInt32.self)),
            recordCount: Int(load(JournalFormat.frameRecordCountOffset, UInt32.self)),
            journal: JournalID(
                overlay: OverlayID(load(JournalFormat.frameOverlayOffset, UInt64.self)),
                number: load(JournalFormat.frameNumberOffset, UInt32.self)),
            epoch: load(JournalFormat.frameEpochOffset, UInt32.self),
            offset: offset,
            firstPosition: Position(load(JournalFormat.frameFirstPositionOffset, UInt64.self)),
            previousChecksum: load(JournalFormat.framePreviousChecksumOffset, UInt64.self),
            durableEnd: load(JournalFormat.frameDurableEndOffset, UInt64.self))
        return head.journal == journal && head.isWithinBounds ? head : nil
    }

    /// Whether the numbers are ones that a writer can have written: then none of the sums made
    /// of them overflows, and no allocation made for them passes the format's bound.
    private var isWithinBounds: Bool {
        payloadByteCount <= JournalFormat.framePayloadByteCountMax
            && recordCount <= EventLimits.batchEventCount
            && recordCount * EventRecordFormat.byteCountMin <= payloadByteCount
            && (recordCount > 0 || payloadByteCount == 0)
            && offset < EventRecordFormat.numberLimit
            && firstPosition.rawValue < EventRecordFormat.numberLimit
            && durableEnd <= offset
    }

    /// The sum over everything behind it in the whole frame.
    package static func checksum(
        _ frame: UnsafeRawBufferPointer, seed: UInt64
    ) -> UInt64 {
        let rest = UnsafeRawBufferPointer(rebasing: frame[JournalFormat.frameMagicOffset...])
        return forkctl_hash64_seeded(rest.baseAddress, rest.count, seed)
    }

    /// The sum over the head alone, which says whether its lengths may be believed before the
    /// payload is read.
    package static func headCheck(
        _ frame: UnsafeRawBufferPointer, seed: UInt64
    ) -> UInt32 {
        let range =
            JournalFormat.framePayloadByteCountOffset..<JournalFormat.frameHeadByteCount
        let head = UnsafeRawBufferPointer(rebasing: frame[range])
        return UInt32(
            truncatingIfNeeded: forkctl_hash64_seeded(head.baseAddress, head.count, seed))
    }
}
