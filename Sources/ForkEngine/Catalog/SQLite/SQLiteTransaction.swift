// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, catalog, SQLite. What a transaction reads. No statement is left open while
// the caller's closure runs, so a closure may ask, and change, whatever it likes.
internal import SegmentStore

/// One transaction on one connection, over when its closure is.
final class SQLiteTransaction {
    let connection: CatalogConnection
    /// As read at the start of a write, then as changed; nil in a read until it asks.
    var counters: CatalogCounters?
    /// What the counters were when read: they are written back only where they differ.
    private(set) var countersAtStart: CatalogCounters?
    private var record: StoreRecord?
    private var isOver = false

    /// Rows fetched at once while walking.
    static let pageRowCount = 128

    init(_ connection: CatalogConnection) { self.connection = connection }

    func end() { isOver = true }

    /// A transaction kept beyond its closure is a programmer's error, and reads nothing.
    func checkIsOpen() {
        precondition(!isOver, "a catalog transaction was used after its closure returned")
    }

    @discardableResult
    func loadStore() throws(ForkError) -> (record: StoreRecord, counters: CatalogCounters) {
        if let record, let counters { return (record, counters) }
        let read = try connection.first(.readStore) { row throws(ForkError) in
            try row.storeRow()
        }
        guard let read else { throw connection.database.damage("the store's row is missing") }
        record = read.record
        counters = read.counters
        countersAtStart = read.counters
        return read
    }

    /// Calls `visit` with pages of rows of `statement` in order of id as a number without sign:
    /// those above `Int64.max` are stored below zero, and come second.
    private func walk<Row>(
        _ statement: CatalogStatement, from first: UInt64, id: (Row) -> UInt64,
        read: (SQLiteStatement) throws(ForkError) -> Row,
        visit: (Row) throws(ForkError) -> Bool
    ) throws(ForkError) {
        var next = first
        while true {
            let start = Int64(bitPattern: next)
            let last: Int64 = start >= 0 ? .max : -1
            let rows = try connection.all(
                statement,
                binding: { query throws(ForkError) in
                    try query.bind(start, at: 1)
                    try query.bind(last, at: 2)
                    try query.bind(Int64(Self.pageRowCount), at: 3)
                }, read)
            for row in rows where try !visit(row) { return }
            let reached: UInt64
            if rows.count < Self.pageRowCount {
                reached = UInt64(bitPattern: last)
            } else {
                reached = rows.last.map(id) ?? .max
            }
            guard reached < .max else { return }
            next = reached + 1
        }
    }
}

extension SQLiteTransaction: CatalogReading {
    func store() throws(ForkError) -> StoreRecord {
        checkIsOpen()
        return try loadStore().record
    }

    func counted() throws(ForkError) -> CatalogCounters {
        checkIsOpen()
        return try loadStore().counters
    }

    func fork(_ id: ForkID) throws(ForkError) -> ForkRow? {
        checkIsOpen()
        return try connection.first(
            .forkByID, binding: { query throws(ForkError) in try query.bind(id.rawValue, at: 1) },
            { row throws(ForkError) in try row.forkRow() })
    }

    func fork(named name: String) throws(ForkError) -> ForkRow? {
        checkIsOpen()
        return try connection.first(
            .forkByName, binding: { query throws(ForkError) in try query.bind(name, at: 1) },
            { row throws(ForkError) in try row.forkRow() })
    }

    func forEachFork(
        from first: ForkID, _ body: (ForkRow) throws(ForkError) -> Bool
    ) throws(ForkError) {
        checkIsOpen()
        try walk(
            .forksBetween, from: first.rawValue, id: { (row: ForkRow) in row.id.rawValue },
            read: { row throws(ForkError) in try row.forkRow() }, visit: body)
    }

    func forkCount() throws(ForkError) -> Int {
        checkIsOpen()
        let count = try loadStore().counters.forkCount
        guard let number = Int(exactly: count) else {
            throw connection.database.damage("the number of forks is \(count)")
        }
        return number
    }

    func cutEnd(of journal: JournalID) throws(ForkError) -> UInt64 {
        checkIsOpen()
        // As `SnapshotFormat` writes it. Other bytes may read the same: they are decoded in vain.
        let overlay = withUnsafeBytes(of: journal.overlay.rawValue.littleEndian) { [UInt8]($0) }
        let ends = try connection.all(
            .snapshotsNaming,
            binding: { query throws(ForkError) in try query.bind(overlay, at: 1) },
            { row throws(ForkError) in try row.snapshot(0).cutEnd(of: journal) })
        return ends.max() ?? 0
    }

    func greatestBase(above overlay: OverlayID) throws(ForkError) -> Position {
        checkIsOpen()
        let base = try connection.first(
            .greatestBaseAbove,
            binding: { query throws(ForkError) in try query.bind(overlay.rawValue, at: 1) },
            { row throws(ForkError) in Position(try row.unsigned(0)) })
        return base ?? .zero
    }

    func overlay(_ id: OverlayID) throws(ForkError) -> OverlayRow? {
        checkIsOpen()
        return try connection.first(
            .overlayByID,
            binding: { query throws(ForkError) in try query.bind(id.rawValue, at: 1) },
            { row throws(ForkError) in try row.overlayRow() })
    }

    func forEachOverlay(_ body: (OverlayRow) throws(ForkError) -> Void) throws(ForkError) {
        checkIsOpen()
        try walk(
            .overlaysBetween, from: 0, id: { (row: OverlayRow) in row.id.rawValue },
            read: { row throws(ForkError) in try row.overlayRow() },
            visit: { row throws(ForkError) in
                try body(row)
                return true
            })
    }

    func isRevived(_ object: ObjectID) throws(ForkError) -> Bool {
        checkIsOpen()
        let found = try connection.first(
            .isRevived, binding: { query throws(ForkError) in try query.bind(object) },
            { _ in true })
        return found ?? false
    }
}
