// SPDX-License-Identifier: Apache-2.0
// Rules 13 and 15, which speak of SQLite and of real file systems.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct PlatformRuleTests {
    /// A catalog's write while somebody else holds its lock.
    private func rule13(_ saboteur: Saboteur) throws {
        let folder = try TemporaryFolder()
        let path = folder.path
        let fileSystem = saboteur.fileSystem(folder.fileSystem)
        _ = try fileSystem.create(StoreLayout.locks)
        let catalog = try SQLiteCatalog.create(
            at: "\(path)/\(StoreLayout.catalog)",
            writeLock: SQLiteCatalog.WriteLock(
                file: try fileSystem.open(StoreLayout.locks, for: .readWrite),
                range: StoreLocks.catalog, milliseconds: 20),
            store: StoreRecord(
                storeID: EventID(high: 1, low: 2), seed: 3, formatVersion: 1,
                created: Timestamp(rawValue: 0)))
        func touch() throws {
            try catalog.write { transaction throws(ForkError) in try transaction.touch() }
        }
        try touch()
        // Bytes 18 and 19 of an SQLite file are 2 where it is in WAL mode.
        let file = try folder.fileSystem.open(StoreLayout.catalog, for: .read)
        let header = UnsafeMutableRawBufferPointer.allocate(byteCount: 20, alignment: 8)
        defer { header.deallocate() }
        try require(
            try file.read(into: header, at: 0) == 20 && header[18] == 2 && header[19] == 2,
            "it is not in WAL mode")

        let other = try folder.fileSystem.open(StoreLayout.locks, for: .readWrite)
        try require(
            try other.lock(StoreLocks.catalog, .exclusive, waiting: .never), "it is held already")
        try require(try failure { try touch() } != nil, "written in spite of the lock")
        _ = try catalog.read { catalog throws(ForkError) in try catalog.forkCount() }
        try other.unlock(StoreLocks.catalog)
        try touch()
    }

    @Test func rule13AllWritesQueueBehindOneLock() throws {
        try rule13(Saboteur(nil))
        #expect(throws: RuleBroken.self) { try rule13(Saboteur(.catalogLocksAreGranted)) }
    }

    /// Whether a store may lie on this volume, as the rule has it.
    private func rule15(_ volumes: [(UInt64, Bool)], _ saboteur: Saboteur) throws {
        for (magic, isAllowed) in volumes {
            let volume = saboteur.volume(Volume(magic: magic, isReadOnly: false))
            try require(volume.isSupported == isAllowed, "\(volume.name)")
            try require(!volume.name.isEmpty, "no name to tell")
        }
    }

    @Test func rule15OnlyKnownFileSystemsAreTaken() throws {
        let allowed: [UInt64] = [0xEF53, 0x5846_5342, 0x9123_683E, 0x0102_1994, 0x794C_7630]
        let refused: [UInt64] = [0x6969, 0xFF53_4D42, 0x6573_5546, 0x0102_1997, 0x9FA0, 0, .max]
        let volumes = allowed.map { ($0, true) } + refused.map { ($0, false) }
        try rule15(volumes, Saboteur(nil))
        #expect(throws: RuleBroken.self) { try rule15(volumes, Saboteur(.volumesAreBelieved)) }
    }

    @Test func rule15AStoreIsNeitherMadeNorOpenedElsewhere() throws {
        let volume = try RealFileSystem(path: "/proc").volume()
        #expect(!volume.isSupported)
        let refused = try failure { try Store.initialize(at: "/proc/self") }
        #expect(refused?.code == .denied)
        #expect(refused?.message.contains("ext4, xfs, btrfs, tmpfs or overlay") == true)
    }
}
