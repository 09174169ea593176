// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, catalog, SQLite. One prepared statement and its typed values. What a column
// holds is checked against what the schema says: another type is damage, never a conversion.
internal import CSQLite
internal import SegmentStore

/// A prepared statement. Belongs to one database and, like it, to one thread at a time.
final class SQLiteStatement {
    private let handle: OpaquePointer
    /// Keeps the connection open while the statement lives.
    let database: SQLiteDatabase

    init(_ handle: OpaquePointer, of database: SQLiteDatabase) {
        self.handle = handle
        self.database = database
    }

    deinit { sqlite3_finalize(handle) }

    // MARK: Running

    /// Goes to the next row; false behind the last.
    func step() throws(ForkError) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw database.failure(code)
        }
    }

    /// Makes the statement ready for another run, and forgets what was bound. What the last run
    /// failed with was thrown by `step`, and is not said again; who changes anything steps to the
    /// end, since outside of a transaction the commit comes behind the last row.
    func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    /// Runs a statement that answers no rows.
    func run() throws(ForkError) {
        defer { reset() }
        while try step() {}
    }

    // MARK: Parameters, from 1

    /// All 64 bits are kept: values above `Int64.max` are stored as negative numbers.
    func bind(_ value: UInt64, at index: Int32) throws(ForkError) {
        try bind(Int64(bitPattern: value), at: index)
    }

    func bind(_ value: Int64, at index: Int32) throws(ForkError) {
        try check(sqlite3_bind_int64(handle, index, value))
    }

    func bind(_ value: Int64?, at index: Int32) throws(ForkError) {
        guard let value else { return try check(sqlite3_bind_null(handle, index)) }
        try bind(value, at: index)
    }

    func bind(_ text: String, at index: Int32) throws(ForkError) {
        var text = text
        let code = text.withUTF8 { bytes in
            csqlite_bind_text(handle, index, bytes.baseAddress, Int32(clamping: bytes.count))
        }
        try check(code)
    }

    func bind(_ blob: [UInt8], at index: Int32) throws(ForkError) {
        let code = blob.withUnsafeBytes { bytes in
            csqlite_bind_blob(handle, index, bytes.baseAddress, Int32(clamping: bytes.count))
        }
        try check(code)
    }

    private func check(_ code: Int32) throws(ForkError) {
        guard code == SQLITE_OK else { throw database.failure(code) }
    }

    // MARK: Columns, from 0, valid until the next step

    func unsigned(_ column: Int32) throws(ForkError) -> UInt64 {
        UInt64(bitPattern: try signed(column))
    }

    func signed(_ column: Int32) throws(ForkError) -> Int64 {
        try expect(SQLITE_INTEGER, column)
        return sqlite3_column_int64(handle, column)
    }

    func isNull(_ column: Int32) -> Bool {
        sqlite3_column_type(handle, column) == SQLITE_NULL
    }

    func text(_ column: Int32) throws(ForkError) -> String {
        try expect(SQLITE_TEXT, column)
        guard let start = sqlite3_column_text(handle, column) else {
            throw database.failure(SQLITE_NOMEM)
        }
        let count = Int(sqlite3_column_bytes(handle, column))
        let bytes = UnsafeBufferPointer(start: start, count: count)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw database.damage("column \(name(column)) is not UTF-8")
        }
        return text
    }

    func blob<Result>(
        _ column: Int32, _ body: (UnsafeRawBufferPointer) throws(ForkError) -> Result
    ) throws(ForkError) -> Result {
        try expect(SQLITE_BLOB, column)
        let start = sqlite3_column_blob(handle, column)
        let count = Int(sqlite3_column_bytes(handle, column))
        return try body(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
    }

    private func expect(_ type: Int32, _ column: Int32) throws(ForkError) {
        guard sqlite3_column_type(handle, column) == type else {
            throw database.damage("column \(name(column)) holds another type than it should")
        }
    }

    private func name(_ column: Int32) -> String {
        sqlite3_column_name(handle, column).map { String(cString: $0) } ?? "\(column)"
    }
}
