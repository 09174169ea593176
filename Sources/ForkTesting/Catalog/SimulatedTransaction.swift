// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting. A transaction of the simulated catalog: a copy of everything.
internal import ForkEngine
internal import SegmentStore

final class SimulatedTransaction {
    private(set) var state: SimulatedCatalogState
    private var isOver = false
    /// Rows of forks and overlays that were walked.
    private(set) var walkedRowCount = 0
    /// Rows of overlays that were looked up.
    private(set) var overlayReadCount = 0

    init(_ state: SimulatedCatalogState) { self.state = state }

    func end() { isOver = true }

    private func checkIsOpen() {
        precondition(!isOver, "a catalog transaction was used after its closure returned")
    }
}

extension SimulatedTransaction: CatalogReading {
    func store() throws(ForkError) -> StoreRecord {
        checkIsOpen()
        return state.store
    }

    func fork(_ id: ForkID) throws(ForkError) -> ForkRow? {
        checkIsOpen()
        return state.forks[id.rawValue]
    }

    func fork(named name: String) throws(ForkError) -> ForkRow? {
        checkIsOpen()
        return state.fork(named: name)
    }

    func forEachFork(
        from first: ForkID, _ body: (ForkRow) throws(ForkError) -> Bool
    ) throws(ForkError) {
        checkIsOpen()
        for id in state.forks.keys.filter({ $0 >= first.rawValue }).sorted() {
            guard let row = state.forks[id] else { continue }
            walkedRowCount += 1
            guard try body(row) else { return }
        }
    }

    func forkCount() throws(ForkError) -> Int {
        checkIsOpen()
        return state.forks.count
    }

    func cutEnd(of journal: JournalID) throws(ForkError) -> UInt64 {
        checkIsOpen()
        return state.forks.values.reduce(0) { max($0, $1.snapshot.cutEnd(of: journal)) }
    }

    func counted() throws(ForkError) -> CatalogCounters {
        checkIsOpen()
        return state.counters
    }

    func greatestBase(above overlay: OverlayID) throws(ForkError) -> Position {
        checkIsOpen()
        return state.overlays.values.reduce(.zero) { greatest, row in
            row.below == overlay ? max(greatest, row.base) : greatest
        }
    }

    func overlay(_ id: OverlayID) throws(ForkError) -> OverlayRow? {
        checkIsOpen()
        overlayReadCount += 1
        return state.overlays[id.rawValue]
    }

    func forEachOverlay(_ body: (OverlayRow) throws(ForkError) -> Void) throws(ForkError) {
        checkIsOpen()
        for id in state.overlays.keys.sorted() {
            guard let row = state.overlays[id] else { continue }
            walkedRowCount += 1
            try body(row)
        }
    }

    func isRevived(_ object: ObjectID) throws(ForkError) -> Bool {
        checkIsOpen()
        return state.revived.contains(object)
    }
}

extension SimulatedTransaction: CatalogWriting {
    func nextForkID() throws(ForkError) -> ForkID { ForkID(try take(\.nextFork)) }
    func nextOverlayID() throws(ForkError) -> OverlayID { OverlayID(try take(\.nextOverlay)) }
    func nextEpoch() throws(ForkError) -> UInt64 { try take(\.nextEpoch) }
    func touch() throws(ForkError) { _ = try take(\.touches) }

    func skip(to counters: CatalogCounters) throws(ForkError) {
        checkIsOpen()
        state.counters.skip(to: counters)
    }

    private func take(
        _ counter: WritableKeyPath<CatalogCounters, UInt64>
    ) throws(ForkError) -> UInt64 {
        checkIsOpen()
        return try state.counters.take(counter)
    }

    func insert(_ row: ForkRow) throws(ForkError) {
        checkIsOpen()
        guard state.fork(named: row.name) == nil else { throw ForkError.nameTaken(row.name) }
        guard state.forks[row.id.rawValue] == nil else {
            throw ForkError.idTaken("fork \(row.id.rawValue)")
        }
        try checkLimits(of: row)
        state.forks[row.id.rawValue] = row
        state.counters.forkCount += 1
    }

    @discardableResult
    func update(_ row: ForkRow) throws(ForkError) -> ForkRow {
        checkIsOpen()
        let stored = try requireUnchanged(row)
        var changed = row
        changed.generation = try row.generationAfterChange()
        let isRenamed = !stored.name.utf8.elementsEqual(row.name.utf8)
        if isRenamed, state.fork(named: row.name) != nil { throw ForkError.nameTaken(row.name) }
        try checkLimits(of: row)
        state.forks[row.id.rawValue] = changed
        return changed
    }

    func remove(_ row: ForkRow) throws(ForkError) {
        checkIsOpen()
        _ = try requireUnchanged(row)
        state.forks[row.id.rawValue] = nil
        state.counters.forkCount -= 1
    }

    private func requireUnchanged(_ row: ForkRow) throws(ForkError) -> ForkRow {
        guard let stored = state.forks[row.id.rawValue], stored.generation == row.generation
        else { throw ForkError.forkChanged(row.name) }
        return stored
    }

    /// What the real catalog cannot write, this one does not take.
    private func checkLimits(of row: ForkRow) throws(ForkError) {
        _ = try SnapshotFormat.encode(row.snapshot)
    }

    func insert(_ overlay: OverlayRow) throws(ForkError) {
        checkIsOpen()
        guard state.overlays[overlay.id.rawValue] == nil else {
            throw ForkError.idTaken("overlay \(overlay.id.rawValue)")
        }
        state.overlays[overlay.id.rawValue] = overlay
    }

    func removeOverlay(_ id: OverlayID) throws(ForkError) {
        checkIsOpen()
        state.overlays[id.rawValue] = nil
    }

    func revive(_ objects: [ObjectID]) throws(ForkError) {
        checkIsOpen()
        state.revived.formUnion(objects)
    }

    func forgetRevived() throws(ForkError) {
        checkIsOpen()
        state.revived.removeAll()
    }
}
