// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, backup. Makes a store of a backup. It is another store from then on: its forks
// go on in overlays of their own, so that `(overlay, position)` still names one event for ever,
// whatever becomes of the store that was backed up. docs/decisions/backup.md says why.
package import SegmentStore

extension Store {
    /// Lays out the store that a backup holds in the folder of `fileSystem`, which is empty.
    /// Everything is durable on return but the folder's own name.
    ///
    /// Errors: `damaged` where any file of the backup is not what was written; `notFound` where no
    /// backup was ever completed; `busy` where one is being made.
    package static func restore(
        from backup: any FileSystem, into fileSystem: any FileSystem, entropy: any EntropySource,
        progress: (BackupProgress) -> Void = { _ in },
        makeCatalog: (StoreRecord) throws(ForkError) -> any Catalog
    ) throws(ForkError) -> BackupReport {
        let folder = try BackupFolder.takeToRead(backup)
        guard
            let index = try onBackup({ () throws(StorageError) in
                try BackupIndexReader(in: backup)
            })
        else {
            throw ForkError(.notFound, "the folder holds no backup that was completed")
        }
        try lifting { () throws(StorageError) in try layOutFolders(in: fileSystem) }
        var restoring = Restoring(folder: folder, target: fileSystem, entropy: entropy)
        try restoring.run(index, progress, makeCatalog)
        try lifting { () throws(StorageError) in try finishLayout(in: fileSystem) }
        return restoring.report
    }
}

private struct Restoring {
    let folder: BackupFolder
    let target: any FileSystem
    let entropy: any EntropySource
    var report = BackupReport()
    private var catalog: (any Catalog)?
    private var overlays: [OverlayRow] = []
    private var forks: [ForkRow] = []

    /// Rows of one commit: nobody sees the store before all of them are there.
    private static let batchCount = 2_000

    init(folder: BackupFolder, target: any FileSystem, entropy: any EntropySource) {
        self.folder = folder
        self.target = target
        self.entropy = entropy
    }

    mutating func run(
        _ index: BackupIndexReader, _ progress: (BackupProgress) -> Void,
        _ makeCatalog: (StoreRecord) throws(ForkError) -> any Catalog
    ) throws(ForkError) {
        var restoring = self
        var done = BackupProgress()
        try index.forEach { (record) throws(ForkError) in
            switch record {
            case .store(let record, let counters):
                try restoring.begin(record, counters, makeCatalog)
            case .overlay(let row): try restoring.add(row)
            case .fork(let row): try restoring.add(row)
            case .object(let object, let byteCount):
                try restoring.copy(object)
                done.byteCount += byteCount
                done.fileCount += 1
            case .journal(let journal, let checksum):
                try restoring.copy(journal, checksum)
                done.byteCount += journal.byteEnd
                done.fileCount += 1
            }
            progress(done)
        }
        try restoring.commitOverlays()
        try restoring.commitForks()
        guard restoring.report.forkCount > 0 else { throw Self.damage("it names no fork") }
        self = restoring
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

    private mutating func copy(_ object: ObjectID) throws(ForkError) {
        let source = folder.backend
        let byteCount = try object.copy(
            from: { () throws(ForkError) in
                try lifting { () throws(StorageError) in try source.open(object) }
            }, reading: { .onBackup($0) }, to: FileObjectBackend(fileSystem: target),
            writing: { ForkError($0) })
        report.copiedObjectCount += 1
        report.copiedObjectByteCount += byteCount
    }

    private mutating func copy(
        _ journal: BackedUpJournal, _ checksum: ObjectAddress
    ) throws(ForkError) {
        let file = try lifting { () throws(StorageError) in
            try target.create(journal.journal.path)
        }
        let found = try journal.copy(
            from: journal.path, in: folder.fileSystem, reading: { .onBackup($0) }, to: file,
            writing: { ForkError($0) })
        guard found == checksum else {
            throw ForkError.onBackup(
                .damaged(
                    .init(path: journal.path, offset: nil, reason: "its checksum does not match")))
        }
        report.copiedJournalCount += 1
        report.copiedJournalByteCount += journal.byteEnd
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
