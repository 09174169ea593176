// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, backup. Copies all that forks show at one moment, while others write; why so:
// docs/decisions/backup.md.
import Glibc
package import SegmentStore

extension Store {
    /// Copies the store into the folder `path`, which is new, empty, or holds an earlier backup of
    /// this store, of which then only what is new is copied. Others create, append, flush and drop
    /// meanwhile; only a collection has to wait.
    ///
    /// All forks are of one moment, at or after the call. At every instant the folder holds the
    /// earlier backup or this one, whole. Memory: 60 bytes an object.
    ///
    /// Errors: `damaged` where anything that a fork reaches is not as it was written: then the
    /// backup before is untouched; `busy` where a collection or another backup runs; `denied` and
    /// `alreadyExists` where the folder is something else; `noSpace`.
    public func backUp(
        to path: String, progress: (BackupProgress) -> Void = { _ in }
    ) throws(ForkError) -> BackupReport {
        try StorePlace.check(path)
        if mkdir(path, 0o755) != 0, errno != EEXIST {
            throw StorePlace.error(creating: path, errno)
        }
        let target = try lifting { () throws(StorageError) in
            try RealFileSystem(path: "\(path)/..").syncFolder(".")
            return try RealFileSystem(path: path)
        }
        return try backUp(into: target, progress: progress)
    }

    /// The same, into any folder.
    package func backUp(
        into target: any FileSystem, progress: (BackupProgress) -> Void = { _ in }
    ) throws(ForkError) -> BackupReport {
        let folder = try BackupFolder.take(target)
        guard let lock = try locks.takeCollector() else {
            throw try locks.collectorIsHeld()
        }
        defer { lock.release() }
        var backup = Backup(store: self, folder: folder)
        return try backup.run(progress)
    }
}

/// One backup, while the collector's lock keeps all that is there from being removed.
private struct Backup {
    let store: Store
    let folder: BackupFolder
    var report = BackupReport()
    /// What the earlier backup has, durable.
    private var known: [ObjectID: UInt64] = [:]
    private var knownJournals: [BackedUpJournal: ObjectAddress] = [:]
    /// What this one needs.
    private var roots: Set<ManifestRoot> = []
    private var ends: [JournalID: UInt64] = [:]

    init(store: Store, folder: BackupFolder) {
        self.store = store
        self.folder = folder
    }

    mutating func run(
        _ progress: (BackupProgress) -> Void
    ) throws(ForkError) -> BackupReport {
        try readEarlier()
        let index = try takeCatalog()
        var done = BackupProgress()
        func tell(_ byteCount: UInt64) {
            done.fileCount += 1
            done.byteCount += byteCount
            progress(done)
        }
        let objects = try markWhole()
        for object in objects.sorted() {
            let byteCount = try copy(object)
            try index.append(.object(object, byteCount: byteCount))
            tell(byteCount)
        }
        var paths: Set<String> = []
        for (id, byteEnd) in ends.sorted(by: { $0.key < $1.key }) {
            let journal = BackedUpJournal(journal: id, byteEnd: byteEnd)
            try index.append(.journal(journal, checksum: try copy(journal)))
            paths.insert(journal.path)
            tell(byteEnd)
        }
        if report.copiedJournalCount > 0 {
            try onBackup { () throws(StorageError) in
                try folder.fileSystem.syncFolder(JournalFormat.folder)
            }
        }
        try index.finish()
        try onBackup { () throws(StorageError) in
            try folder.fileSystem.rename(
                BackupLayout.nextIndex, to: BackupLayout.index, replacing: true)
            try folder.fileSystem.syncFolder(".")
        }
        report.removedFileCount = try onBackup { () throws(StorageError) in
            try folder.prune(keeping: objects, paths)
        }
        return report
    }

    /// What the forks reach, none of it known to be lost: a backup holds whole histories alone.
    private func markWhole() throws(ForkError) -> Set<ObjectID> {
        let (objects, lost) = try lifting { () throws(StorageError) in
            let lost = Set(try Quarantine(fileSystem: store.fileSystem).acknowledged().keys)
            return (try store.segments.mark(roots, lost: lost), lost)
        }
        if let object = objects.intersection(lost).min() {
            throw ForkError(
                .damaged,
                "\(object.path) is lost for good, as 'repair' found, and a backup holds whole forks"
                    + " alone: drop the forks that 'verify' names with it, or copy the store's"
                    + " folder while nobody uses it; the backup before is untouched")
        }
        return objects
    }

    private mutating func readEarlier() throws(ForkError) {
        let earlier = try onBackup { () throws(StorageError) in
            try BackupIndexReader(in: folder.fileSystem)
        }
        guard let earlier else { return }
        var objects: [ObjectID: UInt64] = [:]
        var journals: [BackedUpJournal: ObjectAddress] = [:]
        let own = store.record.storeID
        try earlier.forEach { (record) throws(ForkError) in
            switch record {
            case .store(let record, _):
                guard record.storeID == own else {
                    throw ForkError(
                        .denied,
                        "the folder holds a backup of another store: choose another folder")
                }
            case .object(let object, let byteCount): objects[object] = byteCount
            case .journal(let journal, let checksum): journals[journal] = checksum
            case .overlay, .fork: break
            }
        }
        (known, knownJournals) = (objects, journals)
    }

    // MARK: Files

