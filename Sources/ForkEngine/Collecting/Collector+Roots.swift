// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, collecting. The root set: every snapshot that a row or a live pin holds.
import SegmentStore

/// All that a collection starts from, taken at one instant under the exclusive publish lock.
struct CollectionRoots: Equatable {
    var manifests: Set<ManifestRoot> = []
    /// Journals that are pending, and how many bytes of them count; live ones count 0 here.
    var journals: [JournalID: UInt64] = [:]

    mutating func add(_ snapshot: SnapshotRecord) {
        if let root = snapshot.root { manifests.insert(root) }
        for piece in snapshot.pieces {
            journals[piece.journal] = max(journals[piece.journal] ?? 0, piece.byteEnd)
        }
    }

    mutating func add(_ row: ForkRow) {
        add(row.snapshot)
        journals[row.liveJournal] = journals[row.liveJournal] ?? 0
    }
}

extension Collector {
    /// Reads rows and pins as of one instant, at which nobody publishes, and empties `revived` with
    /// it (rule 9).
    ///
    /// The publish lock and the catalog's are held to begin that: for the pins, and for one short
    /// commit. The rows are walked behind it, in a read of the state that the commit was made on,
    /// while others create, drop and publish. What they reach is reached by a row or a pin of that
    /// state, or is newer than the listing, or is in `revived` when its turn to be unlinked comes.
    mutating func takeRoots() throws(ForkError) -> CollectionRoots {
        let publish = try takeExclusive()
        defer { publish.release() }
        var roots = CollectionRoots()
        var overlays: Set<OverlayID> = []
        for snapshot in try readPins() {
            roots.add(snapshot)
            overlays.insert(snapshot.overlay)
        }
        var unreached: [OverlayID] = []
        func walk(_ catalog: any CatalogReading) throws(ForkError) {
            publish.release()
            try catalog.forEachFork(from: .main) { row throws(ForkError) in
                if expired.contains(row.id) { return true }
                roots.add(row)
                overlays.insert(row.snapshot.overlay)
                return true
            }
            unreached = try Self.overlays(of: catalog, notBelow: overlays)
            if isDryRun { try keepShownOverlays(of: catalog, but: Set(unreached)) }
        }
        if isDryRun {
            try store.catalog.read { catalog throws(ForkError) in
                // The first answer fixes the state that is read.
                _ = try catalog.store()
                try walk(catalog)
            }
            report.removedOverlayCount = unreached.count
        } else {
            try store.catalog.write(
                { transaction throws(ForkError) in
                    try transaction.forgetRevived()
                    try transaction.touch()
                }, thenRead: walk)
            try removeOverlays(unreached)
        }
        return roots
    }

    /// Overlay rows that no chain from `tops` reaches.
    private static func overlays(
        of catalog: any CatalogReading, notBelow tops: Set<OverlayID>
    ) throws(ForkError) -> [OverlayID] {
        var below: [OverlayID: OverlayID] = [:]
        var all: [OverlayID] = []
        try catalog.forEachOverlay { row throws(ForkError) in
            below[row.id] = row.below
            all.append(row.id)
        }
        var reached: Set<OverlayID> = []
        for top in tops {
            var next: OverlayID? = top
            while let id = next, reached.insert(id).inserted { next = below[id] }
        }
        return all.filter { !reached.contains($0) }
    }

    /// Overlay rows go when no snapshot's chain reaches them; then none ever will, since chains are
    /// made of parts of chains that are there. In batches: others write in between.
    private mutating func removeOverlays(_ overlays: [OverlayID]) throws(ForkError) {
        for start in stride(from: 0, to: overlays.count, by: Self.batchCount) {
            let batch = overlays[start..<min(start + Self.batchCount, overlays.count)]
            try store.catalog.write { transaction throws(ForkError) in
                for id in batch { try transaction.removeOverlay(id) }
            }
            report.removedOverlayCount += batch.count
        }
    }

