// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, sabotage. A catalog that commits the faults of rows and transactions.
import ForkEngine
import SegmentStore

final class SabotagedCatalog: Catalog {
    private let base: any Catalog
    private let saboteur: Saboteur
    private let time: any TimeSource
    /// What each row's generation was when it was last read outside a write.
    private let seen = Locked<[ForkID: UInt64]>([:])
    /// The rows of the last walk over all, and those that were read first.
    private let walked = Locked<[ForkRow]>([])
    private let first = Locked<[ForkID: ForkRow]>([:])

    init(_ base: any Catalog, _ saboteur: Saboteur, time: any TimeSource) {
        self.base = base
        self.saboteur = saboteur
        self.time = time
    }

    func read<Answer>(
        _ body: (any CatalogReading) throws(ForkError) -> Answer
    ) throws(ForkError) -> Answer {
        try base.read { catalog throws(ForkError) -> Answer in
            var reading = SabotagedReading(base: catalog, saboteur: saboteur)
            reading.onRow = { row in self.seen.withLock { $0[row.id] = row.generation } }
            reading.recall = recalled
            if saboteur.sabotage == .oldRowsAreMarked {
                walked.withLock { $0 = [] }
                reading.onWalk = { row in self.walked.withLock { $0.append(row) } }
            }
            return try body(reading)
        }
    }

    /// The row that this process read first; nil: none yet, or it is not to be believed.
    private func recalled(_ id: ForkID, _ row: ForkRow?) -> ForkRow? {
        guard [.rowsAreReadOnce, .unarmedWordsArePinned].contains(saboteur.sabotage) else {
            return row
        }
        let first = first.withLock { first in
            if first[id] == nil { first[id] = row }
            return first[id]
        }
        let isOther = first?.generation != row?.generation
        if saboteur.sabotage == .unarmedWordsArePinned { return isOther ? first : row }
        return saboteur.strikes(.rowsAreReadOnce, where: isOther) ? first : row
    }

    func write<Answer>(
        _ body: (any CatalogWriting) throws(ForkError) -> Answer
    ) throws(ForkError) -> Answer {
        if saboteur.sabotage == .transactionsReadBefore { return try writeLate(body) }
        try saboteur.lockLate()
        saboteur.beginWrite()
        defer { saboteur.endWrite() }
        let outcome = try base.write { transaction throws(ForkError) -> Result<Answer, ForkError> in
            let sabotaged = SabotagedWriting(
                base: transaction, saboteur: saboteur, seen: seen.withLock { $0 })
            do throws(ForkError) {
                return .success(try body(sabotaged))
            } catch {
                guard saboteur.strikes(.failedTransactionsAreCommitted) else { throw error }
                return .failure(error)
            }
        }
        let answer = try outcome.get()
        saboteur.armLate()
        return answer
    }

    /// Runs the body before the transaction begins, and its changes within.
    private func writeLate<Answer>(
        _ body: (any CatalogWriting) throws(ForkError) -> Answer
    ) throws(ForkError) -> Answer {
        let late = Locked<[LateChange]>([])
        let answer = try base.read { catalog throws(ForkError) -> Answer in
            try body(
                LateWriting(reading: catalog, catalog: base) { change in
                    late.withLock { $0.append(change) }
                })
        }
        _ = saboteur.strikes(.transactionsReadBefore)
        try base.write { transaction throws(ForkError) in
            for change in late.withLock({ $0 }) { try change(transaction) }
        }
        return answer
    }

    /// Only a collection reads behind a write.
    func write<Answer>(
        _ change: (any CatalogWriting) throws(ForkError) -> Void,
        thenRead body: (any CatalogReading) throws(ForkError) -> Answer
    ) throws(ForkError) -> Answer {
        try base.write(
            { transaction throws(ForkError) in
                try change(
                    SabotagedWriting(
                        base: transaction, saboteur: saboteur, seen: seen.withLock { $0 }))
            },
            thenRead: { catalog throws(ForkError) in
                var reading = SabotagedReading(
                    base: catalog, saboteur: saboteur, collectedAt: time.now())
                if saboteur.strikes(.oldRowsAreMarked) { reading.oldRows = walked.withLock { $0 } }
                return try body(reading)
            })
    }
}

