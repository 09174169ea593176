// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, sabotage. A write transaction that commits the faults of what is written.
import ForkEngine
import SegmentStore

struct SabotagedWriting {
    let base: any CatalogWriting
    let saboteur: Saboteur
    let seen: [ForkID: UInt64]

    private var reading: SabotagedReading { SabotagedReading(base: base, saboteur: saboteur) }
}

extension SabotagedWriting: CatalogReading {
    func store() throws(ForkError) -> StoreRecord { try reading.store() }
    func counted() throws(ForkError) -> CatalogCounters { try base.counted() }
    func fork(_ id: ForkID) throws(ForkError) -> ForkRow? {
        guard var row = try reading.fork(id) else { return nil }
        saboteur.noteEpoch(of: row)
        if let generation = seen[id],
            saboteur.strikes(.donorsSeemUnmoved, where: generation != row.generation)
        {
            row.generation = generation
        }
        return row
    }

    func fork(named name: String) throws(ForkError) -> ForkRow? { try reading.fork(named: name) }

    func forEachFork(
        from first: ForkID, _ body: (ForkRow) throws(ForkError) -> Bool
    ) throws(ForkError) {
        try reading.forEachFork(from: first, body)
    }

    func cutEnd(of journal: JournalID) throws(ForkError) -> UInt64 {
        try reading.cutEnd(of: journal)
    }

    func greatestBase(above overlay: OverlayID) throws(ForkError) -> Position {
        try reading.greatestBase(above: overlay)
    }

    func forkCount() throws(ForkError) -> Int { try reading.forkCount() }
    func overlay(_ id: OverlayID) throws(ForkError) -> OverlayRow? { try reading.overlay(id) }

    func forEachOverlay(_ body: (OverlayRow) throws(ForkError) -> Void) throws(ForkError) {
        try reading.forEachOverlay(body)
    }

    func isRevived(_ object: ObjectID) throws(ForkError) -> Bool {
        try reading.isRevived(object)
    }
}

extension SabotagedWriting: CatalogWriting {
    func nextForkID() throws(ForkError) -> ForkID { try base.nextForkID() }
    func nextOverlayID() throws(ForkError) -> OverlayID {
        let next = try base.nextOverlayID()
        var used: Set<OverlayID> = []
        try base.forEachOverlay { row throws(ForkError) in used.insert(row.id) }
        let free = (1..<next.rawValue).map { OverlayID($0) }.first { !used.contains($0) }
        guard let free, saboteur.strikes(.overlayNumbersAreReused) else { return next }
        return free
    }

    func nextEpoch() throws(ForkError) -> UInt64 { try base.nextEpoch() }
    func skip(to counters: CatalogCounters) throws(ForkError) { try base.skip(to: counters) }

    func insert(_ row: ForkRow) throws(ForkError) { try base.insert(row) }

    @discardableResult
    func update(_ row: ForkRow) throws(ForkError) -> ForkRow {
        var row = row
        let journal = row.liveJournal
        if let stored = try base.fork(row.id) {
            let isStale = stored.generation != row.generation
            if saboteur.strikes(.generationsAreIgnored, where: isStale) {
                row.generation = stored.generation
            }
            let isFlush = stored.snapshot.pieces.count > row.snapshot.pieces.count
            if saboteur.strikes(.flushedRootsAreForgotten, where: isFlush) {
                row.snapshot.root = stored.snapshot.root
            }
            let isRotation = stored.liveJournal != row.liveJournal
            if saboteur.strikes(.journalsAreNotNamed, where: isRotation) {
                row.liveJournal = stored.liveJournal
            }
        }
        var updated = try base.update(row)
        updated.liveJournal = journal
        return updated
    }

    func remove(_ row: ForkRow) throws(ForkError) {
        var row = row
        if let stored = try base.fork(row.id),
            saboteur.strikes(
                .generationsAreIgnored, where: stored.generation != row.generation)
        {
            row.generation = stored.generation
        }
        try base.remove(row)
    }

    func insert(_ overlay: OverlayRow) throws(ForkError) { try base.insert(overlay) }
    func removeOverlay(_ id: OverlayID) throws(ForkError) { try base.removeOverlay(id) }

    func revive(_ objects: [ObjectID]) throws(ForkError) {
        if saboteur.strikes(.revivalsAreForgotten, where: !objects.isEmpty) { return }
        try base.revive(objects)
    }

    func forgetRevived() throws(ForkError) {
        if saboteur.strikes(.revivedIsNeverEmptied) { return }
        if saboteur.sabotage == .revivedIsEmptiedLate, saboteur.keepsRevivedOnce(),
            saboteur.strikes(.revivedIsEmptiedLate)
        {
            return
        }
        try base.forgetRevived()
    }

    func touch() throws(ForkError) {
        if !saboteur.strikes(.touchesAreLost) { try base.touch() }
    }
}
