// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, catalog, SQLite. One connection and the statements it keeps prepared.
internal import SegmentStore

/// A connection of the catalog. `@unchecked Sendable`: it has no lock of its own, because the
/// catalog's pool hands it to one transaction at a time.
final class CatalogConnection: @unchecked Sendable {
    let database: SQLiteDatabase
    private var statements: [SQLiteStatement?]

    /// Opens the file, which must be a catalog in WAL mode.
    init(path: String) throws(ForkError) {
        database = try SQLiteDatabase(path: path, .existing)
        statements = Array(repeating: nil, count: CatalogStatement.allCases.count)
        guard try database.text("PRAGMA journal_mode") == "wal" else {
            throw database.damage("it is not in write-ahead mode")
        }
    }

    /// Takes a database that was just made.
    init(_ database: SQLiteDatabase) {
        self.database = database
        statements = Array(repeating: nil, count: CatalogStatement.allCases.count)
    }

    func statement(_ statement: CatalogStatement) throws(ForkError) -> SQLiteStatement {
        if let prepared = statements[statement.rawValue] { return prepared }
        let prepared = try database.prepare(statement.sql)
        statements[statement.rawValue] = prepared
        return prepared
    }

    func run(_ statement: CatalogStatement) throws(ForkError) {
        try self.statement(statement).run()
    }

    /// Binds, steps once and hands over the row; nil where there is none.
    func first<Result>(
        _ statement: CatalogStatement,
        binding bind: (SQLiteStatement) throws(ForkError) -> Void = { _ in },
        _ read: (SQLiteStatement) throws(ForkError) -> Result
    ) throws(ForkError) -> Result? {
        let statement = try self.statement(statement)
        defer { statement.reset() }
        try bind(statement)
        return try statement.step() ? try read(statement) : nil
    }

    /// Binds and runs to the end.
    func change(
        _ statement: CatalogStatement, binding bind: (SQLiteStatement) throws(ForkError) -> Void
    ) throws(ForkError) {
        let statement = try self.statement(statement)
        defer { statement.reset() }
        try bind(statement)
        while try statement.step() {}
    }

    /// Binds, and reads all rows.
    func all<Row>(
        _ statement: CatalogStatement, binding bind: (SQLiteStatement) throws(ForkError) -> Void,
        _ read: (SQLiteStatement) throws(ForkError) -> Row
    ) throws(ForkError) -> [Row] {
        let statement = try self.statement(statement)
        defer { statement.reset() }
        try bind(statement)
        var rows: [Row] = []
        while try statement.step() { rows.append(try read(statement)) }
        return rows
    }
}
