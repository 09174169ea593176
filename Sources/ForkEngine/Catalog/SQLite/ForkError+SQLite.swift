// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, catalog, SQLite. What SQLite's result codes mean to the engine.
internal import CSQLite
internal import Glibc
internal import SegmentStore

extension ForkError {
    /// - Parameters:
    ///   - code: the extended result code.
    ///   - systemError: the errno of the call that failed; 0 where none did.
    ///   - reason: SQLite's own sentence.
    init(sqlite code: Int32, systemError: Int32, reason: String, path: String) {
        let primary = code & 0xff
        let isSystemFailure = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN
        switch primary {
        case SQLITE_CORRUPT, SQLITE_NOTADB:
            self.init(StorageError.damaged(.init(path: path, offset: nil, reason: reason)))
        case SQLITE_FULL:
            self.init(
                StorageError.fileSystem(.init(operation: "write", path: path, code: ENOSPC)))
        case SQLITE_CANTOPEN where systemError == ENOENT:
            self.init(
                .notFound, "there is no \(path): run 'forkctl init', or say where the store is")
        case _ where isSystemFailure && systemError != 0:
            self.init(
                StorageError.fileSystem(
                    .init(operation: Self.operation(code), path: path, code: systemError)))
        case SQLITE_BUSY, SQLITE_LOCKED:
            self.init(.busy, "\(path) is held by another process: try again")
        case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH, SQLITE_CANTOPEN:
            self.init(
                .denied,
                "\(path) cannot be opened for writing (\(reason)): forkctl needs a store"
                    + " it can write; copy it first")
        case SQLITE_TOOBIG:
            self.init(.tooLarge, "a row of \(path) is too large: \(reason)")
        default:
            self.init(.system, "\(path) failed: \(reason) (SQLite code \(code))")
        }
    }

    private static func operation(_ code: Int32) -> String {
        switch code {
        case SQLITE_IOERR | (1 << 8), SQLITE_IOERR | (2 << 8): "read"
        case SQLITE_IOERR | (3 << 8): "write"
        case SQLITE_IOERR | (4 << 8), SQLITE_IOERR | (5 << 8): "sync"
        case _ where code & 0xff == SQLITE_CANTOPEN: "open"
        default: "access"
        }
    }
}
