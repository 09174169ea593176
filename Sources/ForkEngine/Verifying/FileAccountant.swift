// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, verifying. Accounts for every file in a store's folder, by what reaches it.
import SegmentStore

/// Counts files by class. What vanished since it was listed is not counted.
struct FileAccountant {
    let store: Store
    private(set) var accounts = FileClass.allCases.map {
        FileAccount(fileClass: $0, count: 0, byteCount: 0)
    }
    /// Files and folders that no store makes, sorted; what a folder holds is counted, not named.
    private(set) var unknownPaths: [String] = []

    /// Paths of unknown files that are named at most: memory is bounded.
    static let unknownPathCountMax = 1_000

    init(store: Store) { self.store = store }

    /// What a verification found to be in use.
    struct Use {
        var objects: Set<ObjectID> = []
        var journals: Set<JournalID> = []
        /// Whether that is all there is: nothing hid what a fork reaches.
        var isComplete = true
    }

    /// Counts all that `listing` names.
    mutating func count(_ listing: StoreListing, _ use: Use) throws(StorageError) {
        for object in listing.objects {
            let unreached: FileClass = use.isComplete ? .garbageObject : .hiddenObject
            try count(object.path, use.objects.contains(object) ? .reachableObject : unreached)
        }
        for journal in listing.journals {
            let isUsed = use.journals.contains(journal)
            try count(journal.path, isUsed ? .pendingJournal : .garbageJournal)
        }
        for path in listing.leftovers + listing.temporaries { try count(path, .leftover) }
        for path in listing.liveTemporaries { try count(path, .temporary) }
        for path in listing.quarantined { try count(path, .quarantined) }
        for pin in listing.pins { try count(pin.path, pin.isLive ? .livePin : .deadPin) }
        for path in listing.foreign { try countUnknown(path) }
        for name in listing.others { try count(name, Self.fileClass(of: name)) }
        unknownPaths.sort()
    }

    func count(of fileClasses: FileClass...) -> Int {
        accounts.reduce(0) { $0 + (fileClasses.contains($1.fileClass) ? Int($1.count) : 0) }
    }

    /// The class of a file at the store's top.
    private static func fileClass(of name: String) -> FileClass {
        switch name {
        case StoreLayout.format: .format
        case StoreLayout.reserve: .reserve
        case StoreLayout.scrub, StoreLayout.nextScrub: .scrub
        case StoreLayout.locks, StoreLayout.live, StoreLayout.clock: .lock
        case StoreLayout.catalog, StoreLayout.catalogLog, StoreLayout.catalogIndex: .catalog
        default: .unknown
        }
    }

    private mutating func count(_ path: String, _ fileClass: FileClass) throws(StorageError) {
        guard let status = try store.fileSystem.status(path) else { return }
        // No store gives a folder the name of a file.
        if status.isFolder { return try countUnknown(path) }
        add(fileClass, status.byteCount)
    }

    private mutating func countUnknown(_ path: String) throws(StorageError) {
        if unknownPaths.count < Self.unknownPathCountMax { unknownPaths.append(path) }
        var waiting = [path]
        while let path = waiting.popLast() {
            // A name that is not UTF-8 is not found by what it was listed as; it is a file still.
            guard let status = try store.fileSystem.status(path) else {
                add(.unknown, 0)
                continue
            }
            guard status.isFolder else {
                add(.unknown, status.byteCount)
                continue
            }
            for name in try store.fileSystem.list(path) { waiting.append("\(path)/\(name)") }
        }
    }

    private mutating func add(_ fileClass: FileClass, _ byteCount: UInt64) {
        guard let index = accounts.firstIndex(where: { $0.fileClass == fileClass }) else { return }
        accounts[index].count += 1
        accounts[index].byteCount += byteCount
    }
}
