// SPDX-License-Identifier: Apache-2.0
// Invariant 6 for the real catalog: flipped bits in its file and in its WAL are damage, or change
// nothing that is answered.
import ForkEngine
import ForkTesting
import Glibc
import SegmentStore
import Testing

@Suite("SQLite catalog: damage", .serialized)
struct CatalogDamageTests {
    /// All that a catalog answers, by every way of asking.
    private struct Answers: Equatable {
        let store: StoreRecord
        let forks: [ForkRow]
        let named: [ForkRow?]
        let overlays: [OverlayRow]
        let revived: [Bool]
        let count: Int

        init(_ catalog: any CatalogReading) throws(ForkError) {
            store = try catalog.store()
            count = try catalog.forkCount()
            var named: [ForkRow?] = []
            var revived: [Bool] = []
            for id: UInt64 in 1...CatalogDamageTests.forkCount {
                named.append(try catalog.fork(named: "fork-\(id)"))
                if id % 8 == 0 { revived.append(try catalog.isRevived(Self.object(id))) }
            }
            self.named = named
            self.revived = revived
            var forks: [ForkRow] = []
            try catalog.forEachFork(from: .main) { row throws(ForkError) in
                forks.append(row)
                return true
            }
            self.forks = forks
            var overlays: [OverlayRow] = []
            try catalog.forEachOverlay { row throws(ForkError) in overlays.append(row) }
            self.overlays = overlays
        }

        static func object(_ number: UInt64) -> ObjectID {
            ObjectID(address: ObjectAddress(high: number, low: number), kind: .run)
        }
    }

    private static let forkCount: UInt64 = 160

    private let files: CatalogFiles
    private let catalogBytes: [UInt8]
    private let logBytes: [UInt8]
    private let answers: Answers
    /// The answers before the last commit, whose own damage looks like a commit cut short.
    private let answersBefore: Answers

    /// A catalog of which the first half is checkpointed and the last four commits are in the WAL.
    init() throws {
        files = try CatalogFiles()
        let catalog = try files.create()
        for id in 1...Self.forkCount - 4 { try Self.add(id, to: catalog) }
        let before = catalog.checkpointCount
        while catalog.checkpointCount == before {
            try catalog.write { catalog throws(ForkError) in try catalog.touch() }
        }
        for id in Self.forkCount - 3...Self.forkCount - 1 { try Self.add(id, to: catalog) }
        answersBefore = try catalog.read { catalog throws(ForkError) in try Answers(catalog) }
        try Self.add(Self.forkCount, to: catalog)
        answers = try catalog.read { catalog throws(ForkError) in try Answers(catalog) }
        catalogBytes = try Self.bytes(of: "catalog", files)
        logBytes = try Self.bytes(of: "catalog-wal", files)
    }

    private static func add(_ id: UInt64, to catalog: SQLiteCatalog) throws {
        let labels = try CatalogBlobTests.labels
        try catalog.write { catalog throws(ForkError) in
            var row = ForkRow.sample(id, "fork-\(id)")
            row.snapshot = CatalogBlobTests.snapshot
            row.labels = labels
            try catalog.insert(row)
            try catalog.insert(
                OverlayRow(
                    id: OverlayID(id), below: nil, base: .zero, owner: ForkID(id), depth: 0))
            try catalog.revive([Answers.object(id)])
        }
    }

    private static func bytes(of name: String, _ files: CatalogFiles) throws -> [UInt8] {
        let file = try files.folder.fileSystem.open(name, for: .read)
        var bytes = [UInt8](repeating: 0, count: Int(try file.byteCount()))
        _ = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        return bytes
    }

    /// What a process finds that opens these bytes with nobody else there; nil where damage.
    private func answers(catalog: [UInt8], log: [UInt8]) throws -> Answers? {
        let other = try CatalogFiles()
        for (name, bytes) in [("catalog", catalog), ("catalog-wal", log)] {
            let file = try other.folder.fileSystem.create(name)
            try bytes.withUnsafeBytes { try file.write($0, at: 0) }
        }
        let lock = try other.lock()
        do throws(ForkError) {
            let opened = try SQLiteCatalog(openAt: other.path, writeLock: lock)
            return try opened.read { catalog throws(ForkError) in try Answers(catalog) }
        } catch {
            #expect(error.code == .damaged, "\(error)")
            return nil
        }
    }

    @Test("the undamaged copy answers all")
    func copy() throws {
        #expect(try answers(catalog: catalogBytes, log: logBytes) == answers)
        #expect(answers != answersBefore)
    }

    @Test("invariant 6: a flipped bit of the catalog's file is damage, or of no consequence")
    func flipsInTheCatalog() throws {
        var damaged = 0
        var tried = 0
        for bit in stride(from: 3, to: catalogBytes.count * 8, by: 1_021) {
            var bytes = catalogBytes
            bytes[bit / 8] ^= 1 << (bit % 8)
            tried += 1
            guard let found = try answers(catalog: bytes, log: logBytes) else {
                damaged += 1
                continue
            }
            #expect(found == answers, "bit \(bit)")
        }
        #expect(damaged > tried / 2, "\(damaged) of \(tried)")
    }

    @Test("invariant 6: a flipped bit of the WAL is damage, or the last commit cut short")
    func flipsInTheLog() throws {
        // The head, all heads of frames, and a sample of their pages.
        let frameByteCount = 24 + 2048
        var bits: [Int] = Array(stride(from: 0, to: 32 * 8, by: 3))
        for frame in 0..<24 {
            let start = (32 + frame * frameByteCount) * 8
            bits += stride(from: start + frame % 5, to: start + 24 * 8, by: 5)
            bits += stride(from: start + 24 * 8 + frame, to: start + frameByteCount * 8, by: 4_099)
        }
        var damaged = 0
        var shortened = 0
        for bit in bits where bit / 8 < logBytes.count {
            var bytes = logBytes
            bytes[bit / 8] ^= 1 << (bit % 8)
            guard let found = try answers(catalog: catalogBytes, log: bytes) else {
                damaged += 1
                continue
            }
            if found == answersBefore { shortened += 1 }
            #expect(found == answers || found == answersBefore, "bit \(bit)")
        }
        #expect(damaged > bits.count / 3, "\(damaged), \(shortened) of \(bits.count)")
        #expect(shortened < bits.count / 3, "\(damaged), \(shortened) of \(bits.count)")
    }

    @Test("a WAL that is missing or cut down is damage, not an empty one")
    func missingLog() throws {
        for byteCount in [0, 1, 31, 32, 33, 500] {
            #expect(try answers(catalog: catalogBytes, log: Array(logBytes[..<byteCount])) == nil)
        }
        let other = try CatalogFiles()
        let file = try other.folder.fileSystem.create("catalog")
        try catalogBytes.withUnsafeBytes { try file.write($0, at: 0) }
        let lock = try other.lock()
        let refusal = code { () throws(ForkError) in
            _ = try SQLiteCatalog(openAt: other.path, writeLock: lock)
        }
        #expect(refusal == .damaged)
        #expect(try other.folder.fileSystem.status("catalog-wal") == nil)
    }

    @Test("a catalog file cut anywhere is damage, or of no consequence")
    func truncatedCatalog() throws {
        for byteCount in stride(from: 0, to: catalogBytes.count, by: 1_377) {
            let found = try answers(catalog: Array(catalogBytes[..<byteCount]), log: logBytes)
            #expect(found == nil || found == answers, "\(byteCount) bytes")
        }
    }
}
