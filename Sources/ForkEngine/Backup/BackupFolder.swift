// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, backup. A backup's folder: found or made, locked, and copied into.
//
//   objects and journals: write ─ sync ─ link, never replacing ─ sync folder ─┐
//   index.next:           write ─ sync ─────────────────────────────────────── rename to index
//                                                                              ─ sync folder
//   only then: what no record of the new index names is removed
//
// At every instant `index` names files that are whole and durable (invariant 8).
import Glibc
import SegmentStore

struct BackupFolder {
    let fileSystem: any FileSystem
    let backend: FileObjectBackend
    /// Held as long as this lives.
    private let lock: any File

    /// Takes a folder that is empty, or a backup's, for writing.
    ///
    /// Errors: `denied` where it is something else; `alreadyExists` where it is a store; `busy`
    /// where another backup or restore uses it; `newerFormat`.
    static func take(_ fileSystem: any FileSystem) throws(ForkError) -> BackupFolder {
        try onBackup { () throws(StorageError) in try makeFormat(fileSystem) }
        try checkFormat(fileSystem)
        return try onBackup { () throws(StorageError) -> BackupFolder? in
            try FileObjectBackend.makeFolders(in: fileSystem)
            try fileSystem.makeFolder(JournalFormat.folder)
            let lock = try fileSystem.makeFile(BackupLayout.lock)
            try fileSystem.syncFolder(".")
            guard try lock.lock(BackupLayout.lockedByte, .exclusive, waiting: .never) else {
                return nil
            }
            return BackupFolder(fileSystem, lock)
        }.orBusy()
    }

    /// Takes a backup for reading.
    static func takeToRead(_ fileSystem: any FileSystem) throws(ForkError) -> BackupFolder {
        try checkFormat(fileSystem)
        return try onBackup { () throws(StorageError) -> BackupFolder? in
            let lock = try fileSystem.open(BackupLayout.lock, for: .read)
            guard try lock.lock(BackupLayout.lockedByte, .shared, waiting: .never) else {
                return nil
            }
            return BackupFolder(fileSystem, lock)
        }.orBusy()
    }

    private init(_ fileSystem: any FileSystem, _ lock: any File) {
        self.fileSystem = fileSystem
        self.lock = lock
        backend = FileObjectBackend(fileSystem: fileSystem)
    }

    /// Names an empty folder a backup's, at once and for good.
    private static func makeFormat(_ fileSystem: any FileSystem) throws(StorageError) {
        let names = try fileSystem.list(".")
        guard names.allSatisfy({ [StoreLayout.temporary, "lost+found"].contains($0) }) else {
            return
        }
        let file = try fileSystem.createTemporary(in: ".")
        let line = Array(BackupLayout.formatLine.utf8)
        try line.span.withUnsafeBytes { (line) throws(StorageError) in
            try file.write(line, at: 0)
        }
        try file.sync()
        do throws(StorageError) {
            try fileSystem.link(file, at: BackupLayout.format)
        } catch {
            guard error.isAlreadyThere else { throw error }
        }
        try fileSystem.syncFolder(".")
    }

    private static func checkFormat(_ fileSystem: any FileSystem) throws(ForkError) {
        let line = try onBackup { () throws(StorageError) -> String? in
            guard let status = try fileSystem.status(BackupLayout.format), !status.isFolder else {
                return nil
            }
            let file = try fileSystem.open(BackupLayout.format, for: .read)
            return String(decoding: try file.readBytes(at: 0, count: 64), as: UTF8.self)
        }
        guard let line, line.hasPrefix("forkctl ") else {
            throw ForkError(
                .denied, "the folder is neither empty nor a backup: choose another folder")
        }
        guard line.hasPrefix(BackupLayout.formatPrefix), line.hasSuffix("\n"),
            let version = UInt32(line.dropFirst(BackupLayout.formatPrefix.utf8.count).dropLast())
        else {
            throw ForkError(
                .alreadyExists, "the folder is a store, not a backup: choose another folder")
        }
        guard version <= BackupLayout.formatVersion else {
            throw ForkError(
                .newerFormat,
                "the backup has format version \(version), and this build reads up to"
                    + " \(BackupLayout.formatVersion): use a newer forkctl")
        }
    }
}

extension Optional<BackupFolder> {
    fileprivate func orBusy() throws(ForkError) -> BackupFolder {
        guard let self else {
            throw ForkError(
                .busy, "another process makes or reads this backup: wait until it is done")
        }
        return self
    }
}

// MARK: Copying

extension BackupFolder {
    /// Copies an object, whose address is compared on the way.
    func copy(
        _ object: ObjectID, from source: any ObjectBackend
    ) throws(ForkError) -> UInt64 {
        try object.copy(
            from: { () throws(ForkError) in
                try lifting { () throws(StorageError) in try source.open(object) }
            }, reading: { ForkError($0) }, to: backend, writing: { .onBackup($0) })
    }

    /// Copies the first bytes of a journal to a file of their own, and gives their checksum.
    func copy(
        _ journal: BackedUpJournal, from source: any FileSystem
    ) throws(ForkError) -> ObjectAddress {
        let file = try onBackup { () throws(StorageError) in
            try fileSystem.createTemporary(in: JournalFormat.folder)
        }
        let checksum = try journal.copy(
            from: journal.journal.path, in: source, reading: { ForkError($0) }, to: file,
            writing: { .onBackup($0) })
        try onBackup { () throws(StorageError) in
            do throws(StorageError) {
                try fileSystem.link(file, at: journal.path)
            } catch {
                // A backup that was cut short left it, and no index names it.
                guard error.isAlreadyThere else { throw error }
                try fileSystem.remove(journal.path)
                try fileSystem.link(file, at: journal.path)
            }
        }
        return checksum
    }

    /// Removes what `objects` and `journals` do not name. What fails to go now goes next time.
    func prune(
        keeping objects: Set<ObjectID>, _ journals: Set<String>
    ) throws(StorageError) -> Int {
        var count = 0
        for folder in ObjectFolder.all {
            let listing = try backend.list(folder)
            for object in listing.objects where !objects.contains(object) {
                if try backend.remove(object) { count += 1 }
            }
            for path in listing.leftovers {
                try backend.removeLeftover(path)
                count += 1
            }
        }
        for name in try fileSystem.list(JournalFormat.folder) {
            let path = "\(JournalFormat.folder)/\(name)"
            if journals.contains(path) { continue }
            try fileSystem.remove(path)
            count += 1
        }
        return count + (try TemporaryFiles.sweep(fileSystem)).count
    }
}

extension FileSystem {
    /// A folder that may be there already.
    func makeFolder(_ path: String) throws(StorageError) {
        do throws(StorageError) {
            try createFolder(path)
        } catch {
            guard error.isAlreadyThere else { throw error }
        }
    }

    /// A file that may be there already, for reading and writing.
    func makeFile(_ path: String) throws(StorageError) -> any File {
        do throws(StorageError) {
            return try create(path)
        } catch {
            guard error.isAlreadyThere else { throw error }
            return try open(path, for: .readWrite)
        }
    }
}
