// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, journal. A whole, verified frame in memory: what the writer made or the
// reader checked, and the tail refers to.

/// One frame and the memory that it lies in.
///
/// Its records were written by this process or checked one by one (invariant 6).
package struct JournalFrame: Sendable {
    package let buffer: FrameBuffer
    package let head: FrameHead
    /// Where in `buffer` the payload begins.
    let payloadOffset: Int

    package var firstPosition: Position { head.firstPosition }
    package var positions: Range<Position> { head.firstPosition..<head.endPosition }
    package var byteEnd: UInt64 { head.byteEnd }

    /// The first of `head.recordCount` records, which follow each other without a gap; valid
    /// while the frame's buffer is held.
    package var firstRecord: EventRecord {
        EventRecord(verifiedAt: UnsafeRawPointer(buffer.base + payloadOffset))
    }

    /// Calls `body` with each event in order, while the frame holds its memory.
    package func forEachEvent(
        _ body: (EventReference) throws(StorageError) -> Void
    ) throws(StorageError) {
        defer { extendLifetime(buffer) }
        var record = firstRecord
        for index in 0..<head.recordCount {
            let position = head.firstPosition.advanced(by: UInt64(index))
            try body(record.reference(position: position, hash: StreamHash(of: record.stream)))
            record = record.next
        }
    }

    /// Checks that the payload is exactly the records that the head counts. A frame whose sums
    /// match but whose records do not was never torn: some writer was wrong, and that is damage.
    static func recordsAreSound(_ payload: UnsafeRawBufferPointer, count: Int) -> Bool {
        var offset = 0
        for _ in 0..<count {
            let rest = UnsafeRawBufferPointer(rebasing: payload[offset...])
            guard let byteCount = EventRecord.checkedByteCount(in: rest) else { return false }
            offset += byteCount
        }
        return offset == payload.count
    }
}

/// Frames that go out in one write.
package struct FrameGroup: Sendable {
    package let journal: JournalID
    package let frames: [JournalFrame]
    package let buffer: FrameBuffer
    /// Where in the file the first frame begins.
    package let offset: UInt64

    /// The byte after the last frame.
    package var byteEnd: UInt64 { offset + UInt64(buffer.byteCount) }
    package var bytes: UnsafeRawBufferPointer { buffer.bytes }
}
