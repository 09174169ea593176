// SPDX-License-Identifier: Apache-2.0
import ForkTesting
import Testing

@testable import SegmentStore

@Suite struct IndexRunHostileBytesTests {
    /// Three segments of eight streams, some under one hash, with a filter.
    private static let history: HistoryModel = {
        var history = HistoryModel(hashMask: 0xff00_0000_0000_0007)
        history.append(["a", "b", "a", "c", "a", "d"])
        history.append(["e", "a", "b"])
        history.append(["f", "g", "a", "a", "b", "h"])
        return history
    }()

    private static func run(in fixture: RunFixture) throws -> IndexRun {
        let runs = try (0..<3).map { RunMergeInput(try fixture.run(history, $0)) }
        return try fixture.merge(runs, of: history)
    }

    /// Everything that can be asked of a run, in text; damage where it is reported, and no other
    /// error. That it returns is the point: no question may trap.
    private func ask(_ store: ObjectStore, _ id: ObjectID) throws -> [String] {
        var answers: [String] = []
        func note(_ body: () throws -> String) {
            do { answers.append(try body()) } catch {
                let isDamage = (error as? StorageError)?.isDamage == true
                #expect(isDamage, "\(error)")
                answers.append("damage")
            }
        }
        note { "\(try IndexRun(store.open(id)).segments)" }
        guard answers != ["damage"] else { return answers }
        let run = try IndexRun(store.open(id))
        for name in Self.history.streams + ["absent", ""] {
            note {
                let found = try RunFixture().find(name, in: run, of: Self.history)
                guard let found else { return "none" }
                let extents = try (0..<found.count).map { try found.extent($0) }
                let holding = try [0, found.firstVersion.rawValue, found.endVersion.rawValue]
                    .map { try found.extentIndex(holding: Version($0)) }
                return "\(extents) \(holding) \(found.endVersion)"
            }
        }
        note { "\(run.segmentIndex(holding: Position(4)) as Int?)" }
        note { "\(try run.verify(hash: Self.history.hash))" }
        note { "\(try findAll(in: run))" }
        note {
            let end = Position(run.range.upperBound.rawValue - 1)
            return try IndexRunBuilder.merge(
                [RunMergeInput(run, end: end)], isOldest: true, in: store,
                visibleCount: Self.history.visibleCount
            ).object.id.path
        }
        return answers
    }

    private func findAll(in run: IndexRun) throws -> [UInt64?] {
        try Self.history.streams.joined().utf8.map { [$0] }.map { (name: [UInt8]) in
            try name.withUnsafeBytes { name in
                let query = [StreamQuery(Self.history.hash(name), name: name)]
                var records: [IndexRecord?] = [nil]
                try query.withUnsafeBufferPointer { query in
                    try records.withUnsafeMutableBufferPointer { try run.findMany(query, into: $0) }
                }
                return records[0]?.endVersion.rawValue
            }
        }
    }

    /// Writes pages that may say anything, in an envelope that verifies.
    private func write(_ pages: [[UInt8]], in store: ObjectStore) throws -> ObjectID {
        try ObjectFixture.write(pages, kind: .run, compress: false, in: store).id
    }

    private func pages() throws -> [[UInt8]] {
        let fixture = RunFixture()
        return try ObjectFixture.read(Self.run(in: fixture).id, in: fixture.store)
    }

    @Test func anEnvelopeOfTheSamePagesAnswersTheSame() throws {
        let fixture = RunFixture()
        let run = try Self.run(in: fixture)
        try fixture.expect(run, is: Self.history, 0..<3)
        let answers = try ask(fixture.store, run.id)
        #expect(!answers.contains("damage"))
        #expect(try ask(fixture.store, write(pages(), in: fixture.store)) == answers)
    }

    /// Invariant 6, below the checksums: pages that verify and say nonsense never trap.
    @Test func noTruncatedPageTraps() throws {
        let pages = try pages()
        for page in pages.indices {
            for count in 1...(pages[page].count + 3) {
                var hostile = pages
                hostile[page] = Array((pages[page] + [0, 0xff, 0]).prefix(count))
                let store = ObjectFixture.store(MemoryObjectBackend())
                _ = try ask(store, write(hostile, in: store))
            }
        }
    }

    @Test func noFlippedBitInAPageTraps() throws {
        let pages = try pages()
        for page in pages.indices {
            for bit in 0..<(pages[page].count * 8) {
                var hostile = pages
                hostile[page][bit / 8] ^= 1 << (bit % 8)
                let store = ObjectFixture.store(MemoryObjectBackend())
                _ = try ask(store, write(hostile, in: store))
            }
        }
    }

    @Test(arguments: 0..<500 as Range<UInt64>)
    func noNonsenseInPagesTraps(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var pages = try pages()
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let page = Int.random(in: 0..<pages.count, using: &random)
            let byte = Int.random(in: 0..<pages[page].count, using: &random)
            let values: [UInt8] = [
                0, 1, 0x7f, 0x80, 0xff, UInt8.random(in: 0...255, using: &random),
            ]
            let value = values[Int.random(in: 0..<values.count, using: &random)]
            let end = min(pages[page].count, byte + Int.random(in: 1...9, using: &random))
            for index in byte..<end { pages[page][index] = value }
        }
        if seed % 5 == 0 { pages.swapAt(0, Int.random(in: 0..<pages.count, using: &random)) }
        if seed % 7 == 0 { pages.remove(at: Int.random(in: 0..<pages.count, using: &random)) }
        let store = ObjectFixture.store(MemoryObjectBackend())
        _ = try ask(store, write(pages, in: store))
    }

    /// No page is allocated that is larger than its part of a run may have.
    @Test func pagesBeyondTheirBoundAreRefusedBeforeTheyAreRead() throws {
        let pages = try pages()
        let bounds = [IndexRunFormat.recordByteCountMax] + Array(repeating: 16_388, count: 5)
        #expect(pages.count == bounds.count, "record, entry, directory, filter, segment, meta")
        for page in pages.indices {
            var hostile = pages
            hostile[page] += [UInt8](repeating: 0, count: bounds[page] + 1 - pages[page].count)
            let store = ObjectFixture.store(MemoryObjectBackend())
            let answers = try ask(store, write(hostile, in: store))
            #expect(answers.contains("damage"))
            #expect(store.cache.byteCount() < bounds[page])
        }
    }

    /// Invariant 6, through the envelope: every flipped bit is found by who reads everything.
    @Test func everyFlippedBitAndTruncationOfTheObjectIsDamage() throws {
        let fixture = RunFixture()
        let id = try Self.run(in: fixture).id
        let bytes = try #require(fixture.backend[id])
        let whole = try ask(fixture.store, id)
        func answersOf(_ changed: [UInt8]) throws -> [String] {
            let backend = MemoryObjectBackend()
            backend[id] = changed
            return try ask(ObjectFixture.store(backend), id)
        }
        for count in 0..<bytes.count {
            #expect(try answersOf(Array(bytes[..<count])) == ["damage"])
        }
        // The first 16 bytes are the object's header, which only the object's own verify reads.
        for bit in (16 * 8)..<(bytes.count * 8) {
            var changed = bytes
            changed[bit / 8] ^= 1 << (bit % 8)
            let answers = try answersOf(changed)
            #expect(answers.contains("damage"), "bit \(bit)")
            for (answer, right) in zip(answers, whole) where answer != "damage" {
                #expect(answer == right, "bit \(bit)")
            }
        }
    }
}
