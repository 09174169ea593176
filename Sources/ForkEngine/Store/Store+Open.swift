// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, store. A store on this machine's disk: found, checked, opened, made.
import Glibc
import SegmentStore

extension Store {
    /// Opens the store in the folder `path`, which is the store itself or holds `.forkctl`.
    ///
    /// Errors: `notFound`; `denied` where the folder is read-only or its file system is not one
    /// of those allowed (rule 15); `newerFormat`; `damaged`.
    public static func open(at path: String) throws(ForkError) -> Store {
        let folder = try storeFolder(path)
        let fileSystem = try lifting { () throws(StorageError) in
            try RealFileSystem(path: folder)
        }
        let volume = try checkVolume(fileSystem, folder)
        try checkFormat(fileSystem, folder)
        try checkParts(fileSystem, folder)
        let locks = StoreLocks(fileSystem: fileSystem)
        let catalog = try SQLiteCatalog(
            openAt: "\(folder)/\(StoreLayout.catalog)",
            writeLock: SQLiteCatalog.WriteLock(
                file: try locks.openFile(), range: StoreLocks.catalog))
        return try Store(
            environment: StoreEnvironment(
                fileSystem: fileSystem, catalog: catalog, time: SystemTime(),
                entropy: SystemEntropy(), background: ThreadRunner(),
                holder: LiveHolder.thisProcess(),
                isNewNameKeptBySync: ["ext4", "xfs", "btrfs"].contains(volume.name)))
    }

    /// The store's folder for a path that names it or what holds it.
    private static func storeFolder(_ path: String) throws(ForkError) -> String {
        for candidate in [path, "\(path)/\(StoreLayout.folder)"] {
            if access("\(candidate)/\(StoreLayout.format)", F_OK) == 0 { return candidate }
            // Only what is known to be missing is missing.
            let code = errno
            guard [ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG].contains(code) else {
                let failure = StorageError.FileSystemFailure(
                    operation: "open", path: candidate, code: code)
                throw ForkError(.fileSystem(failure))
            }
        }
        throw ForkError(
            .notFound, "there is no store at '\(path)': make one with 'forkctl init'")
    }

    @discardableResult
    private static func checkVolume(
        _ fileSystem: RealFileSystem, _ folder: String
    ) throws(ForkError) -> Volume {
        let volume = try lifting { () throws(StorageError) in try fileSystem.volume() }
        guard volume.isSupported else {
            throw ForkError(
                .denied,
                "'\(folder)' lies on \(volume.name), where locks and syncs are not to be relied"
                    + " on: keep the store on ext4, xfs, btrfs, tmpfs or overlay")
        }
        // Root may write anywhere but on a read-only mount.
        guard !volume.isReadOnly, access(folder, W_OK) == 0 else {
            throw ForkError(
                .denied, "the store '\(folder)' is read-only: copy it, and open the copy")
        }
        return volume
    }

