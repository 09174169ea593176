// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, journal. Writes one new journal: file, groups of frames, syncs.
// Keeps rule 3: after a failed write or sync it takes nothing more, so that no later group can
// be acknowledged over bytes that nobody knows to be durable.
import Synchronization

/// Whether the first sync of a journal also makes its name durable.
package enum JournalFolderSync: Sendable {
    /// The file's own sync is shown to keep its name on this file system.
    case never
    case withFirstSync
}

/// The one writer of one journal. A journal is never written again after it was opened anew:
/// recovery seals it and another begins (rule 3).
///
///     new --append--> started --sync--> started --close--> closed
///      |                 |                 |
///      +-----------------+--- failure -----+--> poisoned
///
/// `@unchecked Sendable`: one thread at a time calls it, the one that leads the engine's group.
/// Only `durableEnd` may be asked for by others meanwhile.
package final class JournalWriter: @unchecked Sendable {
    private enum State {
        case new
        case started(any File)
        case closed
        case poisoned
    }

    package let journal: JournalID
    private let seed: UInt64
    private let fileSystem: any FileSystem
    private let folderSync: JournalFolderSync
    private var state = State.new
    private var isNameDurable = false
    /// The file's size: frames and the zeros before they are needed.
    private var filledEnd: UInt64 = 0

    /// The byte after the last frame written; 0 before the first.
    package private(set) var writtenEnd: UInt64 = 0
    private let durable = Atomic<UInt64>(0)

    /// The byte after the last frame that is durable; 0 before the first sync. From any thread.
    package var durableEnd: UInt64 { durable.load(ordering: .acquiring) }

    /// Touches nothing yet: the file is made with the first group.
    package init(
        journal: JournalID, seed: UInt64, fileSystem: any FileSystem,
        folderSync: JournalFolderSync
    ) {
        self.journal = journal
        self.seed = seed
        self.fileSystem = fileSystem
        self.folderSync = folderSync
    }

    package var isPoisoned: Bool {
        if case .poisoned = state { true } else { false }
    }

    /// Whether the journal's file was made, so that its absence would be damage (rule 5).
    package var isStarted: Bool {
        if case .new = state { false } else { true }
    }

    /// Writes a group behind the last one, in one write; nothing is durable before `sync`.
    /// Throws the call's own error, and `.poisoned` ever after.
    package func append(_ group: FrameGroup) throws(StorageError) {
        try append([group])
    }

    /// Writes groups that were sealed one after the other. Small ones are gathered into one
    /// write: copying 200 bytes takes a hundredth of a call.
    package func append(_ groups: [FrameGroup]) throws(StorageError) {
        for (index, group) in groups.enumerated() {
            precondition(group.journal == journal, "a group of another journal")
            precondition(
                index == 0 || groups[index - 1].byteEnd == group.offset,
                "groups are written in the order of sealing")
        }
        do throws(StorageError) {
            var rest = groups[...]
            while let first = rest.first {
                let count = JournalWriter.gatherableCount(of: rest)
                if count > 1 {
                    let gathered = FrameBuffer(gathering: rest.prefix(count))
                    defer { extendLifetime(gathered) }
                    try write(gathered.bytes, at: first.offset)
                } else {
                    defer { extendLifetime(first.buffer) }
                    try write(first.bytes, at: first.offset)
                }
                rest = rest.dropFirst(count)
            }
            if case .started(let file) = state { try fillAhead(file) }
        } catch {
            throw poison(error)
        }
    }

    /// How many of the first groups go out in one write; at least one.
    private static func gatherableCount(of groups: ArraySlice<FrameGroup>) -> Int {
        var byteCount = 0
        let fitting = groups.prefix { group in
            byteCount += group.buffer.byteCount
            return byteCount <= gatheredByteCountMax
        }
        return max(1, fitting.count)
    }

    /// Larger groups are written from where they lie.
    private static let gatheredByteCountMax = 256 << 10

    private func write(
        _ bytes: UnsafeRawBufferPointer, at offset: UInt64
    ) throws(StorageError) {
        let expected = writtenEnd == 0 ? UInt64(JournalFormat.headerByteCount) : writtenEnd
        precondition(offset == expected, "groups are written in the order of sealing")
        try startedFile().write(bytes, at: offset)
        writtenEnd = offset + UInt64(bytes.count)
    }

    /// Makes every group written so far durable, then moves `durableEnd`. At once where nothing
    /// is new. A sync that failed is never repeated: the next would lie.
    package func sync() throws(StorageError) {
        if case .poisoned = state { throw .poisoned(path: journal.path) }
        guard case .started(let file) = state, durableEnd < writtenEnd else { return }
        do throws(StorageError) {
            try file.sync()
            if !isNameDurable, folderSync == .withFirstSync {
                try fileSystem.syncFolder(JournalFormat.folder)
            }
            isNameDurable = true
            durable.store(writtenEnd, ordering: .releasing)
        } catch {
            throw poison(error)
        }
    }

    /// Ends the journal. A closing frame may be appended before; it needs no sync.
    package func close() {
        if case .started = state { state = .closed }
    }

    /// The file, made with its header at the first call.
    private func startedFile() throws(StorageError) -> any File {
        switch state {
        case .started(let file):
            return file
        case .new:
            let file = try fileSystem.create(journal.path)
            let header = JournalHeader(journal: journal, seed: seed).encoded
            defer { extendLifetime(header) }
            try file.write(header.bytes, at: 0)
            state = .started(file)
            return file
        case .poisoned:
            throw .poisoned(path: journal.path)
        case .closed:
            preconditionFailure("a closed journal takes no frames")
        }
    }

    /// Writes zeros behind the last frame up to the next step. A full disk only means that the
    /// next group grows the file itself, or fails there.
    private func fillAhead(_ file: any File) throws(StorageError) {
        guard writtenEnd > filledEnd else { return }
        filledEnd = writtenEnd
        let target = JournalSpace.grownByteCount(toHold: writtenEnd)
        do throws(StorageError) {
            while filledEnd < target {
                let zeros = JournalWriter.zeros.bytes
                let count = Int(min(target - filledEnd, UInt64(zeros.count)))
                try file.write(
                    UnsafeRawBufferPointer(rebasing: zeros.prefix(count)), at: filledEnd)
                filledEnd += UInt64(count)
            }
        } catch {
            guard error.isNoSpace else { throw error }
        }
    }

    /// Shared by all writers.
    private static let zeros = FrameBuffer(zeroedByteCount: 256 << 10)

    private func poison(_ error: StorageError) -> StorageError {
        state = .poisoned
        return error
    }
}

extension FrameBuffer {
    /// The bytes of groups, one behind the other.
    fileprivate convenience init(gathering groups: ArraySlice<FrameGroup>) {
        self.init(byteCount: groups.reduce(0) { $0 + $1.buffer.byteCount })
        var target = base
        for group in groups {
            target.copyMemory(from: group.buffer.base, byteCount: group.buffer.byteCount)
            target += group.buffer.byteCount
            extendLifetime(group.buffer)
        }
    }
}
