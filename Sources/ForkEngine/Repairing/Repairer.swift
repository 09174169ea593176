// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, repairing. One repair: what is damaged, and what was found out on the way.
import SegmentStore

/// ```
/// collector lock ─ folders, clock, catalog ─ verify ─┐
///   objects, under the publish lock: a second name in quarantine ─ build again ─ replace
///   forks, each under its writer lock: build a new root ─ one transaction
///   what is left: known as lost, or out of reach and moved to quarantine
/// ```
struct Repairer {
    let store: Store
    /// Where objects are read and built: in a dry run a shadow that keeps what is built in memory.
    let segments: SegmentStore
    let quarantine: Quarantine
    var report = RepairReport()
    /// Damaged objects that are not known yet, with what is wrong.
    var faults: [ObjectID: String] = [:]
    /// Where each of them is seen widest: its root, what that names, and whose it is.
    var uses: [ObjectID: Use] = [:]
    /// Rows as they are, or in a dry run would be.
    var rows: [ForkRow] = []
    /// Objects that were known to be lost before.
    var known: [ObjectID: String] = [:]
    var bases: [OverlayID: Position] = [:]
    let roots = RepairedRoots()
    /// Events that forks no longer show, since they end before.
    var outOfReach = OverlayPositions()

    /// One root that reaches a damaged object.
    struct Use {
        var root: ManifestRoot
        var end: Position
        /// The positions of the root that the object holds; empty for nodes.
        var positions: Range<Position>
        var row: ForkRow
    }

    var isDryRun: Bool { report.isDryRun }

    init(store: Store, isDryRun: Bool) {
        self.store = store
        segments = isDryRun ? store.segments.shadow() : store.segments
        quarantine = Quarantine(fileSystem: store.fileSystem)
        report.isDryRun = isDryRun
    }

    mutating func note(_ path: String, _ outcome: RepairReport.Outcome, _ description: String) {
        report.items.append(.init(path: path, outcome: outcome, description: description))
    }

    mutating func run() throws(ForkError) {
        try remakeFolders()
        try remakeClock()
        try mendCatalog()
        try look()
        try mendObjects()
        try mendForks()
        try setAside()
    }

    /// Makes the folders and the reserve that a store has and this one has lost.
    mutating func remakeFolders() throws(ForkError) {
        let listing = try store.listFilesAndPins()
        for folder in listing.outermostMissingFolders {
            note(folder, .remade, "the folder was missing")
        }
        try lifting { () throws(StorageError) in
            if try store.fileSystem.status(StoreLayout.reserve) == nil {
                note(StoreLayout.reserve, .remade, "the reserve was missing")
            }
            if isDryRun || listing.missingFolders.isEmpty { return }
            for folder in listing.missingFolders { try quarantine.move(folder) }
            try FileObjectBackend.makeFolders(in: store.fileSystem)
            for folder in [StoreLayout.journals, StoreLayout.pins]
            where listing.missingFolders.contains(folder) {
                try store.fileSystem.createFolder(folder)
            }
            try store.fileSystem.syncFolder(".")
        }
    }

    /// A floor that does not match its check is no floor: time goes on from the machine's clock.
    mutating func remakeClock() throws(ForkError) {
        guard let fault = store.clock.fault else { return }
        note(StoreLayout.clock, .remade, "\(fault): time goes on from the machine's clock")
        if !isDryRun { try store.acceptClock() }
    }

    /// Verifies every fork, and finds where what is damaged is seen.
    mutating func look() throws(ForkError) {
        var verifier = Verifier(store: store, isQuick: false)
        try verifier.noteBases()
        bases = verifier.bases
        for fork in try store.forkIDs() { try verifier.verify(fork) }
        known = try lifting { () throws(StorageError) in try quarantine.acknowledged() }
        for object in verifier.damagedObjects.sorted() {
            let fault = try lifting { () throws(StorageError) in
                try store.segments.fault(of: object)
            }
            // What only contradicts others is wrong as a whole.
            let text = fault ?? "content"
            if known[object] != text { faults[object] = text }
        }
        rows = try store.catalog.read { catalog throws(ForkError) in
            var rows: [ForkRow] = []
            try catalog.forEachFork(from: .main) { row throws(ForkError) in
                rows.append(row)
                return true
            }
            return rows
        }
        if !faults.isEmpty { try findUses() }
    }

    private mutating func findUses() throws(ForkError) {
        var seen: Set<ManifestRoot> = []
        for row in rows {
            guard let root = row.snapshot.root, seen.insert(root).inserted else { continue }
            let survey = try survey(root)
            for segment in survey.segments { use(segment.object, segment.range, root, row) }
            for run in survey.runs { use(run.object, run.range, root, row) }
            for bundle in survey.bundles {
                use(ObjectID(address: bundle, kind: .nodes), .zero ..< .zero, root, row)
            }
        }
    }

    private mutating func use(
        _ object: ObjectID, _ positions: Range<Position>, _ root: ManifestRoot, _ row: ForkRow
    ) {
        guard faults[object] != nil else { return }
        if let widest = uses[object], widest.positions.upperBound >= positions.upperBound { return }
        uses[object] = Use(
            root: root, end: row.snapshot.rootEnd, positions: positions, row: row)
    }

    /// As a new process sees it; once a root, however many forks share it.
    func survey(_ root: ManifestRoot) throws(ForkError) -> RootSurvey {
        if let found = roots.surveys[root] { return found }
        let found = try lifting { () throws(StorageError) in
            try segments.withoutCaches().survey(root)
        }
        roots.keep(found, of: root)
        return found
    }

    /// Whose the events of a row's root are, from 0 on.
    func history(of row: ForkRow, to end: Position) throws(ForkError) -> [OverlayRange] {
        try store.catalog.read { catalog throws(ForkError) in
            var ranges: [OverlayRange] = []
            var upper = end
            var next: OverlayID? = row.snapshot.overlay
            while let id = next, upper > .zero {
                let overlay = try catalog.requireOverlay(id)
                if overlay.base < upper {
                    ranges.append(OverlayRange(overlay: id, from: overlay.base, to: upper))
                    upper = overlay.base
                }
                next = overlay.below
            }
            return ranges.reversed()
        }
    }
}
