// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, backup. Makes a store of a backup. It is another store from then on: its forks
// go on in overlays of their own, so that `(overlay, position)` still names one event for ever,
// whatever becomes of the store that was backed up. docs/decisions/backup.md says why.
package import SegmentStore

extension Store {
    /// Lays out the store that a backup holds in the folder of `fileSystem`, which is empty.
    /// Everything is durable on return but the folder's own name.
    ///
    /// `acceptsDamage`: damaged files are taken as they are, and told in the report; the new store
    /// is then damaged, and a repair of it finds out what is lost.
    ///
    /// Errors: `damaged` where any file of the backup is not what was written; `notFound` where no
    /// backup was ever completed; `busy` where one is being made.
    package static func restore(
        from backup: any FileSystem, into fileSystem: any FileSystem, entropy: any EntropySource,
        acceptsDamage: Bool = false, progress: (BackupProgress) -> Void = { _ in },
        makeCatalog: (StoreRecord) throws(ForkError) -> any Catalog
    ) throws(ForkError) -> BackupReport {
        let folder = try BackupFolder.takeToRead(backup)
        let index = try onBackup { () throws(StorageError) in try BackupIndexReader(in: backup) }
        guard let index else {
            throw ForkError(
                .notFound,
                "\(backup.place) holds no backup that was completed: run 'forkctl backup' again")
        }
        try onTarget { () throws(StorageError) in try layOutFolders(in: fileSystem) }
        var restoring = Restoring(
            folder: folder, target: fileSystem, entropy: entropy, acceptsDamage: acceptsDamage)
        do throws(ForkError) {
            try restoring.run(index, progress, makeCatalog)
        } catch {
            guard let damage = restoring.damaged else { throw error }
            throw try BackupReach(folder: folder, index: index).naming(damage, in: error)
        }
        try onTarget { () throws(StorageError) in try finishLayout(in: fileSystem) }
        return restoring.report
    }
}

/// Runs work on the folder of a new store.
private func onTarget<Result>(
    _ body: () throws(StorageError) -> Result
) throws(ForkError) -> Result {
    do throws(StorageError) {
        return try body()
    } catch {
        throw .onTarget(error)
    }
}

extension ForkError {
    /// What failed in the folder of a new store.
    fileprivate static func onTarget(_ error: StorageError) -> ForkError {
        guard error.isNoSpace else { return ForkError(error) }
        return ForkError(
            .noSpace,
            "the disk of the new store is full: free space there, or choose another folder;"
                + " nothing was made", underlying: error)
    }
}

private struct Restoring {
    let folder: BackupFolder
    let target: any FileSystem
    let entropy: any EntropySource
    let acceptsDamage: Bool
    var report = BackupReport()
    /// The file whose damage ended the restore.
    private(set) var damaged: BackupReach.Place?
    private var catalog: (any Catalog)?
    private var overlays: [OverlayRow] = []
    private var forks: [ForkRow] = []

    /// Rows of one commit: nobody sees the store before all of them are there.
    private static let batchCount = 2_000

    init(
        folder: BackupFolder, target: any FileSystem, entropy: any EntropySource,
        acceptsDamage: Bool
    ) {
        self.folder = folder
        self.target = target
        self.entropy = entropy
        self.acceptsDamage = acceptsDamage
    }

    mutating func run(
        _ index: BackupIndexReader, _ progress: (BackupProgress) -> Void,
        _ makeCatalog: (StoreRecord) throws(ForkError) -> any Catalog
    ) throws(ForkError) {
        var restoring = self
        defer { self = restoring }
        var done = BackupProgress()
        func tell(_ byteCount: UInt64) {
            done.byteCount += byteCount
            done.fileCount += 1
            progress(done)
        }
        try index.forEach { (record) throws(ForkError) in
            switch record {
            case .store(let record, let counters):
                try restoring.begin(record, counters, makeCatalog)
            case .overlay(let row): try restoring.add(row)
            case .fork(let row): try restoring.add(row)
            case .object(let object, let byteCount):
                try restoring.make(object, of: object)
                tell(byteCount)
            case .loss(let loss):
                try restoring.make(loss)
                tell(loss.byteCount)
            case .journal(let journal, let checksum):
                try restoring.make(journal, checksum)
                tell(journal.byteEnd)
            }
        }
        try restoring.commitOverlays()
        try restoring.commitForks()
        guard restoring.report.forkCount > 0 else { throw Self.damage("it names no fork") }
    }

    private static func damage(_ reason: String) -> ForkError {
        .onBackup(.damaged(.init(path: BackupLayout.index, offset: nil, reason: reason)))
    }

    // MARK: Rows

