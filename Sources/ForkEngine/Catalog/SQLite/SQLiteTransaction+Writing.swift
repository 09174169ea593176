// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, catalog, SQLite. What a write transaction changes. Every change of a fork's
// row is conditional on its generation (rule 6).
internal import SegmentStore

extension SQLiteTransaction: CatalogWriting {
    // MARK: Counters

    func nextForkID() throws(ForkError) -> ForkID { ForkID(try take(\.nextFork)) }
    func nextOverlayID() throws(ForkError) -> OverlayID { OverlayID(try take(\.nextOverlay)) }
    func nextEpoch() throws(ForkError) -> UInt64 { try take(\.nextEpoch) }
    func touch() throws(ForkError) { _ = try take(\.touches) }

    func skip(to other: CatalogCounters) throws(ForkError) {
        checkIsOpen()
        var changed = try loadStore().counters
        changed.skip(to: other)
        counters = changed
    }

    private func take(
        _ counter: WritableKeyPath<CatalogCounters, UInt64>
    ) throws(ForkError) -> UInt64 {
        checkIsOpen()
        var changed = try loadStore().counters
        let number = try changed.take(counter)
        counters = changed
        return number
    }

    private func changeForkCount(by difference: Int64) throws(ForkError) {
        var changed = try loadStore().counters
        let count = Int64(bitPattern: changed.forkCount) &+ difference
        guard count >= 0 else {
            throw connection.database.damage("the number of forks does not add up")
        }
        changed.forkCount = UInt64(count)
        counters = changed
    }

    /// Writes the counters where they changed; before the commit.
    func saveCounters() throws(ForkError) {
        guard let counters, counters != countersAtStart else { return }
        try connection.change(.updateCounters) { query throws(ForkError) in
            try query.bind(counters)
        }
    }

    // MARK: Forks

    func insert(_ row: ForkRow) throws(ForkError) {
        checkIsOpen()
        try requireFree(row.name)
        guard try storedState(of: row.id) == nil else {
            throw ForkError.idTaken("fork \(row.id.rawValue)")
        }
        try connection.change(.insertFork) { query throws(ForkError) in
            try query.bind(row, generation: row.generation, named: true)
        }
        try changeForkCount(by: 1)
    }

    @discardableResult
    func update(_ row: ForkRow) throws(ForkError) -> ForkRow {
        checkIsOpen()
        let stored = try requireUnchanged(row)
        var changed = row
        changed.generation = try row.generationAfterChange()
        // The name stays out of the usual statement: naming it writes a page of the index.
        let isRenamed = !stored.name.utf8.elementsEqual(row.name.utf8)
        if isRenamed { try requireFree(row.name) }
        try connection.change(.updateFork) { query throws(ForkError) in
            try query.bind(changed, generation: changed.generation, named: false)
        }
        if isRenamed {
            try connection.change(.renameFork) { query throws(ForkError) in
                try query.bind(row.id.rawValue, at: 1)
                try query.bind(row.name, at: 2)
            }
        }
        return changed
    }

    func remove(_ row: ForkRow) throws(ForkError) {
        checkIsOpen()
        _ = try requireUnchanged(row)
        try connection.change(.removeFork) { query throws(ForkError) in
            try query.bind(row.id.rawValue, at: 1)
        }
        try changeForkCount(by: -1)
    }

    private struct StoredState {
        var generation: UInt64
        var name: String
    }

    private func storedState(of id: ForkID) throws(ForkError) -> StoredState? {
        try connection.first(
            .forkState, binding: { query throws(ForkError) in try query.bind(id.rawValue, at: 1) },
            { row throws(ForkError) in
                StoredState(generation: try row.unsigned(0), name: try row.text(1))
            })
    }

    private func requireUnchanged(_ row: ForkRow) throws(ForkError) -> StoredState {
        guard let stored = try storedState(of: row.id), stored.generation == row.generation else {
            throw ForkError.forkChanged(row.name)
        }
        return stored
    }

    private func requireFree(_ name: String) throws(ForkError) {
        let holder = try connection.first(
            .forkIDByName, binding: { query throws(ForkError) in try query.bind(name, at: 1) },
            { row throws(ForkError) in try row.unsigned(0) })
        guard holder == nil else { throw ForkError.nameTaken(name) }
    }

    // MARK: Overlays and revived objects

    func insert(_ overlay: OverlayRow) throws(ForkError) {
        guard try self.overlay(overlay.id) == nil else {
            throw ForkError.idTaken("overlay \(overlay.id.rawValue)")
        }
        try connection.change(.insertOverlay) { query throws(ForkError) in
            try query.bind(overlay)
        }
    }

    func removeOverlay(_ id: OverlayID) throws(ForkError) {
        checkIsOpen()
        try connection.change(.removeOverlay) { query throws(ForkError) in
            try query.bind(id.rawValue, at: 1)
        }
    }

    func revive(_ objects: [ObjectID]) throws(ForkError) {
        checkIsOpen()
        for object in objects {
            try connection.change(.revive) { query throws(ForkError) in try query.bind(object) }
        }
    }

    func forgetRevived() throws(ForkError) {
        checkIsOpen()
        try connection.run(.forgetRevived)
    }
}
