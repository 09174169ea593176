// SPDX-License-Identifier: Apache-2.0
// The bytes of format version 1, fixed by a file; the drawing, fixed by the document.
import ForkTesting
import Testing

@testable import SegmentStore

@Suite struct IndexRunFormatTests {
    private static let fixture = "Tests/Fixtures/run-1.bin"

    /// Three segments, an early position above zero, streams with one extent and with three.
    private static let history: HistoryModel = {
        var history = HistoryModel()
        history.append(["account-1", "account-2", "account-1", "order/7"])
        history.append(["account-1", "é", "account-3"])
        history.append(["account-2", "account-1", "account-1"])
        return history
    }()

    private static func build(in fixture: RunFixture) throws -> IndexRun {
        try fixture.merge(
            (0..<3).map { RunMergeInput(try fixture.run(history, $0)) }, of: history)
    }

    /// The object of the fixture, put into a store.
    private static func stored(in fixture: RunFixture) throws -> ObjectID {
        let bytes = try Project.read(Self.fixture)
        let id = ObjectID(address: bytes.withUnsafeBytes { ObjectAddress(of: $0) }, kind: .run)
        fixture.backend[id] = bytes
        return id
    }

    /// Pages are compared raw: how small LZ4 makes one depends on the library's version.
    @Test func aRunOfVersion1HasThesePages() throws {
        let fixture = RunFixture()
        let built = try Self.build(in: fixture)
        let golden = try ObjectFixture.read(Self.stored(in: fixture), in: fixture.store)
        #expect(try ObjectFixture.read(built.id, in: fixture.store) == golden)
    }

    @Test func aRunOfVersion1IsReadForEver() throws {
        let fixture = RunFixture()
        let run = try IndexRun(fixture.store.open(Self.stored(in: fixture)))
        try fixture.expect(run, is: Self.history, 0..<3)
    }

    @Test func theDocumentShowsTheDrawing() throws {
        try FormatDrawing.expectEqual(source: "Runs/IndexRunFormat.swift", page: "runs.md")
    }

    @Test func theDocumentStatesTheBoundOfARecord() throws {
        let text = String(decoding: try Project.read("docs/format/runs.md"), as: UTF8.self)
        #expect(IndexRunFormat.recordByteCountMax == 852_250)
        #expect(text.contains("852,250"))
    }

    @Test func aBucketHasFourToEightEntriesOnAverage() {
        for count in [1, 8, 9, 16, 17, 1_000, 1 << 20, (1 << 20) + 1, IndexRunFormat.entryCountMax]
        {
            let buckets = 1 << IndexRunFormat.directoryBits(entryCount: count)
            #expect(count <= 8 * buckets)
            #expect(buckets == 1 || count > 4 * buckets)
        }
        let most = IndexRunFormat.directoryBits(entryCount: IndexRunFormat.entryCountMax)
        #expect(most == IndexRunFormat.directoryBitsMax)
    }

    @Test func widthsHoldTheirNumbers() {
        for bits in 0...63 {
            let power = UInt64(1) << UInt64(bits)
            #expect(IndexRunFormat.byteWidth(of: power) == bits / 8 + 1)
            #expect(IndexRunFormat.byteWidth(of: power - 1) == (bits + 7) / 8)
            #expect(IndexRunFormat.variableByteCount(of: power) == bits / 7 + 1)
        }
        #expect(IndexRunFormat.variableByteCount(of: 0) == 1)
        #expect(IndexRunFormat.variableByteCount(of: .max) == 10)
    }
}