    private mutating func copy(_ object: ObjectID) throws(ForkError) -> UInt64 {
        if let byteCount = known[object] {
            let found = try onBackup { () throws(StorageError) in
                try folder.backend.byteCount(of: object)
            }
            if found == byteCount {
                report.reusedObjectCount += 1
                report.reusedObjectByteCount += byteCount
                return byteCount
            }
        }
        let byteCount = try folder.copy(object, from: store.segments.objects.backend)
        report.copiedObjectCount += 1
        report.copiedObjectByteCount += byteCount
        return byteCount
    }

    private mutating func copy(_ journal: BackedUpJournal) throws(ForkError) -> ObjectAddress {
        if let checksum = knownJournals[journal] {
            let status = try onBackup { () throws(StorageError) in
                try folder.fileSystem.status(journal.path)
            }
            if status?.byteCount == journal.byteEnd {
                report.reusedJournalCount += 1
                return checksum
            }
        }
        // Every frame below the end is there and right (rule 4).
        try lifting { () throws(StorageError) in
            let whole = Journal(
                journal.journal, seed: store.record.seed, fileSystem: store.fileSystem)
            try whole.read(upTo: journal.byteEnd) { _ throws(StorageError) in }
        }
        let checksum = try folder.copy(journal, from: store.fileSystem)
        report.copiedJournalCount += 1
        report.copiedJournalByteCount += journal.byteEnd
        return checksum
    }

    // MARK: The catalog and the words, at one moment

    /// Writes rows into a new index, with what counts of live journals sealed, and notes what they
    /// name.
    private mutating func takeCatalog() throws(ForkError) -> BackupIndexWriter {
        let start = store.environment.time.sinceBoot()
        while true {
            try settleAll()
            let index = try onBackup { () throws(StorageError) in
                try removeNextIndex()
                return try folder.fileSystem.create(BackupLayout.nextIndex)
            }
            do throws(ForkError) {
                return try writeRows(to: index)
            } catch {
                // A writer was starting, or one died just now: its fork is looked at again.
                guard error.code == .changed else { throw error }
            }
            (roots, ends, report) = ([], [:], BackupReport())
            try store.pause(since: start, for: "that is starting")
        }
    }

    private func removeNextIndex() throws(StorageError) {
        do throws(StorageError) {
            try folder.fileSystem.remove(BackupLayout.nextIndex)
        } catch {
            guard error.isNotFound else { throw error }
        }
    }

    /// Recovers what dead writers left (rule 3); those who live are told by their words.
    private func settleAll() throws(ForkError) {
        let started = try store.startedJournals()
        var forks = Set(store.slots.occupied())
        try store.catalog.read { catalog throws(ForkError) in
            try catalog.forEachFork(from: .main) { row throws(ForkError) in
                if started.contains(row.liveJournal) { forks.insert(row.id) }
                return true
            }
        }
        for fork in forks.sorted() {
            do throws(ForkError) {
                try store.settle(fork)?.release()
            } catch {
                guard error.code == .notFound else { throw error }
            }
        }
    }

    private mutating func writeRows(
        to file: any File
    ) throws(ForkError) -> BackupIndexWriter {
        let index = BackupIndexWriter(on: file)
        var heads: [ForkID: SnapshotRecord] = [:]
        var started: Set<JournalID> = []
        let store = store
        var backup = self
        // Within one write no row moves, and every word is read: a child's cut lies below the end
        // that its parent's word had when the child was made, and words never go back.
        func readWords(_ transaction: any CatalogWriting) throws(ForkError) {
            started = try store.startedJournals()
            for fork in store.slots.occupied() {
                guard let row = try transaction.fork(fork) else { continue }
                guard let head = try store.headSnapshot(of: row, recovered: nil) else {
                    throw ForkError(.changed, "the writer of fork '\(row.name)' is starting")
                }
                heads[fork] = head
            }
            try transaction.touch()
        }
        func writeAll(_ catalog: any CatalogReading) throws(ForkError) {
            try index.append(.store(try catalog.store(), try catalog.counted()))
            try catalog.forEachOverlay { row throws(ForkError) in try index.append(.overlay(row)) }
            try catalog.forEachFork(from: .main) { row throws(ForkError) in
                var row = row
                if let head = heads[row.id] {
                    row.snapshot = head
                } else if started.contains(row.liveJournal) {
                    throw ForkError(.changed, "the writer of fork '\(row.name)' died just now")
                }
                backup.note(row)
                try index.append(.fork(row))
                return true
            }
        }
        try store.catalog.write(readWords, thenRead: writeAll)
        self = backup
        return index
    }

    private mutating func note(_ row: ForkRow) {
        if let root = row.snapshot.root { roots.insert(root) }
        for piece in row.snapshot.pieces where piece.byteEnd > 0 {
            ends[piece.journal] = max(ends[piece.journal] ?? 0, piece.byteEnd)
        }
        report.forkCount += 1
        report.eventCount += row.snapshot.cut.rawValue - row.base.rawValue
    }
}

extension Store {
    /// The journals that have files.
    fileprivate func startedJournals() throws(ForkError) -> Set<JournalID> {
        let names = try lifting { () throws(StorageError) in
            try fileSystem.list(StoreLayout.journals)
        }
        return Set(names.compactMap { JournalID(fileName: $0) })
    }
}
