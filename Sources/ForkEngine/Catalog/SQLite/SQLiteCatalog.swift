// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, catalog, SQLite. The catalog of a real store: one file in WAL mode, whose
// writers and checkpoints stand behind one advisory lock (rule 13).
//
// A transaction on a connection:
//
//     idle ──BEGIN──▶ open ──body──▶ COMMIT ──ok──▶ idle, and given back to the pool
//                      │                │
//                      │ body throws    │ fails: outcome unknown (rule 12)
//                      ▼                ▼
//                   ROLLBACK         closed: the next transaction opens a fresh connection
package import SegmentStore

/// A catalog in one SQLite file. Thread-safe; reads neither wait for writers nor delay them.
package final class SQLiteCatalog: Catalog {
    /// Where writers queue: a range of bytes of an open file that nobody else locks through.
    package struct WriteLock: Sendable {
        /// Opened for this catalog alone: OFD locks exclude open files, not processes.
        package var file: any File
        package var range: Range<UInt64>
        /// A deadline is met by asking again and again, which others can overtake.
        package var milliseconds: Int
        /// What the deadline is told by.
        package var time: any TimeSource

        package init(
            file: any File, range: Range<UInt64>,
            milliseconds: Int = StoreLocks.catalogMilliseconds, time: any TimeSource = SystemTime()
        ) {
            self.file = file
            self.range = range
            self.milliseconds = milliseconds
            self.time = time
        }
    }

    /// The path as SQLite opens it.
    package let path: String
    private let writeLock: WriteLock
    /// The threads of this process, before they take the advisory lock.
    private let writers = Locked(WriterState())
    private let idle = Locked<[CatalogConnection]>([])

    private static let idleConnectionCountMax = 8
    /// A checkpoint is tried at this many frames, and again at each multiple while readers keep
    /// it from finishing. A process that opens the catalog alone reads as much: 800 KiB.
    package static let checkpointFrameCount = 400

    private struct WriterState {
        var checkpointAt = SQLiteCatalog.checkpointFrameCount
        var checkpointFailure: ForkError?
        var checkpointCount = 0
    }

    /// Opens an existing catalog; never makes one.
    ///
    /// Throws `notFound` where there is no file, `damaged` where it is no catalog, `newerFormat`.
    package init(openAt path: String, writeLock: WriteLock) throws(ForkError) {
        self.path = path
        self.writeLock = writeLock
        _ = try read { catalog throws(ForkError) in try catalog.store() }
    }

    private init(_ path: String, _ writeLock: WriteLock) {
        self.path = path
        self.writeLock = writeLock
    }

    /// Makes a catalog that holds nothing but the store's record. The caller makes it in a folder
    /// of its own, and syncs the folder.
    ///
    /// Throws `alreadyExists` where the file is a catalog already.
    package static func create(
        at path: String, writeLock: WriteLock, store: StoreRecord
    ) throws(ForkError) -> SQLiteCatalog {
        let catalog = SQLiteCatalog(path, writeLock)
        try catalog.locked { _ throws(ForkError) in
            let database = try SQLiteDatabase(path: path, .creating)
            guard try database.text("SELECT name FROM sqlite_schema") == nil else {
                throw ForkError(.alreadyExists, "there is a catalog at \(path) already")
            }
            guard try database.text("PRAGMA journal_mode = WAL") == "wal" else {
                throw ForkError(.denied, "\(path): the file system cannot hold a shared catalog")
            }
            try database.execute("BEGIN IMMEDIATE; " + CatalogSchema.tables)
            let connection = CatalogConnection(database)
            try connection.change(.insertStore) { query throws(ForkError) in
                try query.bind(store)
            }
            try connection.run(.commit)
            _ = try database.checkpoint()
            catalog.giveBack(connection)
        }
        return catalog
    }

    // MARK: Transactions

    package func read<Result>(
        _ body: (any CatalogReading) throws(ForkError) -> Result
    ) throws(ForkError) -> Result {
        try run(body, on: try beginRead())
    }

    private func beginRead() throws(ForkError) -> SQLiteTransaction {
        let connection = try takeConnection()
        try connection.run(.begin)
        return SQLiteTransaction(connection)
    }

    private func run<Result>(
        _ body: (any CatalogReading) throws(ForkError) -> Result, on transaction: SQLiteTransaction
    ) throws(ForkError) -> Result {
        let result: Result
        do throws(ForkError) {
            result = try body(transaction)
        } catch {
            finish(transaction, .rollBack)
            throw error
        }
        finish(transaction, .commit)
        return result
    }

    package func write<Result>(
        _ change: (any CatalogWriting) throws(ForkError) -> Void,
        thenRead body: (any CatalogReading) throws(ForkError) -> Result
    ) throws(ForkError) -> Result {
        var opened: SQLiteTransaction?
        do throws(ForkError) {
            try write { transaction throws(ForkError) in
                // Nobody commits while this write is open, so that a read which begins in it sees
                // the state that it changes. SQLite begins a read with its first statement.
                let reading = try beginRead()
                opened = reading
                try reading.loadStore()
                try change(transaction)
            }
        } catch {
            if let opened { finish(opened, .rollBack) }
            throw error
        }
        guard let opened else { throw ForkError(.system, "the catalog lost a read") }
        return try run(body, on: opened)
    }

    package func write<Result>(
        _ body: (any CatalogWriting) throws(ForkError) -> Result
    ) throws(ForkError) -> Result {
        try locked { state throws(ForkError) in
            let connection = try takeConnection()
            let result = try commit(body, on: connection)
            if checkpointInPassing(connection, &state) { giveBack(connection) }
            return result
        }
    }

    /// One write transaction. Where the commit throws, the connection is closed with its last
    /// reference (rule 12); else it is as good as before.
    private func commit<Result>(
        _ body: (any CatalogWriting) throws(ForkError) -> Result,
        on connection: CatalogConnection
    ) throws(ForkError) -> Result {
        try connection.run(.beginWriting)
        let transaction = SQLiteTransaction(connection)
        let result: Result
        do throws(ForkError) {
            // Also refuses what a newer build has made of the store since it was opened.
            try transaction.loadStore()
            result = try body(transaction)
            try transaction.saveCounters()
        } catch {
            finish(transaction, .rollBack)
            throw error
        }
        transaction.end()
        try connection.run(.commit)
        return result
    }

    /// Ends a transaction whose end decides nothing. A connection that cannot end it is dropped.
    private func finish(_ transaction: SQLiteTransaction, _ end: CatalogStatement) {
        transaction.end()
        do throws(ForkError) {
            try transaction.connection.run(end)
            giveBack(transaction.connection)
        } catch {
            // Nothing was changed, and closing the connection ends what could not be ended.
        }
    }

    // MARK: The writers' lock

    /// Runs `body` while this catalog is the only one that writes or checkpoints.
    private func locked<Result>(
        _ body: (inout WriterState) throws(ForkError) -> Result
    ) throws(ForkError) -> Result {
        var result: Result?
        let start = writeLock.time.sinceBoot()
        try writers.withLock { state throws(ForkError) in
            try takeWriteLock(since: start)
            defer { releaseWriteLock() }
            result = try body(&state)
        }
        guard let result else { throw ForkError(.system, "the catalog's lock lost a result") }
        return result
    }

    /// Waits no longer than the deadline from `start` on: who stood behind other threads of this
    /// process has waited with them.
    private func takeWriteLock(since start: UInt64) throws(ForkError) {
        let waited = Int(clamping: (writeLock.time.sinceBoot() &- start) / 1_000_000)
        let left = max(0, writeLock.milliseconds - waited)
        let isTaken = try lifting { () throws(StorageError) in
            try writeLock.file.lock(
                writeLock.range, .exclusive, waiting: .atMost(milliseconds: left))
        }
        if isTaken { return }
        let holder = writeLock.file.lockHolderText(of: writeLock.range, against: .exclusive)
        throw .stands(holder, "commits", milliseconds: writeLock.milliseconds)
    }

    private func releaseWriteLock() {
        do throws(StorageError) {
            try writeLock.file.unlock(writeLock.range)
        } catch {
            // Unlocking bytes of an open file cannot fail; if it did, closing the file unlocks.
        }
    }

    // MARK: Checkpoints

    /// The commit stands whatever happens here: a failed checkpoint leaves the WAL longer. False
    /// where the connection is not to be used again.
    ///
    /// A complete checkpoint is followed by a commit that changes nothing but a counter. Only a
    /// commit begins the WAL anew on disk, and who opens the catalog next may be alone: it would
    /// find all frames there, know of no checkpoint, and append to them.
    private func checkpointInPassing(
        _ connection: CatalogConnection, _ state: inout WriterState
    ) -> Bool {
        let frameCount = connection.database.walFrameCount
        if frameCount < Self.checkpointFrameCount {
            state.checkpointAt = Self.checkpointFrameCount
        }
        guard frameCount >= state.checkpointAt else { return true }
        // Tried again later where it fails, or where a reader keeps the WAL from beginning anew.
        state.checkpointAt = frameCount + Self.checkpointFrameCount
        do throws(ForkError) {
            state.checkpointFailure = nil
            guard try connection.database.checkpoint() else { return true }
            state.checkpointCount += 1
        } catch {
            state.checkpointFailure = error
            return true
        }
        do throws(ForkError) {
            try commit({ (catalog) throws(ForkError) in try catalog.touch() }, on: connection)
        } catch {
            state.checkpointFailure = error
            return false
        }
        if connection.database.walFrameCount < Self.checkpointFrameCount {
            state.checkpointAt = Self.checkpointFrameCount
        }
        return true
    }

    /// Why the last checkpoint of this process failed; nil where it did not.
    package var checkpointFailure: ForkError? { writers.withLock { $0.checkpointFailure } }

    /// Checkpoints of this process that copied all of the WAL.
    package var checkpointCount: Int { writers.withLock { $0.checkpointCount } }

    // MARK: Connections

    private func takeConnection() throws(ForkError) -> CatalogConnection {
        if let connection = idle.withLock({ $0.popLast() }) { return connection }
        return try CatalogConnection(path: path)
    }

    private func giveBack(_ connection: CatalogConnection) {
        idle.withLock { connections in
            guard connections.count < Self.idleConnectionCountMax else { return }
            connections.append(connection)
        }
    }
}
