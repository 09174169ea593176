// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, catalog, SQLite. One connection over the C interface, set up so that the only
// syncs and the only checkpoints are those that the catalog asks for (rule 13).
internal import CSQLite
internal import CSQLitePages
internal import SegmentStore

/// A connection to one database file. Used by one thread at a time; its owner sees to that.
final class SQLiteDatabase {
    enum Access {
        /// Opens an existing file, which has an existing WAL; never makes one.
        case existing
        /// Makes the file where there is none.
        case creating
    }

    /// Puts the layer that verifies pages between SQLite and the disk, once for the process.
    private static let layerRegistration = csqlitepages_register()

    private let handle: OpaquePointer
    /// The path as given to SQLite.
    let path: String
    /// The last part of the path: files are named relative to the store's folder.
    let fileName: String
    /// Frames in the WAL behind this connection's last commit. Written by SQLite's hook.
    private let walFrames: UnsafeMutablePointer<Int32>

    /// How long another connection's recovery of the WAL may take; nothing else ever waits in
    /// SQLite, because the advisory lock stands in front.
    private static let busyMilliseconds: Int32 = 10_000
    /// No row comes near it; what a damaged page claims may.
    private static let valueByteCountMax: Int32 = 1 << 20

    init(path: String, _ access: Access) throws(ForkError) {
        guard Self.layerRegistration == SQLITE_OK else {
            throw ForkError(.system, "SQLite takes no layer over its files")
        }
        var opened: OpaquePointer?
        var flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        if access == .creating { flags |= SQLITE_OPEN_CREATE }
        let layer = access == .creating ? csqlitepages_new : csqlitepages_existing
        let code = sqlite3_open_v2(path, &opened, flags, layer)
        guard let opened else { throw ForkError(.system, "SQLite has no memory to open \(path)") }
        handle = opened
        self.path = path
        fileName = path.split(separator: "/").last.map(String.init) ?? path
        walFrames = .allocate(capacity: 1)
        walFrames.initialize(to: 0)
        guard code == SQLITE_OK else { throw failure(code) }
        try configure()
        if access == .creating { try configureNew() }
    }

    deinit {
        // Leaves the file open, to be closed with its last statement, where one is still held.
        sqlite3_close_v2(handle)
        walFrames.deallocate()
    }

    private func configure() throws(ForkError) {
        try check(sqlite3_busy_timeout(handle, Self.busyMilliseconds))
        _ = sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, Self.valueByteCountMax)
        // The WAL stays, and stays as long as it grew: overwriting it costs one plain sync.
        try check(csqlite_switch(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1))
        var on: Int32 = 1
        try check(sqlite3_file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &on))
        // Bytes from disk are hostile: no code in the schema is believed, no table shadowed.
        try check(csqlite_switch(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0))
        try check(csqlite_switch(handle, SQLITE_DBCONFIG_DEFENSIVE, 1))
        try execute("PRAGMA cell_size_check = ON")
        // An I/O error on a mapped page would kill the process.
        try execute("PRAGMA mmap_size = 0")
        try execute("PRAGMA synchronous = FULL")
        // Pages go to the WAL with their commit alone: what is in the WAL is verified whenever it
        // is read, and pages of an open transaction have no valid checksum yet.
        try execute("PRAGMA cache_spill = OFF")
        // Takes the place of SQLite's own checkpoints.
        _ = sqlite3_wal_hook(
            handle,
            { context, _, _, frames in
                context?.assumingMemoryBound(to: Int32.self).pointee = frames
                return SQLITE_OK
            }, walFrames)
    }

    private func configureNew() throws(ForkError) {
        try execute("PRAGMA page_size = \(CatalogSchema.pageByteCount)")
        var reserved = Int32(CSQLITEPAGES_RESERVED)
        try check(sqlite3_file_control(handle, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved))
    }

    // MARK: Statements

    func prepare(_ sql: String) throws(ForkError) -> SQLiteStatement {
        var prepared: OpaquePointer?
        let code = sqlite3_prepare_v3(
            handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK, let prepared else { throw failure(code) }
        return SQLiteStatement(prepared, of: self)
    }

    /// Runs statements that answer nothing worth reading.
    func execute(_ sql: String) throws(ForkError) {
        try check(sqlite3_exec(handle, sql, nil, nil, nil))
    }

    /// The first column of the first row. Goes on to the end: what a pragma changes is committed
    /// behind its last row, and fails there.
    func text(_ sql: String) throws(ForkError) -> String? {
        let statement = try prepare(sql)
        defer { statement.reset() }
        guard try statement.step() else { return nil }
        let text = try statement.text(0)
        while try statement.step() {}
        return text
    }

    /// Rows changed by the last insert, update or delete.
    var changeCount: Int { Int(sqlite3_changes64(handle)) }

    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    // MARK: The write-ahead log

    var walFrameCount: Int { Int(walFrames.pointee) }

    /// Copies what readers allow from the WAL into the database file, without waiting for them.
    /// The caller holds the advisory lock (rule 13).
    /// Returns whether everything is copied, so that the next commit starts the WAL anew.
    func checkpoint() throws(ForkError) -> Bool {
        var frames: Int32 = 0
        var copied: Int32 = 0
        try check(
            sqlite3_wal_checkpoint_v2(
                handle, "main", SQLITE_CHECKPOINT_PASSIVE, &frames, &copied))
        return frames == copied
    }

    // MARK: Failures

    private func check(_ code: Int32) throws(ForkError) {
        guard code == SQLITE_OK else { throw failure(code) }
    }

    /// What a failed call means here.
    func failure(_ code: Int32) -> ForkError {
        if code == Self.verificationFailed {
            let fault = csqlitepages_take_fault()
            let reason = fault.reason.map { String(cString: $0) } ?? "bytes are not what they were"
            return ForkError(
                StorageError.damaged(
                    .init(
                        path: fileName + (fault.is_log != 0 ? "-wal" : ""),
                        offset: UInt64(exactly: fault.offset), reason: reason)))
        }
        let text = sqlite3_errmsg(handle).map { String(cString: $0) } ?? "no reason given"
        return ForkError(
            sqlite: code, systemError: sqlite3_system_errno(handle), reason: text,
            path: fileName)
    }

    /// SQLITE_IOERR_DATA: what the layer below answers for bytes that do not verify.
    private static let verificationFailed = SQLITE_IOERR | (32 << 8)

    func damage(_ reason: String) -> ForkError {
        ForkError(StorageError.damaged(.init(path: fileName, offset: nil, reason: reason)))
    }
}
