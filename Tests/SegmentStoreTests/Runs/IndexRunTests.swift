// SPDX-License-Identifier: Apache-2.0
import ForkTesting
import Testing

@testable import SegmentStore

@Suite struct IndexRunTests {
    @Test(arguments: [true, false])
    func aRunOfOneSegmentAnswersAsItsEvents(isOldest: Bool) throws {
        let fixture = RunFixture()
        for streams in [1, 2, 40, 1_500] {
            let history = HistoryModel.random(
                UInt64(streams), segments: 1, eventsMax: 3_000, streams: streams)
            let run = try fixture.run(history, 0, isOldest: isOldest)
            #expect(run.hasFilter == !isOldest)
            try fixture.expect(run, is: history, 0..<1)
        }
    }

    @Test(arguments: [0, 0xf000_0000_0000_0001, 31] as [UInt64])
    func streamsOfOneHashAreToldApartByName(hashMask: UInt64) throws {
        let fixture = RunFixture()
        let history = HistoryModel.random(
            hashMask, segments: 3, eventsMax: 400, streams: 120, hashMask: hashMask)
        let runs = try (0..<3).map { try fixture.run(history, $0) }
        for number in 0..<3 { try fixture.expect(runs[number], is: history, number..<(number + 1)) }
        try fixture.expect(
            fixture.merge(runs.map { RunMergeInput($0) }, of: history), is: history, 0..<3)
    }

    @Test func entriesDirectoryAndFilterOfManyPagesAreFoundThrough() throws {
        // 40,000 streams: 40 pages of entries, two of the directory, four of the filter.
        let fixture = RunFixture()
        let names = (0..<40_000).map { "stream-\($0)" }
        let sorted = names.map { (HistoryModel().hash($0), $0) }.sorted { $0.0.key < $1.0.key }
        let streams = SegmentStreamTable.make(
            sorted.enumerated().map { row, stream in
                let (hash, name) = stream
                return (
                    name,
                    SegmentGrouping.Stream(
                        hash: hash, name: .init(start: nil, count: 0),
                        firstVersion: Version(UInt64(row) << 20), count: 1, firstRow: UInt32(row))
                )
            })
        let segment = RunSegment(
            address: ObjectAddress(high: 1, low: 2), range: Position(7)..<Position(40_007))
        let run = try fixture.open(
            IndexRunBuilder.build(segment, streams: streams, isOldest: false, in: fixture.store))
        #expect(run.meta.directoryPageCount == 2 && run.meta.filterPageCount == 4)
        for (row, (hash, name)) in sorted.enumerated() {
            let record = try Array(name.utf8).withUnsafeBytes { name in
                try run.find(hash, name)
            }
            #expect(record?.firstVersion == Version(UInt64(row) << 20))
            let extent = try record?.extent(0)
            #expect(extent?.firstRow == UInt32(row))
        }
        #expect(try run.verify().streamCount == 40_000)
    }

    @Test func aLookupInAColdRunReadsFourPagesAndAMissOne() throws {
        let fixture = RunFixture()
        let history = HistoryModel.random(5, segments: 1, eventsMax: 3_000, streams: 900)
        let built = try fixture.run(history, 0)
        let cold = ObjectFixture.store(fixture.backend)
        let run = try IndexRun(cold.open(built.id))
        let opened = cold.readCounts()
        #expect(opened.runPages.read == 2, "meta and segments")
        #expect(try fixture.find(history.streams[0], in: run, of: history) != nil)
        #expect((cold.readCounts() - opened).runPages.read == 4)
        let found = cold.readCounts()
        let absent = (0..<100).count { number in
            let hash = history.hash("absent-\(number)")
            do { return try !run.mayContain(hash) } catch { return false }
        }
        #expect(absent > 90)
        #expect((cold.readCounts() - found).runPages.used == 0, "the filter is kept once read")
    }

    @Test func aRecordLongerThanAPageStandsAlone() throws {
        // 3,000 segments of a hot stream: its record has more than 16 KiB; others stand around it.
        let fixture = RunFixture()
        var history = HistoryModel()
        for number in 0..<3_000 { history.append(["hot", "hot", "cold-\(number % 500)"]) }
        let runs = try (0..<3_000).map { RunMergeInput(try fixture.run(history, $0)) }
        var merged: [RunMergeInput] = []
        for first in stride(from: 0, to: 3_000, by: 100) {
            merged.append(
                RunMergeInput(
                    try fixture.merge(Array(runs[first..<(first + 100)]), of: history)))
        }
        let run = try fixture.merge(merged, of: history)
        let record = try #require(try fixture.find("hot", in: run, of: history))
        #expect(record.page.bytes.count > IndexRunFormat.recordPageByteCount)
        #expect(record.page.bytes.count == record.endOffset)
        #expect(record.count == 3_000 && record.endVersion == Version(6_000))
        for version: UInt64 in [0, 1, 2_999, 3_000, 5_999] {
            #expect(
                try record.extentIndex(holding: Version(version)) == 2_999 - Int(version / 2))
        }
        #expect(try run.verify().eventCount == 9_000)
        #expect(run.segmentIndex(holding: Position(8_999)) == 2_999)
        #expect(run.segmentIndex(holding: Position(9_000)) == nil)
    }

    @Test func aPrefixFindsAllStreamsThatBeginSo() throws {
        let fixture = RunFixture()
        let history = HistoryModel.random(9, segments: 1, eventsMax: 900, streams: 300)
        let run = try fixture.run(history, 0)
        for prefix in ["", "a", "account-1", "order/", "zebra"] {
            let cursor = IndexRunCursor(run)
            var found: Set<String> = []
            try Array(prefix.utf8).withUnsafeBytes { prefix in
                while try cursor.advance(prefix: prefix) {
                    guard let record = cursor.record else { return }
                    found.insert(String(decoding: record.name, as: UTF8.self))
                }
            }
            #expect(found == Set(history.streams.filter { $0.hasPrefix(prefix) }))
        }
    }

    @Test func versionsNearTheEndOf64BitsAreKept() throws {
        let fixture = RunFixture()
        let late = SegmentGrouping.Stream(
            hash: HistoryModel().hash("late"), name: .init(start: nil, count: 0),
            firstVersion: Version(.max - 3), count: 3, firstRow: 0)
        let streams = SegmentStreamTable.make([("late", late)])
        let segment = RunSegment(
            address: ObjectAddress(high: 1, low: 2), range: Position(.max - 3)..<Position(.max))
        let run = try fixture.open(
            IndexRunBuilder.build(segment, streams: streams, isOldest: true, in: fixture.store))
        let record = try #require(try fixture.find("late", in: run, of: HistoryModel()))
        #expect(record.endVersion == Version(.max))
        #expect(try record.extentIndex(holding: Version(.max - 1)) == 0)
        #expect(try record.extentIndex(holding: Version(.max)) == nil)
        #expect(run.segmentIndex(holding: Position(.max - 1)) == 0)
    }
}
