// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, backup. One backup: what the folder has, what forks show, what is lacking.
//
//   earlier index ─ rows and words, at one moment ─ mark ─ objects ─ journals ─ sync
//     ─ index.next ─ index ─ only then: what only earlier backups needed is removed
import SegmentStore

/// One backup, while the collector's lock keeps all that is there from being removed.
struct Backup {
    let store: Store
    let folder: BackupFolder
    var report = BackupReport()
    /// What the earlier backup has, durable.
    var known: Set<ObjectID> = []
    var knownJournals: [BackedUpJournal: ObjectAddress] = [:]
    /// What was wrong with the earlier backup's index; nil: nothing.
    private var damagedIndex: String?
    /// What this one needs.
    var roots: Set<ManifestRoot> = []
    var ends: [JournalID: UInt64] = [:]
    /// What a repair of the store knows to be lost, with what is wrong with each.
    private var losses: [ObjectID: String] = [:]

    init(store: Store, folder: BackupFolder) {
        self.store = store
        self.folder = folder
    }

    mutating func run(
        _ progress: (BackupProgress) -> Void
    ) throws(ForkError) -> BackupReport {
        try readEarlier()
        let index = try takeCatalog()
        report.damagedIndex = damagedIndex
        var done = BackupProgress()
        func tell(_ byteCount: UInt64) {
            done.fileCount += 1
            done.byteCount += byteCount
            progress(done)
        }
        var objects = try mark()
        for object in objects.sorted() {
            let record = try take(object, losses[object])
            try index.append(record)
            switch record {
            case .object(_, let byteCount): tell(byteCount)
            case .loss(let loss):
                // A whole copy that an earlier backup has stays beside what is left of it now.
                if let rest = loss.rest { objects.insert(rest) }
                tell(loss.byteCount)
            case .store, .overlay, .fork, .journal: break
            }
        }
        var paths: Set<String> = []
        for (id, byteEnd) in ends.sorted(by: { $0.key < $1.key }) {
            let journal = BackedUpJournal(journal: id, byteEnd: byteEnd)
            try index.append(.journal(journal, checksum: try take(journal)))
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
            try folder.placeIndex(keepingFormer: damagedIndex != nil)
        }
        // Beside an index that cannot be read nobody knows what the earlier backup needs.
        if damagedIndex == nil {
            report.removedFileCount = try onBackup { () throws(StorageError) in
                try folder.prune(keeping: objects, paths)
            }
        }
        return report
    }

    private mutating func mark() throws(ForkError) -> Set<ObjectID> {
        let (roots, store) = (roots, store)
        let (objects, losses) = try lifting { () throws(StorageError) in
            let losses = try Quarantine(fileSystem: store.fileSystem).acknowledged()
            return (try store.segments.mark(roots, lost: Set(losses.keys)), losses)
        }
        self.losses = losses
        return objects
    }

    /// Notes what the earlier backup has; nothing where its index is damaged: then each file that
    /// is there is looked at by itself.
    private mutating func readEarlier() throws(ForkError) {
        var objects: Set<ObjectID> = []
        var journals: [BackedUpJournal: ObjectAddress] = [:]
        let own = store.record.storeID
        do throws(ForkError) {
            let earlier = try onBackup { () throws(StorageError) in
                try BackupIndexReader(in: folder.fileSystem)
            }
            try earlier?.forEach { (record) throws(ForkError) in
                switch record {
                case .store(let record, _):
                    guard record.storeID == own else {
                        throw ForkError(
                            .denied,
                            "\(folder.fileSystem.place) holds a backup of another store: choose"
                                + " another folder")
                    }
                case .object(let object, _): objects.insert(object)
                case .loss(let loss): if let rest = loss.rest { objects.insert(rest) }
                case .journal(let journal, let checksum): journals[journal] = checksum
                case .overlay, .fork: break
                }
            }
        } catch {
            guard let below = error.underlying, below.isDamage || below.isInputOutput else {
                throw error
            }
            damagedIndex = "\(below)"
            return
        }
        (known, knownJournals) = (objects, journals)
    }
}
