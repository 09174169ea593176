// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, collecting. Rules 8, 9, 11, 12, 16: deletes what no snapshot reaches
// (invariant 7), and nothing when anything is wrong.
import SegmentStore

/// What a collection did, or in a dry run would do.
public struct CollectionReport: Hashable, Sendable {
    /// Names of forks that were expired and are gone now.
    public internal(set) var reapedForks: [String] = []
    public internal(set) var removedObjectCount = 0
    public internal(set) var removedObjectByteCount: UInt64 = 0
    public internal(set) var removedJournalCount = 0
    public internal(set) var removedJournalByteCount: UInt64 = 0
    public internal(set) var removedOverlayCount = 0
    public internal(set) var removedPinCount = 0
    /// Files that killed processes left in `temporary/`, and beside objects they were replacing.
    public internal(set) var removedTemporaryCount = 0
    public internal(set) var reachableObjectCount = 0
    /// Each thing that nothing reaches, with why: filled by a dry run alone.
    public internal(set) var candidates: [Candidate] = []
}

/// One collection.
///
/// ```
/// collector lock ─ reap expired forks ─ list ─┐
///   publish lock, exclusive: pins, forget revived, begin a read   (the snapshot)
///   walk the rows of the snapshot, and mark from them, checking what is read            (any fault: stop)
///   read wholly what took the place of what would go                                     (any fault: stop)
///   for each bounded batch: publish lock, exclusive: commit a change, unlink what is
///   listed, not marked and not revived
/// ```
struct Collector {
    let store: Store
    let isDryRun: Bool
    var report = CollectionReport()
    /// Forks that a dry run takes for gone, since the collection would drop them first.
    var expired: Set<ForkID> = []
    /// Overlays that stay; and what tells of the rest: filled by a dry run alone.
    var overlays = ShownOverlays()
    var explainer: CollectionExplainer?

    /// Things unlinked under one exclusive hold of the publish lock.
    static let batchCount = 512
    /// How long a batch waits for publishers.
    static let deadlineMilliseconds = 10_000

    init(store: Store, isDryRun: Bool) {
        self.store = store
        self.isDryRun = isDryRun
    }

    mutating func run() throws(ForkError) -> CollectionReport {
        guard let lock = try store.locks.takeCollector() else {
            throw try store.locks.collectorIsHeld()
        }
        defer { lock.release() }
        try reap()
        // Listed before the snapshot: what is made after it is no candidate.
        let listing = try store.listFiles()
        if let folder = listing.missingFolders.first {
            throw ForkError(StoreListing.damage(ofMissing: folder))
        }
        let roots = try takeRoots()
        let reachable = try lifting { () throws(StorageError) in
            // What a repair knows to be lost is no news (rule 16).
            let lost = try Quarantine(fileSystem: store.fileSystem).acknowledged()
            return try store.segments.mark(roots.manifests, lost: Set(lost.keys))
        }
        try checkJournals(roots)
        if let journal = try store.journalsAheadOfCatalog(listing.journals).first {
            throw ForkError(Store.lostCommits(journal.path))
        }
        let objects = listing.objects.filter { !reachable.contains($0) }
        let journals = listing.journals.filter { roots.journals[$0] == nil }
        try checkCopies(of: objects, journals: journals, reachable: reachable)
        if isDryRun { try prepareToExplain(roots, reachable) }
        report.reachableObjectCount = reachable.count
        try sweepObjects(objects)
        try sweepLeftovers(listing.leftovers)
        try sweepTemporaries()
        try sweepJournals(journals)
        if !isDryRun { try freeSlots() }
        return report
    }

    /// Removes forks whose time is over, each by its own committed transaction (rule 11).
    private mutating func reap() throws(ForkError) {
        let now = store.clock.now()
        let expired = try store.catalog.read { catalog throws(ForkError) -> [ForkRow] in
            var rows: [ForkRow] = []
            try catalog.forEachFork(from: .main) { row throws(ForkError) in
                if row.isExpired(at: now), row.id != .main { rows.append(row) }
                return true
            }
            return rows
        }
        for row in expired {
            if isDryRun {
                self.expired.insert(row.id)
                report.reapedForks.append(row.name)
            } else if try reap(row, now: now) {
                report.reapedForks.append(row.name)
            }
        }
    }

    /// False where the fork's writer is starting or stuck: the next collection tries again.
    private func reap(_ row: ForkRow, now: Timestamp) throws(ForkError) -> Bool {
        do throws(ForkError) {
            return try store.remove(row.id, where: { $0.isExpired(at: now) }) != nil
        } catch {
            guard error.code == .busy else { throw error }
            return false
        }
    }

    /// Slots of killed writers: whoever gets the writer lock may free them, after recovering what
    /// the writer left where its fork still is.
    private func freeSlots() throws(ForkError) {
        for fork in store.slots.occupied() {
            guard let lock = try store.locks.takeWriter(fork) else { continue }
            defer { lock.release() }
            let isKnown = try store.catalog.read { catalog throws(ForkError) in
                try catalog.fork(fork) != nil
            }
            if isKnown {
                do throws(ForkError) {
                    try store.recover(fork, holding: lock)
                } catch {
                    switch error.code {
                    case .damaged, .tooLarge:
                        // Invariant 10: who opens or reads that fork is told; its slot only waits.
                        break
                    case .notFound:
                        // Dropped since it was asked for: nothing is left to recover.
                        store.slots.slot(of: fork)?.free()
                    default: throw error
                    }
                }
            } else {
                store.slots.slot(of: fork)?.free()
            }
        }
    }
}

extension Store {
    /// Deletes what no snapshot reaches: reaps expired forks first, then marks from every fork
    /// and every live reader, then sweeps in bounded batches that hold publishers up briefly.
    ///
    /// Errors: `busy` where another process collects, `timedOut` where publishers do not pause,
    /// `damaged` where anything reachable is missing or unreadable; then nothing is deleted.
    public func collect(isDryRun: Bool = false) throws(ForkError) -> CollectionReport {
        let report = try withReserve { () throws(ForkError) in
            var collector = Collector(store: self, isDryRun: isDryRun)
            return try collector.run()
        }
        if !isDryRun { try refillReserve() }
        return report
    }
}
