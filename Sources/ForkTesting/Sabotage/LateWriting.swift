// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, sabotage. A write transaction that reads before it has the catalog to itself,
// and writes what it made of that later.
import ForkEngine
import SegmentStore

typealias LateChange = @Sendable (any CatalogWriting) throws(ForkError) -> Void

struct LateWriting {
    let reading: any CatalogReading
    /// Where numbers come from, one small transaction each.
    let catalog: any Catalog
    let note: (@escaping LateChange) -> Void
}

extension LateWriting: CatalogReading {
    func store() throws(ForkError) -> StoreRecord { try reading.store() }
    func counted() throws(ForkError) -> CatalogCounters { try reading.counted() }
    func fork(_ id: ForkID) throws(ForkError) -> ForkRow? { try reading.fork(id) }
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

extension LateWriting: CatalogWriting {
    func nextForkID() throws(ForkError) -> ForkID {
        try catalog.write { transaction throws(ForkError) in try transaction.nextForkID() }
    }

    func nextOverlayID() throws(ForkError) -> OverlayID {
        try catalog.write { transaction throws(ForkError) in try transaction.nextOverlayID() }
    }

    func nextEpoch() throws(ForkError) -> UInt64 {
        try catalog.write { transaction throws(ForkError) in try transaction.nextEpoch() }
    }

    func skip(to counters: CatalogCounters) throws(ForkError) {
        note { transaction throws(ForkError) in try transaction.skip(to: counters) }
    }

    func insert(_ row: ForkRow) throws(ForkError) {
        note { transaction throws(ForkError) in try transaction.insert(row) }
    }

    @discardableResult
    func update(_ row: ForkRow) throws(ForkError) -> ForkRow {
        note { transaction throws(ForkError) in _ = try transaction.update(row) }
        var changed = row
        changed.generation = try row.generationAfterChange()
        return changed
    }

    func remove(_ row: ForkRow) throws(ForkError) {
        note { transaction throws(ForkError) in try transaction.remove(row) }
    }

    func insert(_ overlay: OverlayRow) throws(ForkError) {
        note { transaction throws(ForkError) in try transaction.insert(overlay) }
    }

    func removeOverlay(_ id: OverlayID) throws(ForkError) {
        note { transaction throws(ForkError) in try transaction.removeOverlay(id) }
    }

    func revive(_ objects: [ObjectID]) throws(ForkError) {
        note { transaction throws(ForkError) in try transaction.revive(objects) }
    }

    func forgetRevived() throws(ForkError) {
        note { transaction throws(ForkError) in try transaction.forgetRevived() }
    }

    func touch() throws(ForkError) {
        note { transaction throws(ForkError) in try transaction.touch() }
    }
}