    /// The snapshots of live pins; dead pins are removed. The publish lock is held exclusive, so
    /// that no pin is half made.
    private mutating func readPins() throws(ForkError) -> [SnapshotRecord] {
        let names = try lifting { () throws(StorageError) -> [String] in
            do throws(StorageError) {
                return try store.fileSystem.list(StoreLayout.pins)
            } catch {
                throw error.isNotFound ? StoreListing.damage(ofMissing: StoreLayout.pins) : error
            }
        }
        var snapshots: [SnapshotRecord] = []
        for name in names {
            if let snapshot = try readPin("\(StoreLayout.pins)/\(name)") {
                snapshots.append(snapshot)
            }
        }
        return snapshots
    }

    private mutating func readPin(_ path: String) throws(ForkError) -> SnapshotRecord? {
        do throws(StorageError) {
            let file = try store.fileSystem.open(path, for: .readWrite)
            if try file.lock(Pins.lockedByte, .exclusive, waiting: .never) {
                report.removedPinCount += 1
                if isDryRun {
                    note(path, try file.byteCount(), .deadReader, "the reader that held it is gone")
                } else {
                    try store.fileSystem.remove(path)
                }
                return nil
            }
            let count = try file.byteCount()
            guard count <= PinFormat.byteCountMax else {
                throw .damaged(
                    StorageError.Damage(path: path, offset: nil, reason: "a pin is too long"))
            }
            let bytes = try file.readAll(byteCount: Int(count))
            // A reader that was refused (its fork is gone) leaves its pin empty for a moment.
            return bytes.isEmpty ? nil : try PinFormat.decode(bytes, path: path)
        } catch {
            // Its reader finished between the listing and now.
            if error.isNotFound { return nil }
            throw ForkError(error)
        }
    }

    /// Remembers what the catalog still knows of the overlays that stay.
    private mutating func keepShownOverlays(
        of catalog: any CatalogReading, but unreached: Set<OverlayID>
    ) throws(ForkError) {
        try catalog.forEachOverlay { row throws(ForkError) in
            if !unreached.contains(row.id) { overlays.add(row) }
        }
    }

    /// Finds what expired forks alone reach, and readies what tells of everything.
    mutating func prepareToExplain(
        _ roots: CollectionRoots, _ reachable: Set<ObjectID>
    ) throws(ForkError) {
        var objects: [ObjectID: String] = [:]
        var journals: [JournalID: String] = [:]
        for id in expired.sorted(by: { $0.rawValue < $1.rawValue }) {
            let row = try store.catalog.read { catalog throws(ForkError) in try catalog.fork(id) }
            guard let row else { continue }
            for journal in row.snapshot.pieces.map(\.journal) + [row.liveJournal]
            where roots.journals[journal] == nil && journals[journal] == nil {
                journals[journal] = row.name
            }
            guard let root = row.snapshot.root, !roots.manifests.contains(root) else { continue }
            let survey = try lifting { () throws(StorageError) in try store.segments.survey(root) }
            for object in survey.objects
            where !reachable.contains(object) && objects[object] == nil {
                objects[object] = row.name
            }
        }
        explainer = CollectionExplainer(
            store: store, reachable: reachable, overlays: overlays, expiredObjects: objects,
            expiredJournals: journals)
    }

    func takeExclusive() throws(ForkError) -> ExclusivePublish {
        if let publish = try store.locks.takePublishExclusive(
            deadlineMilliseconds: Self.deadlineMilliseconds)
        {
            return publish
        }
        let publishers = try store.locks.openFile().lockHolderText(
            of: StoreLocks.publish, against: .exclusive)
        throw ForkError(
            .timedOut,
            "the collection was kept waiting for \(Self.deadlineMilliseconds / 1_000) s by"
                + " \(publishers), which publishes: let it go on or end it, and try again")
    }
}

extension File {
    /// The first `byteCount` bytes, fewer where the file ends before.
    fileprivate func readAll(byteCount: Int) throws(StorageError) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 8)
        defer { buffer.deallocate() }
        let count = try read(into: buffer, at: 0)
        return Array(buffer.prefix(count))
    }
}