    private static func checkFormat(
        _ fileSystem: RealFileSystem, _ folder: String
    ) throws(ForkError) {
        let line = try lifting { () throws(StorageError) -> String in
            let file = try fileSystem.open(StoreLayout.format, for: .read)
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 1)
            defer { buffer.deallocate() }
            return String(
                decoding: buffer.prefix(try file.read(into: buffer, at: 0)), as: UTF8.self)
        }
        guard !line.hasPrefix(BackupLayout.formatPrefix) else {
            throw ForkError(
                .invalid,
                "'\(folder)' is a backup, not a store: 'forkctl restore' makes a store of it")
        }
        let prefix = StoreLayout.formatPrefix
        guard line.hasPrefix(prefix), line.hasSuffix("\n"),
            let version = UInt32(line.dropFirst(prefix.utf8.count).dropLast())
        else {
            throw ForkError(
                .damaged,
                "'\(folder)/\(StoreLayout.format)' does not say what a store's does: write the line"
                    + " '\(StoreLayout.formatLine.dropLast())' into it")
        }
        guard version <= StoreLayout.formatVersion else {
            throw ForkError(
                .newerFormat,
                "the store '\(folder)' has format version \(version), and this build reads up to"
                    + " \(StoreLayout.formatVersion): use a newer forkctl")
        }
    }

    /// A store that has lost a file is damaged: to make another would be to forget what it said.
    private static func checkParts(
        _ fileSystem: RealFileSystem, _ folder: String
    ) throws(ForkError) {
        for name in [StoreLayout.catalog, StoreLayout.locks, StoreLayout.live, StoreLayout.clock] {
            let status = try lifting { () throws(StorageError) in try fileSystem.status(name) }
            guard status == nil else { continue }
            let remedy =
                name == StoreLayout.catalog
                ? "put it back, or make the store anew with 'forkctl restore' from a backup"
                : "stop all who use the store; then 'forkctl repair' makes it again"
            throw ForkError(
                .damaged, "the store '\(folder)' has lost its file '\(name)': \(remedy)")
        }
    }

    /// Makes an empty store, with its fork `main`, as `.forkctl` in the folder `path`, which is made
    /// where it is missing. Built aside and renamed into place; left-overs of a broken init are
    /// removed first.
    ///
    /// Errors: `alreadyExists` where a store is there, or around; `denied` where something else is;
    /// `notFound` where the folder that is to hold `path` is missing; `invalid` where `path` is
    /// empty or a file.
    public static func initialize(at path: String) throws(ForkError) -> Store {
        try make(at: path) { (fileSystem, makeCatalog) throws(ForkError) in
            try layOut(
                in: fileSystem, time: SystemTime(), entropy: SystemEntropy(),
                makeCatalog: makeCatalog)
        }
        return try open(at: path)
    }

    /// Makes a store of the backup in the folder `backup`, as `.forkctl` in the folder `path`, as
    /// `initialize` makes an empty one: built aside and renamed into place, so that a restore that
    /// fails leaves nothing.
    ///
    /// It is another store than the one that was backed up: both may go on. `acceptsDamage`: damaged
    /// files of the backup are taken as they are, and told in the report: `repair` is to follow.
    ///
    /// Errors: as of `initialize`, and `damaged` where any file of the backup is not what was
    /// written.
    public static func restore(
        from backup: String, at path: String, acceptsDamage: Bool = false,
        progress: (BackupProgress) -> Void = { _ in }
    ) throws(ForkError) -> BackupReport {
        let source: RealFileSystem
        do throws(StorageError) {
            source = try RealFileSystem(path: backup)
        } catch {
            guard error.isNotFound || error.isNoFile else { throw ForkError(error) }
            throw ForkError(
                error.isNotFound ? .notFound : .invalid,
                "there is no folder '\(backup)': name a backup's folder")
        }
        var report = BackupReport()
        try make(at: path) { (fileSystem, makeCatalog) throws(ForkError) in
            report = try restore(
                from: source, into: fileSystem, entropy: SystemEntropy(),
                acceptsDamage: acceptsDamage, progress: progress, makeCatalog: makeCatalog)
        }
        return report
    }

    private typealias CatalogMaker = (StoreRecord) throws(ForkError) -> any Catalog

    /// Makes a store in `path`, laid out by `layOut` in a folder aside.
    private static func make(
        at path: String, _ layOut: (RealFileSystem, CatalogMaker) throws(ForkError) -> Void
    ) throws(ForkError) {
        try StorePlace.check(path, for: .store)
        try StorePlace.withFolder(path) { (parent) throws(ForkError) in
            try checkVolume(parent, path)
            try lifting { () throws(StorageError) in try parent.removeBrokenInits() }
            guard try lifting({ () throws(StorageError) in try parent.isFreeForStore() }) else {
                throw try occupied(parent, path)
            }
            let aside = "\(StoreLayout.folder).init-\(getpid())"
            try lifting { () throws(StorageError) in try parent.createFolder(aside) }
            do throws(ForkError) {
                try build(aside, in: parent, path, layOut)
            } catch {
                // A full disk, most likely: what was laid out so far would keep it full. Where it
                // cannot be removed the next init tries again; the first error is the one to tell.
                do throws(StorageError) { try parent.removeTree(aside) } catch {}
                throw error
            }
        }
    }

    /// Lays a store out in the folder `aside`, and moves it to its place.
    private static func build(
        _ aside: String, in parent: RealFileSystem, _ path: String,
        _ layOut: (RealFileSystem, CatalogMaker) throws(ForkError) -> Void
    ) throws(ForkError) {
        let fileSystem = try lifting { () throws(StorageError) in
            try RealFileSystem(path: "\(path)/\(aside)")
        }
        try layOut(fileSystem) { (record) throws(ForkError) in
            try SQLiteCatalog.create(
                at: "\(path)/\(aside)/\(StoreLayout.catalog)",
                writeLock: SQLiteCatalog.WriteLock(
                    file: try StoreLocks(fileSystem: fileSystem).openFile(),
                    range: StoreLocks.catalog),
                store: record)
        }
        do throws(StorageError) {
            // An empty folder is taken. One that is not empty any more stays.
            if try parent.status(StoreLayout.folder) != nil {
                try parent.removeFolder(StoreLayout.folder)
            }
            try parent.rename(aside, to: StoreLayout.folder, replacing: false)
            try parent.syncFolder(".")
        } catch {
            if error.isAlreadyThere || error.isNotEmpty { throw try occupied(parent, path) }
            throw ForkError(error)
        }
    }

    private static func occupied(
        _ parent: RealFileSystem, _ path: String
    ) throws(ForkError) -> ForkError {
        let isStore = try lifting { () throws(StorageError) in
            try parent.status("\(StoreLayout.folder)/\(StoreLayout.format)") != nil
        }
        return isStore
            ? ForkError(
                .alreadyExists, "'\(path)' has a store already: use it, or choose another folder")
            : ForkError(
                .denied,
                "'\(path)/\(StoreLayout.folder)' is neither empty nor a store: move it away first")
    }
}

extension StorageError {
    /// What was to be removed is a folder with something in it, or no folder.
    fileprivate var isNotEmpty: Bool {
        guard case .fileSystem(let failure) = self else { return false }
        return failure.code == ENOTEMPTY || failure.code == ENOTDIR
    }
}

extension RealFileSystem {
    /// Whether nothing, or an empty folder, is where the store is to lie.
    fileprivate func isFreeForStore() throws(StorageError) -> Bool {
        guard let there = try status(StoreLayout.folder) else { return true }
        guard there.isFolder else { return false }
        return try list(StoreLayout.folder).isEmpty
    }

    /// Removes what an init that was cut short left beside the store: folders of processes that
    /// are gone.
    fileprivate func removeBrokenInits() throws(StorageError) {
        let prefix = "\(StoreLayout.folder).init-"
        for name in try list(".") where name.hasPrefix(prefix) {
            // Our own number was another's before: nobody inits twice at once in one process.
            guard let process = Int32(name.dropFirst(prefix.utf8.count)),
                process == getpid() || (kill(process, 0) != 0 && errno == ESRCH)
            else { continue }
            try removeTree(name)
        }
    }

    fileprivate func removeTree(_ path: String) throws(StorageError) {
        for name in try list(path) {
            let child = "\(path)/\(name)"
            if try status(child)?.isFolder == true {
                try removeTree(child)
            } else {
                try remove(child)
            }
        }
        try removeFolder(path)
    }
}