/// Reads with the faults that change what a row seems to say.
struct SabotagedReading: CatalogReading {
    let base: any CatalogReading
    let saboteur: Saboteur
    var onRow: (@Sendable (ForkRow) -> Void)?
    /// When the collection began that reads here; nil: another reads.
    var collectedAt: Timestamp?
    /// Told of each row of a walk.
    var onWalk: (@Sendable (ForkRow) -> Void)?
    /// What a walk finds instead of what is there.
    var oldRows: [ForkRow]?
    /// What a row that is read is taken for.
    var recall: (ForkID, ForkRow?) -> ForkRow? = { _, row in row }

    func store() throws(ForkError) -> StoreRecord { try base.store() }
    func counted() throws(ForkError) -> CatalogCounters { try base.counted() }

    func fork(_ id: ForkID) throws(ForkError) -> ForkRow? {
        guard let row = recall(id, try base.fork(id)) else { return nil }
        onRow?(row)
        saboteur.noteEpoch(of: row)
        return try changed(row)
    }

    func fork(named name: String) throws(ForkError) -> ForkRow? {
        try base.fork(named: name).map { (row) throws(ForkError) in try changed(row) }
    }

    func forEachFork(
        from first: ForkID, _ body: (ForkRow) throws(ForkError) -> Bool
    ) throws(ForkError) {
        if let oldRows {
            for row in oldRows { guard try body(row) else { return } }
            return
        }
        try base.forEachFork(from: first) { row throws(ForkError) in
            onWalk?(row)
            let row = try changed(row)
            return try isHidden(row) ? true : body(row)
        }
    }

    private func isHidden(_ row: ForkRow) -> Bool {
        guard let collectedAt else { return false }
        let isExpired = row.expires.map { collectedAt >= $0 } ?? false
        return saboteur.strikes(.expiredForksAreHidden, where: isExpired)
            || saboteur.strikes(.childrenAreHidden, where: row.parent != nil)
    }

    func cutEnd(of journal: JournalID) throws(ForkError) -> UInt64 {
        let end = try base.cutEnd(of: journal)
        return saboteur.strikes(.cutsAreForgotten, where: end > 0) ? 0 : end
    }

    func greatestBase(above overlay: OverlayID) throws(ForkError) -> Position {
        let base = try base.greatestBase(above: overlay)
        return saboteur.strikes(.basesAreForgotten, where: base > .zero) ? .zero : base
    }

    func forkCount() throws(ForkError) -> Int { try base.forkCount() }

    func overlay(_ id: OverlayID) throws(ForkError) -> OverlayRow? {
        guard var row = try base.overlay(id) else { return nil }
        let below = try row.below.flatMap { (below) throws(ForkError) in try base.overlay(below) }
        if saboteur.strikes(.ownersAreConfused, where: below?.owner == row.owner) {
            row.base = Position(.max)
        }
        return row
    }

    func forEachOverlay(_ body: (OverlayRow) throws(ForkError) -> Void) throws(ForkError) {
        try base.forEachOverlay(body)
    }

    func isRevived(_ object: ObjectID) throws(ForkError) -> Bool {
        let isRevived = try base.isRevived(object)
        return isRevived && !saboteur.strikes(.revivalsAreDenied)
    }

    func changed(_ row: ForkRow) throws(ForkError) -> ForkRow {
        var row = row
        if saboteur.strikes(.expiryIsForgotten, where: row.expires != nil) { row.expires = nil }
        if let expires = row.expires, saboteur.strikes(.forksExpireLate) {
            row.expires = Timestamp(rawValue: expires.rawValue + 1)
        }
        if let last = row.snapshot.pieces.last, saboteur.strikes(.sealedEndsAreForgotten) {
            row.snapshot.pieces.removeLast()
            row.snapshot.cut = last.positions.lowerBound
        }
        guard let parent = row.parent else { return row }
        if saboteur.strikes(.inheritedRootsAreForgotten, where: row.snapshot.root != nil) {
            row.snapshot.root = nil
            row.snapshot.rootEnd = .zero
        }
        let isEmpty = row.base == row.snapshot.cut
        if isEmpty, let parentRow = try base.fork(parent),
            saboteur.strikes(.childrenFollowTheirParent)
        {
            let overlay = row.snapshot.overlay
            row.snapshot = parentRow.snapshot
            row.snapshot.overlay = overlay
        }
        return row
    }
}
