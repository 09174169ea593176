// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, journal. The first 64 bytes of a journal: which store and journal it is.
import CXXHash

/// The header of one journal file, which its identity and the store's seed fix wholly.
package struct JournalHeader: Equatable, Sendable {
    package let journal: JournalID
    /// The store's own random number.
    package let seed: UInt64

    package init(journal: JournalID, seed: UInt64) {
        self.journal = journal
        self.seed = seed
    }

    /// The header's 64 bytes.
    package var encoded: FrameBuffer {
        let buffer = FrameBuffer(zeroedByteCount: JournalFormat.headerByteCount)
        let raw = UnsafeMutableRawBufferPointer(start: buffer.base, count: buffer.byteCount)
        func store<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number, _ at: Int) {
            raw.storeBytes(of: number.littleEndian, toByteOffset: at, as: Number.self)
        }
        store(JournalFormat.headerMagic, JournalFormat.headerMagicOffset)
        store(JournalFormat.version, JournalFormat.headerVersionOffset)
        store(journal.number, JournalFormat.headerNumberOffset)
        store(journal.overlay.rawValue, JournalFormat.headerOverlayOffset)
        store(seed, JournalFormat.headerSeedOffset)
        store(
            forkctl_hash64(buffer.base, JournalFormat.headerChecksumOffset),
            JournalFormat.headerChecksumOffset)
        return buffer
    }

    /// What the first frame names as the checksum of the frame before it.
    package var checksum: UInt64 {
        let buffer = encoded
        defer { extendLifetime(buffer) }
        return forkctl_hash64(buffer.base, JournalFormat.headerChecksumOffset)
    }

    /// Whether `found`, the first bytes of the file, are this header. Returns what is wrong,
    /// nil where nothing is. A sound header of a newer format throws `.newerFormat`.
    package func fault(in found: UnsafeRawBufferPointer) throws(StorageError) -> String? {
        guard found.count >= JournalFormat.headerByteCount else {
            return "the file ends inside its header"
        }
        func load<Number: FixedWidthInteger & BitwiseCopyable>(
            _ at: Int, _ type: Number.Type
        ) -> Number {
            Number(littleEndian: found.loadUnaligned(fromByteOffset: at, as: type))
        }
        guard load(JournalFormat.headerMagicOffset, UInt64.self) == JournalFormat.headerMagic
        else { return "this is no journal's header" }
        let sum = forkctl_hash64(found.baseAddress, JournalFormat.headerChecksumOffset)
        guard sum == load(JournalFormat.headerChecksumOffset, UInt64.self) else {
            return "the header's checksum does not match"
        }
        let version = load(JournalFormat.headerVersionOffset, UInt32.self)
        guard version <= JournalFormat.version else {
            throw .newerFormat(
                path: journal.path, version: version, supported: JournalFormat.version)
        }
        let expected = encoded
        defer { extendLifetime(expected) }
        let isSame = bytesAreEqual(
            expected.bytes, UnsafeRawBufferPointer(rebasing: found.prefix(expected.byteCount)))
        return isSame ? nil : "the header names another store or another journal"
    }
}
