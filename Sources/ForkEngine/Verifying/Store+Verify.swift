// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, verifying. Reads everything that forks reach and accounts for every file.
// Invariant 10: damage is told with what it touches, and the rest goes on being verified.
import SegmentStore

extension Store {
    /// Verifies the store: every object's address, every page, index runs against segments,
    /// totals, every frame of every pending journal, and the catalog's rows against them; lists
    /// what nothing reaches and what is not a store's. Others may write meanwhile.
    ///
    /// `isQuick`: only that everything reachable is there with its length, and manifest nodes.
    public func verify(isQuick: Bool = false) throws(ForkError) -> VerificationReport {
        var verifier = Verifier(store: self, isQuick: isQuick)
        return try verifier.run()
    }
}

private struct Verifier {
    let store: Store
    let isQuick: Bool
    var report = VerificationReport()
    var verification = Verification()
    var reached: Set<ObjectID> = []
    var journals: Set<JournalID> = []
    /// Forks whose writers are starting or stuck.
    var unverified: [String] = []

    init(store: Store, isQuick: Bool) {
        self.store = store
        self.isQuick = isQuick
    }

    mutating func run() throws(ForkError) -> VerificationReport {
        // Listed first: what is made later is nobody's garbage.
        let listing = try store.listFiles()
        var forks: [ForkRow] = []
        try store.catalog.read { catalog throws(ForkError) in
            try catalog.forEachFork(from: .main) { row throws(ForkError) in
                forks.append(row)
                return true
            }
        }
        for row in forks {
            do throws(ForkError) {
                try verify(row)
                report.forkCount += 1
            } catch {
                // Dropped meanwhile.
                if error.code == .notFound { continue }
                if error.code == .busy {
                    unverified.append(row.name)
                    continue
                }
                try note(error, fork: row.name)
            }
        }
        report.reachableObjectCount = reached.count
        report.pendingJournalCount = journals.count
        report.garbageCount =
            listing.objects.filter { !reached.contains($0) }.count + listing.leftovers.count
            + listing.temporaries.count
            + listing.journals.filter { !journals.contains($0) }.count
        report.unknownPaths = listing.foreign
        guard unverified.isEmpty || !report.isSound else {
            throw ForkError(
                .partlyDone,
                "no damage was found, but forks \(unverified) could not be verified,"
                    + " whose writers are starting or stuck: try again")
        }
        return report
    }

    /// One fork, as its head is now.
    private mutating func verify(_ row: ForkRow) throws(ForkError) {
        let view = try store.headView(of: row.id, name: row.name, evenIfExpired: true)
        let current = try store.row(of: row.id)
        journals.insert(current.liveJournal)
        for piece in current.snapshot.pieces { journals.insert(piece.journal) }
        try checkChain(of: current)
        guard let root = view.root.root else { return try checkTail(of: view) }
        let marked = try lifting { () throws(StorageError) in try store.segments.mark([root]) }
        reached.formUnion(marked)
        if !isQuick {
            let known = verification.damages.count
            let isWhole = try lifting { () throws(StorageError) in
                try store.segments.verify(root, &verification)
            }
            for damage in verification.damages[known...] {
                try note(ForkError(damage), fork: row.name)
            }
            if !isWhole, known == verification.damages.count {
                noteShared(marked, fork: row.name)
            }
        }
        try checkTail(of: view)
    }

    /// Bases strictly grow along the chain of overlays, down to the first.
    private func checkChain(of row: ForkRow) throws(ForkError) {
        try store.catalog.read { catalog throws(ForkError) in
            var above: Position?
            var next: OverlayID? = row.snapshot.overlay
            while let id = next {
                let overlay = try catalog.requireOverlay(id)
                if let above, overlay.base >= above {
                    throw ForkError(
                        .damaged, "overlay \(id.rawValue) does not begin below the one above it")
                }
                above = overlay.base
                next = overlay.below
            }
        }
    }

    /// Invariant 3 across the seam: each stream goes on in the tail where the root leaves it.
    private func checkTail(of view: View) throws(ForkError) {
        for stream in view.tail.streams() {
            let expected = try stream.name.span.withUnsafeBytes { (name) throws(ForkError) in
                try view.root.nextVersion(of: stream.hash, name: name) ?? .zero
            }
            guard stream.versions.lowerBound == expected else {
                throw ForkError(
                    .damaged,
                    "stream '\(String(decoding: stream.name, as: UTF8.self))' of fork"
                        + " '\(view.name)' goes on at version \(stream.versions.lowerBound), and"
                        + " has \(expected) events before")
            }
        }
    }

    /// Keeps damage; anything else ends the verification.
    private mutating func note(_ error: ForkError, fork: String) throws(ForkError) {
        guard error.code == .damaged else { throw error }
        var path: String?
        if case .damaged(let damage) = error.underlying { path = damage.path }
        let description = error.underlying.map { "\($0)" } ?? error.message
        if let known = report.damages.firstIndex(where: { $0.description == description }) {
            if !report.damages[known].forks.contains(fork) {
                report.damages[known].forks.append(fork)
            }
        } else {
            report.damages.append(
                VerificationReport.Damage(description: description, path: path, forks: [fork]))
        }
    }

    /// Damage that an earlier fork's root showed touches every fork that reaches the object.
    private mutating func noteShared(_ marked: Set<ObjectID>, fork: String) {
        let paths = Set(verification.damaged.intersection(marked).map(\.path))
        for index in report.damages.indices {
            guard let path = report.damages[index].path, paths.contains(path) else { continue }
            if !report.damages[index].forks.contains(fork) {
                report.damages[index].forks.append(fork)
            }
        }
    }
}
