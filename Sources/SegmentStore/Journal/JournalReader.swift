// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, journal. Reads frames one after the other and checks all of each before
// anybody sees it (invariant 6). What a bad frame means is for its callers to say.

/// Walks the frames of one journal file from its start.
struct JournalReader {
    /// What stands at the place that was read.
    enum Step {
        case frame(JournalFrame)
        /// No valid frame begins at `offset`: the end, a torn tail, or damage.
        case bad(offset: UInt64, reason: String)
    }

    let file: any File
    let header: JournalHeader
    /// The reader looks at nothing from here on: a sealed end, or the file's end.
    let limit: UInt64
    /// Where the next frame begins.
    private(set) var offset: UInt64 = 0
    /// The position after the last frame; nil before the first.
    private(set) var nextPosition: Position?
    private(set) var epoch: UInt32 = 0
    private var previousChecksum: UInt64 = 0
    private let windowByteCount: Int
    /// Bytes of the file from `windowOffset` on. Frames refer to windows, so none is reused.
    private var window: FrameBuffer
    private var windowOffset: UInt64 = 0
    private var windowFilledCount = 0

    init(file: any File, header: JournalHeader, limit: UInt64, windowByteCount: Int = 1 << 20) {
        self.file = file
        self.header = header
        self.limit = limit
        self.windowByteCount = windowByteCount
        window = FrameBuffer(byteCount: 0)
    }

    /// Reads the header at the first call, then one frame a call. After `.bad` it stays there.
    /// A read that fails throws: it is never a torn tail (rule 4).
    mutating func next() throws(StorageError) -> Step {
        if offset == 0 {
            let found = try bytes(at: 0, byteCount: JournalFormat.headerByteCount)
            if let fault = try header.fault(in: found) { return .bad(offset: 0, reason: fault) }
            previousChecksum = header.checksum
            offset = UInt64(JournalFormat.headerByteCount)
        }
        let headBytes = try bytes(at: offset, byteCount: JournalFormat.frameHeadByteCount)
        guard
            let head = FrameHead.read(
                headBytes, at: offset, of: header.journal, seed: header.seed)
        else { return bad(JournalReader.fault(ofHead: headBytes)) }
        let frameByteCount = JournalFormat.frameHeadByteCount + head.payloadByteCount
        guard limit - offset >= UInt64(frameByteCount) else {
            return bad("the file ends inside a frame")
        }
        let frameBytes = try bytes(at: offset, byteCount: frameByteCount)
        guard frameBytes.count == frameByteCount else {
            return bad("the file ends inside a frame")
        }
        guard FrameHead.checksum(frameBytes, seed: header.seed) == head.checksum else {
            return bad("the frame's checksum does not match")
        }
        guard head.previousChecksum == previousChecksum, head.epoch >= epoch else {
            return bad("the frame does not follow the one before it")
        }
        return .frame(try accept(head, frameBytes))
    }

    /// Checks what only a wrong writer can have got wrong, then moves past the frame.
    private mutating func accept(
        _ head: FrameHead, _ frameBytes: UnsafeRawBufferPointer
    ) throws(StorageError) -> JournalFrame {
        let payload = UnsafeRawBufferPointer(
            rebasing: frameBytes[JournalFormat.frameHeadByteCount...])
        guard JournalFrame.recordsAreSound(payload, count: head.recordCount) else {
            throw header.journal.damage(at: offset, "a frame's records are not events")
        }
        if let expected = nextPosition, expected != head.firstPosition {
            throw header.journal.damage(
                at: offset, "a frame begins at position \(head.firstPosition), not \(expected)")
        }
        let frame = JournalFrame(
            buffer: window, head: head,
            payloadOffset: Int(offset - windowOffset) + JournalFormat.frameHeadByteCount)
        previousChecksum = head.checksum
        epoch = head.epoch
        nextPosition = head.endPosition
        offset = head.byteEnd
        return frame
    }

    private func bad(_ reason: String) -> Step { .bad(offset: offset, reason: reason) }

    /// The bytes at `start`, from the window or a new one; fewer where the limit or the file
    /// ends first. Valid as long as the window.
    private mutating func bytes(
        at start: UInt64, byteCount: Int
    ) throws(StorageError) -> UnsafeRawBufferPointer {
        let wanted = Int(min(UInt64(byteCount), limit > start ? limit - start : 0))
        let inWindow = Int(start - windowOffset)
        if inWindow + wanted > windowFilledCount {
            let count = Int(min(UInt64(max(windowByteCount, wanted)), limit - start))
            try fill(at: start, byteCount: count, needed: wanted)
        }
        let from = Int(start - windowOffset)
        let available = min(wanted, windowFilledCount - from)
        return UnsafeRawBufferPointer(
            start: window.base + from, count: max(0, available))
    }

    /// Reads a window of the file. Where the medium does not give so much back, no more than is
    /// needed: what stands behind may be nobody's (invariant 10). Where it does not give that, this
    /// is damage, and no torn tail (rule 4).
    private mutating func fill(
        at start: UInt64, byteCount: Int, needed: Int
    ) throws(StorageError) {
        let next = FrameBuffer(byteCount: byteCount)
        do throws(StorageError) {
            windowFilledCount = try file.read(
                into: UnsafeMutableRawBufferPointer(start: next.base, count: byteCount), at: start)
        } catch {
            guard error.isInputOutput else { throw error }
            guard needed < byteCount else {
                throw header.journal.damage(at: start, "it cannot be read: \(error)")
            }
            return try fill(at: start, byteCount: needed, needed: needed)
        }
        window = next
        windowOffset = start
    }

    private static func fault(ofHead bytes: UnsafeRawBufferPointer) -> String {
        if bytes.isEmpty { return "the file ends" }
        if bytes.allSatisfy({ $0 == 0 }) { return "no frame was written here" }
        return "these bytes are no frame's head"
    }
}

extension JournalID {
    /// Damage of this journal's file.
    package func damage(at offset: UInt64?, _ reason: String) -> StorageError {
        .damaged(StorageError.Damage(path: path, offset: offset, reason: reason))
    }
}
