// SPDX-License-Identifier: Apache-2.0
// Builds runs over a history in memory, and asks them what the history knows.
import ForkTesting
import Testing

@testable import SegmentStore

struct RunFixture {
    let backend = MemoryObjectBackend()
    let store: ObjectStore

    init() { store = ObjectFixture.store(backend, cacheByteCount: 64 << 20) }

    func open(_ built: BuiltRun) throws -> IndexRun {
        try IndexRun(store.open(built.object.id))
    }

    /// The run of one segment.
    func run(_ history: HistoryModel, _ number: Int, isOldest: Bool = false) throws -> IndexRun {
        let segment = history.segments[number]
        return try open(
            IndexRunBuilder.build(
                history.runSegment(segment), streams: history.streamTable(segment),
                isOldest: isOldest, in: store))
    }

    func merge(
        _ inputs: [RunMergeInput], replacing: [RunReplacement] = [], of history: HistoryModel,
        isOldest: Bool = false
    ) throws -> IndexRun {
        try open(
            IndexRunBuilder.merge(inputs, replacing: replacing, isOldest: isOldest, in: store) {
                (address, rows, cut) throws(StorageError) -> UInt32 in
                history.visibleCount(address, rows, cut)
            })
    }

    /// Compares all that a run answers with the history of segments `numbers`.
    func expect(
        _ run: IndexRun, is history: HistoryModel, _ numbers: Range<Int>,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let names = history.streams + ["absent", "account-x", ""]
        let expected = names.map { history.extents(of: $0, in: numbers) }
        #expect(
            run.segments == history.segments[numbers].map(history.runSegment),
            sourceLocation: sourceLocation)
        for (name, extents) in zip(names, expected) {
            try expect(run, name, of: history, is: extents, sourceLocation)
        }
        try expectMany(run, names, of: history, expected, sourceLocation)

        let present = zip(names, expected).filter { !$0.1.isEmpty }
        let verified = try run.verify(hash: history.hash)
        #expect(verified.streamCount == present.count, sourceLocation: sourceLocation)
        #expect(run.streamCount == present.count, sourceLocation: sourceLocation)
        #expect(
            verified.extentCount == UInt64(present.reduce(0) { $0 + $1.1.count }),
            sourceLocation: sourceLocation)
        #expect(
            verified.eventCount == run.range.lowerBound.distance(to: run.range.upperBound),
            sourceLocation: sourceLocation)
    }

    private func expect(
        _ run: IndexRun, _ name: String, of history: HistoryModel, is extents: [RunExtent],
        _ sourceLocation: SourceLocation
    ) throws {
        let found = try find(name, in: run, of: history)
        #expect(found.map(Self.extents) == (extents.isEmpty ? nil : extents), "\(name)")
        guard let found, let newest = extents.first, let oldest = extents.last else { return }
        #expect(found.firstVersion == oldest.firstVersion, sourceLocation: sourceLocation)
        #expect(found.endVersion == newest.endVersion, sourceLocation: sourceLocation)
        let first = oldest.firstVersion.rawValue
        let end = newest.endVersion.rawValue
        for version in (first > 0 ? first - 1 : 0)...end {
            let index = try found.extentIndex(holding: Version(version))
            let expected = extents.firstIndex {
                $0.firstVersion.rawValue <= version && version < $0.endVersion.rawValue
            }
            #expect(index == expected, "\(name) @ \(version)", sourceLocation: sourceLocation)
        }
    }

    private func expectMany(
        _ run: IndexRun, _ names: [String], of history: HistoryModel, _ expected: [[RunExtent]],
        _ sourceLocation: SourceLocation
    ) throws {
        let arena = names.map { Array($0.utf8) }
        let pointers = arena.map { bytes in
            let copy = UnsafeMutableRawBufferPointer.allocate(
                byteCount: max(1, bytes.count), alignment: 1)
            copy.copyBytes(from: bytes)
            return copy
        }
        defer { pointers.forEach { $0.deallocate() } }
        let queries = zip(pointers, arena).map { pointer, bytes in
            let name = UnsafeRawBufferPointer(pointer).slice(0, bytes.count)
            return StreamQuery(history.hash(name), name: name)
        }
        var records = [IndexRecord?](repeating: nil, count: names.count)
        try queries.withUnsafeBufferPointer { queries in
            try records.withUnsafeMutableBufferPointer { records in
                try run.findMany(queries, into: records)
            }
        }
        for index in names.indices {
            #expect(
                records[index].map(Self.extents)
                    == (expected[index].isEmpty ? nil : expected[index]),
                "\(names[index]) among many", sourceLocation: sourceLocation)
        }
    }

    func find(_ name: String, in run: IndexRun, of history: HistoryModel) throws -> IndexRecord? {
        let bytes = Array(name.utf8)
        return try bytes.withUnsafeBytes { name in
            try run.find(history.hash(name), name)
        }
    }

    static func extents(_ record: IndexRecord) -> [RunExtent] {
        (0..<record.count).compactMap { index in
            do { return try record.extent(index) } catch {
                Issue.record(error)
                return nil
            }
        }
    }
}

extension HistoryModel {
    /// A random history: a few hot streams, many cold ones.
    static func random(
        _ seed: UInt64, segments: Int, eventsMax: Int, streams: Int, hashMask: UInt64 = .max
    ) -> HistoryModel {
        var history = HistoryModel(hashMask: hashMask)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<segments {
            history.appendRandom(&random, eventsMax: eventsMax, streams: streams)
        }
        return history
    }

    mutating func appendRandom(_ random: inout SeededGenerator, eventsMax: Int, streams: Int) {
        let count = Int.random(in: 1...eventsMax, using: &random)
        append(
            (0..<count).map { _ in
                let bound = Bool.random(using: &random) ? min(4, streams) : streams
                return Self.name(Int.random(in: 0..<bound, using: &random))
            })
    }

    /// Names of many lengths, up to the longest.
    static func name(_ number: Int) -> String {
        switch number % 7 {
        case 0: "account-\(number)"
        case 1: "a\(number)"
        case 2: "order/\(number)/" + String(repeating: "x", count: number % 200)
        case 3 where number == 3: String(repeating: "é", count: 127) + "3"
        default: "s\(number)"
        }
    }
}
