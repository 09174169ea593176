// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, backup. A backup's folder: found or made, locked, and copied into.
//
//   objects and journals: write ─ sync ─ link, never replacing ─ sync folder ─┐
//   index.next:           write ─ sync ─────────────────────────────────────── rename to index
//                                                                              ─ sync folder
//   only then: what no record of the new index names is removed
//
// At every instant `index` names files that are whole and durable (invariant 8).
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
        switch try look(at: fileSystem) {
        case .backup: break
        case .empty, .nameless:
            try onBackup { () throws(StorageError) in try makeFormat(fileSystem) }
        case .store:
            throw ForkError(
                .alreadyExists,
                "\(fileSystem.place) is a store, not a backup: choose another folder")
        case .other:
            throw ForkError(
                .denied,
                "\(fileSystem.place) is neither empty nor a backup: choose another folder")
        }
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
    ///
    /// Errors: `notFound` where there is none; `invalid` where it is a store; `busy`;
    /// `newerFormat`.
    static func takeToRead(_ fileSystem: any FileSystem) throws(ForkError) -> BackupFolder {
        switch try look(at: fileSystem) {
        case .backup, .nameless: break
        case .store:
            throw ForkError(
                .invalid,
                "\(fileSystem.place) is a store, not a backup: 'forkctl backup' makes a backup of"
                    + " it")
        case .empty, .other:
            throw ForkError(
                .notFound,
                "\(fileSystem.place) is no backup: name a folder that 'forkctl backup' made")
        }
        return try onBackup { () throws(StorageError) -> BackupFolder? in
            let lock: any File
            do throws(StorageError) {
                lock = try fileSystem.open(BackupLayout.lock, for: .read)
            } catch {
                guard error.isNotFound else { throw error }
                lock = try fileSystem.makeFile(BackupLayout.lock)
            }
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

    private enum Kind {
        case backup, empty, store, other
        /// A backup whose file `format` is lost: its index is whole, and says what it is.
        case nameless
    }

    private static func look(at fileSystem: any FileSystem) throws(ForkError) -> Kind {
        let line = try onBackup { () throws(StorageError) -> String? in
            guard let status = try fileSystem.status(BackupLayout.format), !status.isFolder else {
                return nil
            }
            let file = try fileSystem.open(BackupLayout.format, for: .read)
            return String(decoding: try file.readBytes(at: 0, count: 64), as: UTF8.self)
        }
        if let line, line.hasPrefix(BackupLayout.formatPrefix), line.hasSuffix("\n"),
            let version = UInt32(line.dropFirst(BackupLayout.formatPrefix.utf8.count).dropLast())
        {
            guard version <= BackupLayout.formatVersion else {
                throw ForkError(
                    .newerFormat,
                    "the backup has format version \(version), and this build reads up to"
                        + " \(BackupLayout.formatVersion): use a newer forkctl")
            }
            return .backup
        }
        if let line, line.hasPrefix(StoreLayout.formatPrefix) { return .store }
        return try onBackup { () throws(StorageError) in
            let names = try fileSystem.list(".")
            let ignored = [StoreLayout.temporary, "lost+found"]
            if names.allSatisfy({ ignored.contains($0) }) { return .empty }
            guard names.contains(BackupLayout.index) else { return .other }
            do throws(StorageError) {
                return try BackupIndexReader(in: fileSystem) == nil ? .other : .nameless
            } catch {
                guard error.isDamage else { throw error }
                return .other
            }
        }
    }

    /// Names a folder a backup's, at once and for good.
    private static func makeFormat(_ fileSystem: any FileSystem) throws(StorageError) {
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
            // What stands there says nothing.
            try fileSystem.remove(BackupLayout.format)
            try fileSystem.link(file, at: BackupLayout.format)
        }
        try fileSystem.syncFolder(".")
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
    enum Finding {
        case whole(byteCount: UInt64)
        case damaged, missing
    }

    /// Reads an object that may be there, past what the system holds of it in memory, and compares
    /// its address. `isDurable`: an index names it; else a backup that was cut short left it, or
    /// nobody knows who, and it is synced first.
    func look(at object: ObjectID, isDurable: Bool) throws(ForkError) -> Finding {
        do throws(ForkError) {
            if !isDurable {
                try onBackup { () throws(StorageError) in
                    try fileSystem.open(object.path, for: .read).sync()
                    try fileSystem.syncFolder(ObjectFolder(of: object.address).path)
                }
            }
            let source = try onBackup { () throws(StorageError) in try backend.open(object) }
            source.dropCache()
            let address = try source.readAddress(reading: { .onBackup($0) })
            return address == object.address ? .whole(byteCount: source.byteCount) : .damaged
        } catch {
            guard let below = error.underlying else { throw error }
            if below.isNotFound { return .missing }
            guard below.isDamage || below.isInputOutput else { throw error }
            return .damaged
        }
    }

    /// Whether a journal's first bytes are there with this checksum.
    func has(
        _ journal: BackedUpJournal, _ checksum: ObjectAddress
    ) throws(ForkError) -> Bool {
        do throws(StorageError) {
            let file = try fileSystem.open(journal.path, for: .read)
            file.dropCache()
            var hasher = ObjectHasher()
            _ = try file.readChunks(upTo: journal.byteEnd) { hasher.update($0) }
            let byteCount = try file.byteCount()
            return hasher.address() == checksum && byteCount == journal.byteEnd
        } catch {
            guard !error.isNotFound, !error.isInputOutput else { return false }
            throw .onBackup(error)
        }
    }

    func status(_ path: String) throws(ForkError) -> FileStatus? {
        try onBackup { () throws(StorageError) in try fileSystem.status(path) }
    }

    /// Makes the next index, which is durable, the one that counts.
    func placeIndex(keepingFormer: Bool) throws(StorageError) {
        if keepingFormer {
            try fileSystem.rename(
                BackupLayout.index, to: BackupLayout.damagedIndex, replacing: true)
        }
        try fileSystem.rename(BackupLayout.nextIndex, to: BackupLayout.index, replacing: true)
        try fileSystem.syncFolder(".")
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
                // A backup that was cut short left it, or it is not what the index says.
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
    /// The folder, for sentences.
    var place: String { (self as? RealFileSystem).map { "'\($0.rootPath)'" } ?? "the folder" }

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
