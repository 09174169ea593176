// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, verifying. Reads everything that forks reach and accounts for every file.
// Invariant 10: damage is told with what it touches, and the rest goes on being verified.
import SegmentStore

extension Store {
    /// Verifies the store: every object's address, every page, index runs against segments,
    /// totals, every frame of every pending journal, and the catalog's rows against them; accounts
    /// for every file. Others may write meanwhile.
    ///
    /// Memory: some 50 bytes a fork, and some 50 bytes for each root, object and journal that is there.
    /// Of damages, what they touch, and unknown files a bounded number is kept, and all are counted.
    ///
    /// `isQuick`: only that everything reachable is there with its length, manifest nodes, and
    /// pending journals.
    public func verify(isQuick: Bool = false) throws(ForkError) -> VerificationReport {
        // Listed first: what is made later is nobody's garbage.
        let listing = try listFilesAndPins()
        var verifier = Verifier(store: self, isQuick: isQuick)
        for folder in listing.outermostMissingFolders {
            verifier.note(StoreListing.damage(ofMissing: folder))
        }
        if let fault = clock.fault {
            verifier.note(.damaged(.init(path: StoreLayout.clock, offset: nil, reason: fault)))
        }
        try verifier.noteBases()
        for fork in try forkIDs() { try verifier.verify(fork) }
        var use = try verifier.use(withPins: listing.pins)
        for journal in try journalsAheadOfCatalog(listing.journals) {
            verifier.note(Self.lostCommits(journal.path))
            use.journals.insert(journal)
        }
        let unreached = listing.objects.filter { !use.objects.contains($0) }
        for object in try segmentsAheadOfCatalog(unreached) {
            verifier.note(Self.lostCommits(object.segment.path))
            use.isComplete = false
        }
        var accountant = FileAccountant(store: self)
        try lifting { () throws(StorageError) in try accountant.count(listing, use) }
        var report = try verifier.report()
        report.reachableObjectCount = use.objects.count
        report.files = accountant.accounts
        report.unknownPaths = accountant.unknownPaths
        report.garbageCount = accountant.count(
            of: .garbageObject, .garbageJournal, .leftover, .deadPin)
        return report
    }

    /// Verifies what one fork reaches, expired or not; no file that it does not reach is looked at.
    ///
    /// Errors: `notFound` where there is no such fork, `busy` where its writer is starting or stuck.
    public func verify(
        _ name: ForkName, isQuick: Bool = false
    ) throws(ForkError) -> VerificationReport {
        let row = try catalog.read { catalog throws(ForkError) in
            try catalog.requireFork(named: name)
        }
        var verifier = Verifier(store: self, isQuick: isQuick)
        try verifier.noteBase(above: row.liveJournal.overlay)
        try verifier.verify(row.id)
        var report = try verifier.report(ofOne: true)
        guard report.forkCount > 0 else {
            throw ForkError(.notFound, "fork '\(name)' was dropped while it was verified")
        }
        report.reachableObjectCount = verifier.objects.count
        return report
    }

    func forkIDs() throws(ForkError) -> [ForkID] {
        try catalog.read { catalog throws(ForkError) in
            var forks: [ForkID] = []
            try catalog.forEachFork(from: .main) { row throws(ForkError) in
                forks.append(row.id)
                return true
            }
            return forks
        }
    }
}
