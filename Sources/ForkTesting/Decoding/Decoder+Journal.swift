// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, decoding. Journals of any bytes, recovered.
import SegmentStore

extension Decoder {
    static let journal = JournalID(overlay: OverlayID(1), number: 0)
    static let seed: UInt64 = 7

    /// A journal's file whose header and sums are those of the journal that is read here.
    package static func correctedJournal(_ bytes: [UInt8]) -> [UInt8] {
        JournalSums.corrected(bytes)
    }

    static func recover(_ bytes: [UInt8]) throws(DecodingFault) {
        let fileSystem = SimulatedDisk().makeProcess()
        do throws(StorageError) {
            try fileSystem.createFolder(JournalFormat.folder)
            let file = try fileSystem.create(journal.path)
            try bytes.span.withUnsafeBytes { (bytes) throws(StorageError) in
                try file.write(bytes, at: 0)
            }
        } catch {
            throw DecodingFault("the disk of the test: \(error)")
        }
        var next: Position?
        var isGapless = true
        do throws(StorageError) {
            let journal = Journal(journal, seed: seed, fileSystem: fileSystem)
            let kept = try journal.recover(statedEnd: 0, wasStarted: true) {
                (frame) throws(StorageError) in
                try frame.forEachEvent { (event) throws(StorageError) in
                    if let next, event.position != next { isGapless = false }
                    next = event.position.advanced(by: 1)
                }
            }
            if kept.byteEnd > UInt64(bytes.count) || kept.positions?.upperBound != next {
                isGapless = false
            }
        } catch {
            if let fault = DecodingFault(unexpected: error) { throw fault }
        }
        guard isGapless else { throw DecodingFault("what was kept of a journal has a gap") }
    }
}

/// Makes the sums of a journal's frames right, so that what lies below them is reached.
enum JournalSums {
    static func corrected(_ bytes: [UInt8]) -> [UInt8] {
        let header = JournalHeader(journal: Decoder.journal, seed: Decoder.seed)
        let encoded = header.encoded
        var bytes = Array(encoded.bytes) + bytes.dropFirst(JournalFormat.headerByteCount)
        withExtendedLifetime(encoded) {}
        var offset = JournalFormat.headerByteCount
        var previous = header.checksum
        while bytes.count - offset >= JournalFormat.frameHeadByteCount {
            let place = offset + JournalFormat.framePayloadByteCountOffset
            let payload = bytes[place..<place + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
            let end = offset + JournalFormat.frameHeadByteCount + payload
            guard end <= bytes.count else { break }
            func put<Number: FixedWidthInteger>(_ number: Number, _ at: Int) {
                withUnsafeBytes(of: number.littleEndian) {
                    bytes.replaceSubrange(offset + at..<offset + at + $0.count, with: $0)
                }
            }
            put(JournalFormat.frameMagic, JournalFormat.frameMagicOffset)
            put(Decoder.journal.overlay.rawValue, JournalFormat.frameOverlayOffset)
            put(Decoder.journal.number, JournalFormat.frameNumberOffset)
            put(UInt64(offset), JournalFormat.frameOwnOffsetOffset)
            put(previous, JournalFormat.framePreviousChecksumOffset)
            put(
                sum(bytes[offset..<end]) { FrameHead.headCheck($0, seed: $1) },
                JournalFormat.frameHeadCheckOffset)
            previous = sum(bytes[offset..<end]) { FrameHead.checksum($0, seed: $1) }
            put(previous, JournalFormat.frameChecksumOffset)
            offset = end
        }
        return bytes
    }

    private static func sum<Sum>(
        _ frame: ArraySlice<UInt8>, _ function: (UnsafeRawBufferPointer, UInt64) -> Sum
    ) -> Sum {
        frame.withUnsafeBytes { function($0, Decoder.seed) }
    }
}
