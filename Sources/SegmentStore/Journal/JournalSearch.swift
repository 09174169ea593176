// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, journal. Finds valid frames after a bad one, which alone can say that
// the bad one was durable once (rule 4).
import Glibc

/// Looks through the rest of a journal for frames, at any byte.
struct JournalSearch {
    let file: any File
    let header: JournalHeader
    let byteCount: UInt64
    var windowByteCount = 1 << 20

    /// The first valid frame behind `bad` that states a durable end beyond it; nil where there
    /// is none. A frame counts only with its sums right, naming this journal and standing where
    /// it says: nothing that a client sent can look like one. O(bytes behind `bad`).
    func frameStatingDurable(beyond bad: UInt64) throws(StorageError) -> FrameHead? {
        let head = JournalFormat.frameHeadByteCount
        // At the start a header may be bad, and the first frame begin right behind it.
        var offset = bad + 1
        let window = FrameBuffer(byteCount: max(windowByteCount, 2 * head))
        defer { extendLifetime(window) }
        while offset < byteCount, byteCount - offset >= UInt64(head) {
            let count = Int(min(UInt64(window.byteCount), byteCount - offset))
            let read = try file.read(
                into: UnsafeMutableRawBufferPointer(start: window.base, count: count),
                at: offset)
            guard read >= head else { return nil }
            let bytes = UnsafeRawBufferPointer(start: window.base, count: read)
            var place = 0
            var jumped: UInt64?
            while let found = JournalSearch.headPlace(in: bytes, from: place) {
                let start = offset + UInt64(found)
                let rest = UnsafeRawBufferPointer(rebasing: bytes[found...])
                if let frame = FrameHead.read(
                    rest, at: start, of: header.journal, seed: header.seed),
                    try isWhole(frame)
                {
                    if frame.durableEnd > bad { return frame }
                    jumped = frame.byteEnd
                    break
                }
                place = found + 1
            }
            // Heads that begin in the window's last bytes are seen by the next one.
            offset = jumped ?? offset + UInt64(read - head + 1)
        }
        return nil
    }

    /// Whether the payload is there and the sum over all of it right.
    private func isWhole(_ head: FrameHead) throws(StorageError) -> Bool {
        let count = JournalFormat.frameHeadByteCount + head.payloadByteCount
        guard byteCount - head.offset >= UInt64(count) else { return false }
        let buffer = FrameBuffer(byteCount: count)
        defer { extendLifetime(buffer) }
        let read = try file.read(
            into: UnsafeMutableRawBufferPointer(start: buffer.base, count: count),
            at: head.offset)
        return read == count
            && FrameHead.checksum(buffer.bytes, seed: header.seed) == head.checksum
    }

    /// The first place at or behind `start` where a whole head with the magic could stand.
    private static func headPlace(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        let magicOffset = JournalFormat.frameMagicOffset
        var place = start
        while place + JournalFormat.frameHeadByteCount <= bytes.count {
            let last = bytes.count - JournalFormat.frameHeadByteCount + magicOffset
            let from = place + magicOffset
            guard
                let hit = memchr(
                    base + from, Int32(JournalFormat.frameMagicBytes[0]), last - from + 1)
            else { return nil }
            let found = UnsafeRawPointer(hit) - base
            let magic = UInt32(
                littleEndian: base.loadUnaligned(fromByteOffset: found, as: UInt32.self))
            if magic == JournalFormat.frameMagic { return found - magicOffset }
            place = found - magicOffset + 1
        }
        return nil
    }
}
