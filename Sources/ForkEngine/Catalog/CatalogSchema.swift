// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, catalog. The tables, and every statement that is run on them.
//
// One index (names), so that a changed fork is two or three pages of the WAL. Numbers of 64 bits
// without sign are stored as SQLite's signed ones, bit for bit: above `Int64.max` they are negative.

/// The tables of the catalog, as `docs/format/catalog.md` shows them.
enum CatalogSchema {
    /// The version of the catalog and of everything that it names.
    static let formatVersion: UInt32 = 1

    /// A commit writes each page it changed to the WAL: half of 4 KiB is half the bytes, with as
    /// many a fork in the file; a quarter makes the file larger (docs/decisions/0002).
    static let pageByteCount = 2048

    static let tables = """
        CREATE TABLE store(
            id INTEGER PRIMARY KEY CHECK (id = 1),
            format_version INTEGER NOT NULL,
            store_id BLOB NOT NULL,
            seed INTEGER NOT NULL,
            created INTEGER NOT NULL,
            next_fork INTEGER NOT NULL,
            next_overlay INTEGER NOT NULL,
            next_epoch INTEGER NOT NULL,
            fork_count INTEGER NOT NULL,
            touches INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE forks(
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            parent INTEGER,
            generation INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            snapshot BLOB NOT NULL,
            live_overlay INTEGER NOT NULL,
            live_number INTEGER NOT NULL,
            base INTEGER NOT NULL,
            base_logical_bytes INTEGER NOT NULL,
            created INTEGER NOT NULL,
            expires INTEGER,
            labels BLOB NOT NULL
        ) STRICT;
        CREATE TABLE overlays(
            id INTEGER PRIMARY KEY,
            below INTEGER,
            base INTEGER NOT NULL,
            owner INTEGER NOT NULL,
            depth INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE revived(
            address BLOB NOT NULL,
            kind INTEGER NOT NULL,
            PRIMARY KEY (address, kind)
        ) STRICT, WITHOUT ROWID;
        """
}

/// The statements that a connection keeps prepared.
enum CatalogStatement: Int, CaseIterable {
    case begin, beginWriting, commit, rollBack
    case readStore, insertStore, updateCounters
    case forkState, forkIDByName, forkByID, forkByName, forksBetween, snapshotsNaming, insertFork
    case updateFork, renameFork, removeFork
    case overlayByID, greatestBaseAbove, overlaysBetween, insertOverlay, removeOverlay
    case isRevived, revive, forgetRevived

    private static let forkColumns = """
        id, name, parent, generation, epoch, snapshot, live_overlay, live_number, base,
        base_logical_bytes, created, expires, labels
        """

    private static let overlayColumns = "id, below, base, owner, depth"

    var sql: String {
        switch self {
        case .begin: "BEGIN"
        case .beginWriting: "BEGIN IMMEDIATE"
        case .commit: "COMMIT"
        case .rollBack: "ROLLBACK"

        case .readStore:
            """
            SELECT format_version, store_id, seed, created, next_fork, next_overlay, next_epoch,
                fork_count, touches FROM store WHERE id = 1
            """
        case .insertStore:
            """
            INSERT INTO store(id, format_version, store_id, seed, created, next_fork,
                next_overlay, next_epoch, fork_count, touches)
                VALUES (1, ?, ?, ?, ?, 1, 1, 1, 0, 0)
            """
        case .updateCounters:
            """
            UPDATE store SET next_fork = ?, next_overlay = ?, next_epoch = ?, fork_count = ?,
                touches = ? WHERE id = 1
            """

        case .forkState: "SELECT generation, name FROM forks WHERE id = ?"
        case .forkIDByName: "SELECT id FROM forks WHERE name = ?"
        case .forkByID: "SELECT \(Self.forkColumns) FROM forks WHERE id = ?"
        case .forkByName: "SELECT \(Self.forkColumns) FROM forks WHERE name = ?"
        case .forksBetween:
            """
            SELECT \(Self.forkColumns) FROM forks WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?
            """
        case .snapshotsNaming:
            "SELECT snapshot FROM forks WHERE instr(snapshot, ?) > 0"
        case .insertFork:
            "INSERT INTO forks(\(Self.forkColumns)) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)"
        case .updateFork:
            """
            UPDATE forks SET parent = ?3, generation = ?4, epoch = ?5, snapshot = ?6,
                live_overlay = ?7, live_number = ?8, base = ?9, base_logical_bytes = ?10,
                created = ?11, expires = ?12, labels = ?13 WHERE id = ?1
            """
        case .renameFork: "UPDATE forks SET name = ?2 WHERE id = ?1"
        case .removeFork: "DELETE FROM forks WHERE id = ?"

        case .overlayByID: "SELECT \(Self.overlayColumns) FROM overlays WHERE id = ?"
        case .greatestBaseAbove:
            // Of numbers without sign those below zero are the greater ones.
            """
            SELECT base FROM overlays WHERE below = ? ORDER BY base < 0 DESC, base DESC LIMIT 1
            """
        case .overlaysBetween:
            """
            SELECT \(Self.overlayColumns) FROM overlays WHERE id BETWEEN ? AND ? ORDER BY id
                LIMIT ?
            """
        case .insertOverlay: "INSERT INTO overlays(\(Self.overlayColumns)) VALUES (?,?,?,?,?)"
        case .removeOverlay: "DELETE FROM overlays WHERE id = ?"

        case .isRevived: "SELECT 1 FROM revived WHERE address = ? AND kind = ?"
        case .revive: "INSERT OR IGNORE INTO revived(address, kind) VALUES (?, ?)"
        case .forgetRevived: "DELETE FROM revived"
        }
    }
}