    /// A catalog of a store of its own, which counts overlays from a place of its own.
    private mutating func begin(
        _ record: StoreRecord, _ counters: CatalogCounters,
        _ makeCatalog: (StoreRecord) throws(ForkError) -> any Catalog
    ) throws(ForkError) {
        guard catalog == nil else { throw Self.damage("it names two stores") }
        var record = record
        let entropy = entropy
        let (storeID, distance) = try lifting { () throws(StorageError) in
            (
                EventID(high: try entropy.number(), low: try entropy.number()),
                try entropy.number() >> 8
            )
        }
        // Journals and segments carry the seed; the name of the store is new.
        record.storeID = storeID
        var counters = counters
        // Chance puts two restored stores 2^55 overlays apart, and the origin never gets that far.
        let (next, overflows) = counters.nextOverlay.addingReportingOverflow(
            distance | 1 << 40)
        guard !overflows, next <= UInt64(Int64.max) else {
            throw ForkError(.tooLarge, "the backup was restored from restored stores too often")
        }
        counters.nextOverlay = next
        let made = try makeCatalog(record)
        try made.write { transaction throws(ForkError) in try transaction.skip(to: counters) }
        catalog = made
    }

    private mutating func add(_ row: OverlayRow) throws(ForkError) {
        overlays.append(row)
        if overlays.count >= Self.batchCount { try commitOverlays() }
    }

    private mutating func add(_ row: ForkRow) throws(ForkError) {
        try commitOverlays()
        report.forkCount += 1
        guard row.snapshot.cut >= row.base else {
            throw Self.damage("fork '\(row.name)' ends before it begins")
        }
        report.eventCount += row.snapshot.cut.rawValue - row.base.rawValue
        forks.append(row)
        if forks.count >= Self.batchCount { try commitForks() }
    }

    private mutating func commitOverlays() throws(ForkError) {
        guard !overlays.isEmpty else { return }
        let rows = overlays
        overlays = []
        try requireCatalog().write { transaction throws(ForkError) in
            for row in rows { try transaction.insert(row) }
        }
    }

    private mutating func commitForks() throws(ForkError) {
        guard !forks.isEmpty else { return }
        let rows = forks
        forks = []
        try requireCatalog().write { transaction throws(ForkError) in
            for row in rows { try transaction.insertRestored(row) }
        }
    }

    private func requireCatalog() throws(ForkError) -> any Catalog {
        guard let catalog else { throw Self.damage("it does not begin with the store") }
        return catalog
    }

    // MARK: Files

    /// Makes an object of the bytes that have the address of `content`.
    private mutating func make(
        _ object: ObjectID, of content: ObjectID
    ) throws(ForkError) {
        let backend = FileObjectBackend(fileSystem: target)
        let byteCount: UInt64
        do throws(ForkError) {
            let source = try folder.backend.openWhole(content, reading: { .onBackup($0) })
            byteCount = try object.copy(
                source, content: content, reading: { .onBackup($0) }, to: backend,
                writing: { .onTarget($0) })
        } catch {
            try accept(error, .object(object))
            guard try folder.status(content.path) != nil else { return }
            let source = try folder.backend.openWhole(content, reading: { .onBackup($0) })
            byteCount = try object.copy(
                RemainingSource(source), content: nil, reading: { .onBackup($0) }, to: backend,
                writing: { .onTarget($0) })
        }
        report.copiedObjectCount += 1
        report.copiedObjectByteCount += byteCount
    }

    /// What was lost stays lost, and known to be.
    private mutating func make(_ loss: BackedUpLoss) throws(ForkError) {
        report.note(loss: loss.object.path)
        if let rest = loss.rest { try make(loss.object, of: rest) }
        try onTarget { () throws(StorageError) in
            try Quarantine(fileSystem: target).acknowledge(loss.object, fault: loss.fault)
        }
    }

    private mutating func make(
        _ journal: BackedUpJournal, _ checksum: ObjectAddress
    ) throws(ForkError) {
        let file = try onTarget { () throws(StorageError) in
            try target.create(journal.journal.path)
        }
        do throws(ForkError) {
            let found = try journal.copy(
                from: journal.path, in: folder.fileSystem, reading: { .onBackup($0) }, to: file,
                writing: { .onTarget($0) })
            guard found == checksum else {
                throw ForkError.onBackup(
                    journal.damage(of: journal.path, "its checksum does not match"))
            }
        } catch {
            try accept(error, .journal(journal.journal))
            try onTarget { () throws(StorageError) in try file.sync() }
        }
        report.copiedJournalCount += 1
        report.copiedJournalByteCount += journal.byteEnd
    }

    /// Goes on beside damage of the backup where that is wanted; throws everything else.
    private mutating func accept(
        _ error: ForkError, _ place: BackupReach.Place
    ) throws(ForkError) {
        guard let below = error.underlying, below.isDamage else { throw error }
        guard acceptsDamage else {
            damaged = place
            throw error
        }
        report.note(damage: "\(below)")
    }
}

extension CatalogWriting {
    /// A fork as it was, over which an empty overlay of this store begins.
    fileprivate func insertRestored(_ fork: ForkRow) throws(ForkError) {
        var row = fork
        let former = row.snapshot.overlay
        let overlay = try beginOverlay(of: row.id, at: row.snapshot.cut, above: former)
        // Empty overlays are in no chain.
        if overlay.below != former { try removeOverlay(former) }
        row.snapshot.overlay = overlay.id
        row.liveJournal = JournalID(overlay: overlay.id, number: 0)
        row.epoch = try nextEpoch()
        try insert(row)
    }
}
