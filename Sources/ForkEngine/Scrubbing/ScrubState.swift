// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, scrubbing. Where a scrub stands, in the store's file `scrub`: written aside and
// renamed. Losing it only means to begin again, so anything that is not whole counts as lost.
import SegmentStore

/// The place of the scrub that runs, or was stopped, and when one last came to its end.
///
/// ```
///   0  "forkscrb"
///   8  version 1, 4 bytes | kind of the next object, 4 bytes; 0: the pass begins; 255: a journal
///  16  address of the next object, or overlay and number of the next journal, 8 bytes each
///  32  begun | 40  last full pass ended, 0: never | 48  damaged files of this pass
///  56  XXH3-128 of the bytes before
/// ```
struct ScrubState: Equatable {
    /// What is to be read next; nil: the pass begins.
    var next: ScrubPlace?
    var begun: Timestamp
    var lastEnded: Timestamp?
    var damageCount: UInt64 = 0

    static let file = StoreLayout.scrub
    static let aside = StoreLayout.nextScrub
    private static let magic: UInt64 = 0x6263_7273_6b72_6f66
    private static let version: UInt32 = 1
    private static let byteCount = 72
    /// Stands for journals among the kinds of objects.
    private static let journalKind: UInt32 = 255

    init(begun: Timestamp, lastEnded: Timestamp? = nil) {
        self.begun = begun
        self.lastEnded = lastEnded
    }

    /// nil where there is none that is whole.
    static func read(_ fileSystem: any FileSystem) throws(StorageError) -> ScrubState? {
        let bytes: [UInt8]
        do throws(StorageError) {
            let opened = try fileSystem.open(file, for: .read)
            bytes = try opened.readBytes(at: 0, count: byteCount + 1)
        } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
        guard bytes.count == byteCount else { return nil }
        return bytes.withUnsafeBytes { ScrubState($0) }
    }

    private init?(_ bytes: UnsafeRawBufferPointer) {
        let body = UnsafeRawBufferPointer(rebasing: bytes[..<56])
        guard ObjectAddress(bytes, at: 56) == ObjectAddress(of: body),
            bytes.uint64(at: 0) == Self.magic, bytes.uint32(at: 8) == Self.version
        else { return nil }
        begun = Timestamp(rawValue: Int64(bitPattern: bytes.uint64(at: 32)))
        let ended = Int64(bitPattern: bytes.uint64(at: 40))
        lastEnded = ended == 0 ? nil : Timestamp(rawValue: ended)
        damageCount = bytes.uint64(at: 48)
        let kind = bytes.uint32(at: 12)
        if kind == 0 { return }
        if kind == Self.journalKind {
            guard let number = UInt32(exactly: bytes.uint64(at: 24)) else { return nil }
            next = .journal(
                JournalID(overlay: OverlayID(bytes.uint64(at: 16)), number: number))
            return
        }
        guard let kind = UInt8(exactly: kind).flatMap({ ObjectKind(rawValue: $0) }) else {
            return nil
        }
        next = .object(ObjectID(address: ObjectAddress(bytes, at: 16), kind: kind))
    }

    func write(_ fileSystem: any FileSystem) throws(StorageError) {
        var sink = ByteSink(capacity: Self.byteCount)
        sink.append(Self.magic)
        sink.append(Self.version)
        switch next {
        case nil:
            sink.append(UInt32(0))
            sink.append(UInt64(0))
            sink.append(UInt64(0))
        case .object(let object):
            sink.append(UInt32(object.kind.rawValue))
            object.address.write(to: sink.extend(by: ObjectAddress.byteCount))
        case .journal(let journal):
            sink.append(Self.journalKind)
            sink.append(journal.overlay.rawValue)
            sink.append(UInt64(journal.number))
        }
        sink.append(begun.rawValue)
        sink.append(lastEnded?.rawValue ?? 0)
        sink.append(damageCount)
        let checksum = ObjectAddress(of: sink.bytes)
        checksum.write(to: sink.extend(by: ObjectAddress.byteCount))
        let opened = try fileSystem.makeFile(Self.aside)
        try opened.resize(to: 0)
        try opened.write(sink.bytes, at: 0)
        try opened.sync()
        try fileSystem.rename(Self.aside, to: Self.file, replacing: true)
        try fileSystem.syncFolder(".")
    }
}
