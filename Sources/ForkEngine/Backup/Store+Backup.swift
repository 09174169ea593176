// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, backup. Copies all that forks show at one moment, while others write; why so:
// docs/decisions/backup.md.
package import SegmentStore

extension Store {
    /// Copies the store into the folder `path`, which is new, empty, or holds an earlier backup of
    /// this store, of which then only what is new is copied. Others create, append, flush and drop
    /// meanwhile; only a collection has to wait.
    ///
    /// All forks are of one moment, at or after the call. At every instant the folder holds the
    /// earlier backup or this one, whole. What is there already is read and checked, and what is
    /// not as it was written is copied anew: O(bytes of the backup) reads. Memory: 60 bytes an
    /// object.
    ///
    /// Errors: `damaged` where anything that a fork reaches is not as it was written, and no repair
    /// knows it to be lost: then the backup before is untouched; `busy` where a collection or
    /// another backup runs; `denied`, `alreadyExists` and `invalid` where the folder is something
    /// else, or lies where none may; `noSpace`.
    public func backUp(
        to path: String, progress: (BackupProgress) -> Void = { _ in }
    ) throws(ForkError) -> BackupReport {
        try StorePlace.check(path, for: .backup)
        if let own = fileSystem as? RealFileSystem,
            try StorePlace.lies(own.rootPath, inside: path)
        {
            throw ForkError(
                .invalid,
                "the store lies inside of '\(path)': choose a folder that does not hold it")
        }
        return try StorePlace.withFolder(path) { (target) throws(ForkError) in
            try backUp(into: target, progress: progress)
        }
    }

    /// The same, into any folder.
    package func backUp(
        into target: any FileSystem, progress: (BackupProgress) -> Void = { _ in }
    ) throws(ForkError) -> BackupReport {
        guard let lock = try locks.takeCollector() else {
            throw try locks.collectorIsHeld()
        }
        defer { lock.release() }
        var backup = Backup(store: self, folder: try BackupFolder.take(target))
        return try backup.run(progress)
    }
}
