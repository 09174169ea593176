// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, repairing. A catalog that lost its last commits: the forks that they made are gone
// with their names. What they wrote is kept in quarantine, and their numbers are not given again.
import SegmentStore

extension Repairer {
    /// How far numbers are skipped: how many were given behind the last that a file tells of is
    /// not known.
    private static let skippedCount: UInt64 = 1 << 20

    mutating func mendCatalog() throws(ForkError) {
        try followJournals()
        let listing = try store.listFiles()
        let journals = try store.journalsAheadOfCatalog(listing.journals)
        // What is reached names no overlay that its rows do not.
        let objects = try store.segmentsAheadOfCatalog(listing.objects)
        guard !journals.isEmpty || !objects.isEmpty else { return }
        note(
            StoreLayout.catalog, .lost,
            "it has lost its last commits: forks may be missing, and what they wrote is kept in"
                + " quarantine (\(journals.count) journals, \(objects.count) segments)")
        if isDryRun { return }
        try lifting { () throws(StorageError) in
            for journal in journals { try quarantine.move(journal.path) }
            for object in objects { try quarantine.keep(object.segment.path) }
        }
        let last = (journals.map(\.overlay) + objects.map(\.overlay)).max() ?? OverlayID(0)
        try store.catalog.write { transaction throws(ForkError) in
            var counters = try transaction.counted()
            counters.nextFork += Self.skippedCount
            counters.nextEpoch += Self.skippedCount
            counters.nextOverlay =
                max(counters.nextOverlay, last.rawValue) + Self.skippedCount
            try transaction.skip(to: counters)
        }
    }

    /// A fork that is there, and whose journals went on behind the one that its row names: each is
    /// recovered as one that a killed writer left, and so the next is named. Whoever opens the fork
    /// does the same: a dry run, too.
    private mutating func followJournals() throws(ForkError) {
        let ahead = try store.journalsAheadOfCatalog(try store.listFiles().journals)
        if ahead.isEmpty { return }
        var owners: [OverlayID: ForkID] = [:]
        try store.catalog.read { catalog throws(ForkError) in
            try catalog.forEachFork(from: .main) { row throws(ForkError) in
                owners[row.liveJournal.overlay] = row.id
                return true
            }
        }
        for journal in ahead {
            guard let fork = owners[journal.overlay] else { continue }
            while try store.row(of: fork).liveJournal.number <= journal.number {
                let before = try store.row(of: fork).liveJournal
                _ = try unlessDamaged { () throws(ForkError) in
                    try store.settle(fork)?.release()
                }
                guard try store.row(of: fork).liveJournal != before else { break }
            }
            guard try store.row(of: fork).liveJournal.number > journal.number else { continue }
            note(journal.path, .remade, "the catalog had lost it, and names it again")
        }
    }
}
