// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, store. Making a store: built aside, then renamed, so that a broken init
// leaves nothing that looks like a store (and "looks empty" never means "create").
package import SegmentStore

extension Store {
    /// Lays out an empty store with its fork `main` in `fileSystem`'s folder, which is empty.
    /// Everything is durable on return but the folder's own name.
    package static func layOut(
        in fileSystem: any FileSystem, time: any TimeSource, entropy: any EntropySource,
        makeCatalog: (StoreRecord) throws(ForkError) -> any Catalog
    ) throws(ForkError) {
        try lifting { () throws(StorageError) in try layOutFolders(in: fileSystem) }
        let record = try newRecord(time: time, entropy: entropy)
        let catalog = try makeCatalog(record)
        try catalog.write { transaction throws(ForkError) in
            try transaction.insertMain(at: record.created)
        }
        try lifting { () throws(StorageError) in try finishLayout(in: fileSystem) }
    }

    /// Everything that a store has beside its catalog and its format line, empty.
    static func layOutFolders(in fileSystem: any FileSystem) throws(StorageError) {
        for folder in [StoreLayout.objects, StoreLayout.journals, StoreLayout.pins] {
            try fileSystem.createFolder(folder)
        }
        try FileObjectBackend.makeFolders(in: fileSystem)
        for empty in [StoreLayout.locks, StoreLayout.live, StoreLayout.clock] {
            try writeFile(empty, [], in: fileSystem)
        }
        try writeFile(
            StoreLayout.reserve,
            [UInt8](repeating: 0, count: Int(StoreLayout.reserveByteCount)), in: fileSystem)
    }

    /// The format line comes last: a folder without it is no store.
    static func finishLayout(in fileSystem: any FileSystem) throws(StorageError) {
        try writeFile(StoreLayout.format, [UInt8](StoreLayout.formatLine.utf8), in: fileSystem)
        for folder in [StoreLayout.objects, StoreLayout.journals, StoreLayout.pins, "."] {
            try fileSystem.syncFolder(folder)
        }
    }

    private static func newRecord(
        time: any TimeSource, entropy: any EntropySource
    ) throws(ForkError) -> StoreRecord {
        try lifting { () throws(StorageError) in
            StoreRecord(
                storeID: EventID(high: try entropy.number(), low: try entropy.number()),
                seed: try entropy.number(), formatVersion: StoreLayout.formatVersion,
                created: time.now())
        }
    }

    private static func writeFile(
        _ path: String, _ bytes: [UInt8], in fileSystem: any FileSystem
    ) throws(StorageError) {
        let file = try fileSystem.create(path)
        try bytes.span.withUnsafeBytes { (bytes) throws(StorageError) in
            try file.write(bytes, at: 0)
        }
        try file.sync()
    }
}

extension CatalogWriting {
    /// The fork that every store has: no parent, no expiry, nothing in it.
    func insertMain(at created: Timestamp) throws(ForkError) {
        let fork = try nextForkID()
        let overlay = try nextOverlayID()
        try insert(OverlayRow(id: overlay, below: nil, base: .zero, owner: fork, depth: 0))
        try insert(
            ForkRow(
                id: fork, name: "main", parent: nil, generation: 1, epoch: try nextEpoch(),
                snapshot: SnapshotRecord(
                    root: nil, rootEnd: .zero, pieces: [], cut: .zero, overlay: overlay,
                    logicalByteCount: 0),
                liveJournal: JournalID(overlay: overlay, number: 0), base: .zero,
                baseLogicalByteCount: 0, created: created, expires: nil, labels: Labels()))
    }
}
