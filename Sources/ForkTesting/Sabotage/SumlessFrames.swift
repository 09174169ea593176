// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, sabotage. A journal's bytes as they seem to who does not look at the sums of its
// frames: each is put right, whatever lies in the frame.
import SegmentStore

struct SumlessFrames {
    private var bytes: [UInt8]
    private let seed: UInt64

    init(of journal: [UInt8]) {
        bytes = journal
        seed = Self.number(in: journal, at: JournalFormat.headerSeedOffset)
        var offset = JournalFormat.headerByteCount
        var previous: UInt64?
        while let end = endOfFrame(at: offset) {
            if let previous {
                put(previous, at: offset + JournalFormat.framePreviousChecksumOffset)
            }
            let headCheck = bytes[offset..<end].withUnsafeBytes {
                FrameHead.headCheck($0, seed: seed)
            }
            put(headCheck, at: offset + JournalFormat.frameHeadCheckOffset)
            let sum = bytes[offset..<end].withUnsafeBytes { FrameHead.checksum($0, seed: seed) }
            put(sum, at: offset + JournalFormat.frameChecksumOffset)
            previous = sum
            offset = end
        }
    }

    /// Puts the bytes from `offset` on into `buffer`; whether they are others than lay there.
    func replace(_ buffer: Slice<UnsafeMutableRawBufferPointer>, at offset: Int) -> Bool {
        let buffer = UnsafeMutableRawBufferPointer(rebasing: buffer)
        let end = min(bytes.count, offset + buffer.count)
        guard offset < end else { return false }
        let seeming = bytes[offset..<end]
        if buffer.prefix(seeming.count).elementsEqual(seeming) { return false }
        buffer.copyBytes(from: seeming)
        return true
    }

    /// Where the frame ends whose head lies at `offset`; nil: there is no head, or no end.
    private func endOfFrame(at offset: Int) -> Int? {
        let headEnd = offset + JournalFormat.frameHeadByteCount
        guard headEnd <= bytes.count,
            bytes[(offset + JournalFormat.frameMagicOffset)...]
                .starts(with: JournalFormat.frameMagicBytes)
        else { return nil }
        let payloadByteCount: UInt32 = Self.number(
            in: bytes, at: offset + JournalFormat.framePayloadByteCountOffset)
        let end = headEnd + Int(payloadByteCount)
        return end <= bytes.count ? end : nil
    }

    private mutating func put<Number: FixedWidthInteger>(_ number: Number, at offset: Int) {
        withUnsafeBytes(of: number.littleEndian) {
            bytes.replaceSubrange(offset..<offset + $0.count, with: $0)
        }
    }

    /// The little-endian number at `offset`; 0 where the bytes end before.
    private static func number<Number: FixedWidthInteger>(
        in bytes: [UInt8], at offset: Int
    ) -> Number {
        let end = offset + MemoryLayout<Number>.size
        guard end <= bytes.count else { return 0 }
        return bytes[offset..<end].reversed().reduce(0) { $0 << 8 | Number($1) }
    }
}
