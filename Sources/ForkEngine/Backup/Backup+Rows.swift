// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, backup. The rows of the catalog and the words of live writers, at one moment.
import SegmentStore

extension Backup {
    /// Writes rows into a new index, with what counts of live journals sealed, and notes what they
    /// name.
    mutating func takeCatalog() throws(ForkError) -> BackupIndexWriter {
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
                guard store.mayPause(since: start) else {
                    throw ForkError(.busy, "\(error.message): try again")
                }
            }
            (roots, ends, report) = ([], [:], BackupReport())
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
