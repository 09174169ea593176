// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, store. What lies in a store's folders.
import Glibc
import SegmentStore

/// The files of a store, by what their names say they are.
struct StoreListing {
    var objects: [ObjectID] = []
    /// What a crash left of an object that was being replaced.
    var leftovers: [String] = []
    var journals: [JournalID] = []
    /// What killed processes left in `temporary/`.
    var temporaries: [String] = []
    /// What living processes are making there.
    var liveTemporaries: [String] = []
    var pins: [ListedPin] = []
    /// Names at the top that a store has once: catalog, locks and such.
    var others: [String] = []
    /// What repairs set aside.
    var quarantined: [String] = []
    /// Paths that no store makes.
    var foreign: [String] = []
    /// Folders that every store has, and this one has lost, or has something else in the place of.
    var missingFolders: [String] = []

    struct ListedPin {
        let path: String
        /// Whether a reader holds it.
        let isLive: Bool
    }
}

extension StoreListing {
    /// The names in a folder that every store has; none where it is missing, which is noted.
    fileprivate mutating func names(
        in folder: String, _ fileSystem: any FileSystem
    ) throws(StorageError) -> [String] {
        try unlessMissing(folder) { () throws(StorageError) in try fileSystem.list(folder) } ?? []
    }

    fileprivate mutating func unlessMissing<Answer>(
        _ folder: String, _ list: () throws(StorageError) -> Answer
    ) throws(StorageError) -> Answer? {
        do throws(StorageError) {
            return try list()
        } catch {
            guard error.isNotFound || error.isNoFolder else { throw error }
            missingFolders.append(folder)
            return nil
        }
    }

    /// Those that do not lie in another that is missing.
    var outermostMissingFolders: [String] {
        let isEveryObjectLost = missingFolders.contains(ObjectFolder.root)
        return missingFolders.filter {
            !isEveryObjectLost || !$0.hasPrefix("\(ObjectFolder.root)/")
        }
    }

    /// What is to be said of a folder that is missing.
    static func damage(ofMissing folder: String) -> StorageError {
        .damaged(.init(path: folder, offset: nil, reason: "the folder is missing"))
    }
}

extension Store {
    func listFiles() throws(ForkError) -> StoreListing {
        try lifting { () throws(StorageError) in
            var listing = StoreListing()
            for folder in ObjectFolder.all {
                let found = try listing.unlessMissing(folder.path) { () throws(StorageError) in
                    try segments.objects.list(folder)
                }
                guard let content = found else { continue }
                listing.objects.append(contentsOf: content.objects)
                listing.leftovers.append(contentsOf: content.leftovers)
                listing.foreign.append(contentsOf: content.foreign)
            }
            for name in try listing.names(in: StoreLayout.journals, fileSystem) {
                if let journal = JournalID(fileName: name) {
                    listing.journals.append(journal)
                } else {
                    listing.foreign.append("\(StoreLayout.journals)/\(name)")
                }
            }
            listing.temporaries = try TemporaryFiles.sweep(fileSystem, removing: false)
            for name in try fileSystem.list(".") {
                switch name {
                case StoreLayout.objects, StoreLayout.journals, StoreLayout.pins,
                    StoreLayout.temporary, StoreLayout.quarantine:
                    continue
                case _ where StoreLayout.names.contains(name): listing.others.append(name)
                default: listing.foreign.append(name)
                }
            }
            return listing
        }
    }

    private func listLiveTemporaries(_ listing: inout StoreListing) throws(StorageError) {
        guard try fileSystem.status(StoreLayout.temporary)?.isFolder ?? false else { return }
        let abandoned = Set(listing.temporaries)
        for name in try fileSystem.list(StoreLayout.temporary) {
            let path = "\(StoreLayout.temporary)/\(name)"
            if !abandoned.contains(path) { listing.liveTemporaries.append(path) }
        }
    }

    /// All files of a store, with the pins, each asked whether its reader lives.
    func listFilesAndPins() throws(ForkError) -> StoreListing {
        var listing = try listFiles()
        try lifting { () throws(StorageError) in
            for name in try listing.names(in: ObjectFolder.root, fileSystem)
            where !ObjectFolder.isName(name) {
                listing.foreign.append("\(ObjectFolder.root)/\(name)")
            }
            try listLiveTemporaries(&listing)
            listing.quarantined = try Quarantine(fileSystem: fileSystem).names().map { name in
                "\(StoreLayout.quarantine)/\(name)"
            }
            for name in try listing.names(in: StoreLayout.pins, fileSystem) {
                let path = "\(StoreLayout.pins)/\(name)"
                if let isLive = try isHeld(path) {
                    listing.pins.append(.init(path: path, isLive: isLive))
                } else {
                    listing.foreign.append(path)
                }
            }
        }
        return listing
    }

    /// Whether the reader of a pin lives; nil where it is no regular file, and so no pin. Shared and
    /// at once, so that nobody waits for it: a reader locks its pin before it writes there, and a
    /// collector that meets this takes the pin for live.
    private func isHeld(_ path: String) throws(StorageError) -> Bool? {
        if try fileSystem.status(path)?.isFolder ?? false { return nil }
        do throws(StorageError) {
            let file = try fileSystem.open(path, for: .read)
            return try !file.lock(Pins.lockedByte, .shared, waiting: .never)
        } catch {
            if error.isNotFound { return false }
            // A link or a pipe.
            guard let code = error.errno, [ELOOP, EINVAL, ENXIO].contains(code) else { throw error }
            return nil
        }
    }
}
