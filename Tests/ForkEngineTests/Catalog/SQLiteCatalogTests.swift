// SPDX-License-Identifier: Apache-2.0
// What only the real catalog can do: be a file, be damaged, be newer, be closed.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite("SQLite catalog: its files", .serialized)
struct SQLiteCatalogTests {
    private func refusal(of files: CatalogFiles) throws -> ForkError.Code? {
        let lock = try files.lock()
        return code { () throws(ForkError) in
            _ = try SQLiteCatalog(openAt: files.path, writeLock: lock)
        }
    }

    @Test("opening never makes a catalog")
    func openingNeverCreates() throws {
        let files = try CatalogFiles()
        #expect(try refusal(of: files) == .notFound)
        #expect(try files.folder.fileSystem.list(".") == ["locks"])
    }

    @Test("a file that is empty, or no catalog, is damaged, and stays as it is")
    func strangeFiles() throws {
        for content in ["", "SQLite format 3\0", String(repeating: "not a catalog. ", count: 600)] {
            let files = try CatalogFiles()
            let bytes = Array(content.utf8)
            let file = try files.folder.fileSystem.create("catalog")
            try bytes.withUnsafeBytes { try file.write($0, at: 0) }
            #expect(try refusal(of: files) == .damaged)
            #expect(try file.byteCount() == UInt64(bytes.count))
        }
    }

    @Test("a catalog is made once")
    func creatingTwice() throws {
        let files = try CatalogFiles()
        let catalog = try files.create()
        try catalog.insert(.sample(1, "main"))
        let lock = try files.lock()
        let refusal = code { () throws(ForkError) in
            _ = try SQLiteCatalog.create(
                at: files.path, writeLock: lock, store: CatalogWorld.store)
        }
        #expect(refusal == .alreadyExists)
        #expect(try files.open().forks().count == 1)
    }

    @Test("a catalog of a newer format is refused, and says so")
    func newerFormat() throws {
        let files = try CatalogFiles()
        var store = CatalogWorld.store
        store.formatVersion = 2
        _ = try SQLiteCatalog.create(at: files.path, writeLock: files.lock(), store: store)
        #expect(try refusal(of: files) == .newerFormat)
    }

    @Test("rule 13: closing neither checkpoints nor truncates the WAL")
    func closingKeepsTheLog() throws {
        let files = try CatalogFiles()
        var catalog: SQLiteCatalog? = try files.create()
        try catalog?.insert(.sample(1, "main"), .sample(2, "b"))
        let log = try files.folder.fileSystem.open("catalog-wal", for: .read)
        let before = try (log.byteCount(), files.byteCount())
        catalog = nil
        #expect(try (log.byteCount(), files.byteCount()) == before)
        #expect(try log.linkCount() == 1)
        #expect(try files.open().forks().count == 2)
    }

    @Test("rule 13: the WAL is checkpointed in passing, and does not grow on")
    func logStaysSmall() throws {
        let files = try CatalogFiles()
        let catalog = try files.create()
        try catalog.insert(.sample(1, "main"))
        for _ in 0..<1_300 {
            try catalog.write { catalog throws(ForkError) in try catalog.touch() }
        }
        let frames = Int(try files.byteCount("catalog-wal") - 32) / (2048 + 24)
        #expect((400...410).contains(frames))
        #expect(catalog.checkpointFailure == nil)
    }

    @Test("rule 13: the WAL does not grow on where every process commits once and ends")
    func logStaysSmallBetweenProcesses() throws {
        let files = try CatalogFiles()
        try files.create().insert(.sample(1, "main"))
        for _ in 0..<1_300 {
            try files.open().write { catalog throws(ForkError) in try catalog.touch() }
        }
        let frames = Int(try files.byteCount("catalog-wal") - 32) / (2048 + 24)
        #expect((400...410).contains(frames))
    }

    @Test("a reader holds up neither commits nor, for long, the checkpoint")
    func readersHoldTheLog() throws {
        let files = try CatalogFiles()
        let catalog = try files.create()
        let reader = try files.open()
        try catalog.insert(.sample(1, "main"))
        try reader.read { old throws(ForkError) in
            #expect(try old.fork(.main)?.generation == 1)
            for _ in 0..<1_000 {
                _ = try catalog.write { catalog throws(ForkError) in
                    try catalog.update(try require(fork: try catalog.fork(.main)))
                }
            }
            #expect(try old.fork(.main)?.generation == 1)
        }
        // The next attempt copies all, and from then on the WAL is overwritten.
        var sizes: [UInt64] = []
        for number in 1...1_800 {
            try catalog.write { catalog throws(ForkError) in try catalog.touch() }
            if number % 600 == 0 { sizes.append(try files.byteCount("catalog-wal")) }
        }
        #expect(sizes[0] == sizes[1] && sizes[1] == sizes[2])
        #expect(try reader.fork(1)?.generation == 1_001)
    }
}

extension CatalogFiles {
    fileprivate func byteCount(_ name: String = "catalog") throws -> UInt64 {
        try folder.fileSystem.status(name)?.byteCount ?? 0
    }
}
