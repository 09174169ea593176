// SPDX-License-Identifier: Apache-2.0
import ForkTesting
import Testing

@testable import SegmentStore

/// What reading costs, in pages: equal counts where a benchmark could only show times.
@Suite("Snapshots, what reads cost")
struct SnapshotCostTests {
    private static func store(_ backend: MemoryObjectBackend) -> SegmentStore {
        SegmentStore(
            objects: ObjectStore(backend: backend, cache: PageCache(byteCountMax: 1 << 24)))
    }

    private static func line(
        _ backend: MemoryObjectBackend, flushes: [Int]
    ) throws -> PlainLine {
        var random = SeededGenerator(seed: 41)
        let store = Self.store(backend)
        var line = PlainLine(overlay: OverlayID(1))
        for count in flushes {
            line.append(count, streams: 12, &random)
            _ = try line.flush(in: store)
        }
        return line
    }

    /// Pages used by `work`.
    private static func used(_ store: SegmentStore, _ work: () throws -> Void) rethrows -> UInt64 {
        func total() -> UInt64 {
            PageRole.allCases.reduce(0) { $0 + store.objects.readCounts()[$1].used }
        }
        let before = total()
        try work()
        return total() - before
    }

    @Test("a second cut of an open root reads nothing")
    func secondCut() throws {
        let backend = MemoryObjectBackend()
        let line = try Self.line(backend, flushes: [200, 30, 5])
        let store = Self.store(backend)
        let first = try #require(try line.snapshot(cut: 235, in: store))
        let second = try Self.used(store) { _ = try line.snapshot(cut: 120, in: store) }
        #expect(second == 0)
        #expect(first.runs.count == 3)
    }

    @Test(
        "a read by version takes two pages of each run that has the stream, and two of a segment")
    func pointRead() throws {
        let backend = MemoryObjectBackend()
        let line = try Self.line(backend, flushes: [400, 90, 20, 4, 1])
        let store = Self.store(backend)
        let snapshot = try #require(try line.snapshot(cut: line.events.count, in: store))
        #expect(snapshot.runs.count == 5)
        for event in line.events {
            let name = Array(event.stream.utf8)
            let read = {
                try name.withUnsafeBytes { name in
                    _ = try snapshot.withEvent(
                        of: event.hash, name: name, version: Version(event.version)
                    ) { _ in }
                }
            }
            try read()
            // Filters and directories stay with the run.
            let pages = try Self.used(store, read)
            let runs = UInt64(snapshot.runs.count)
            #expect(pages > 0 && pages <= 2 * runs + 2)
        }
    }

    @Test("the first event of a stream costs what one event does, and no other extent, both ways")
    func firstOfStream() throws {
        let backend = MemoryObjectBackend()
        let line = try Self.line(backend, flushes: [400, 90, 20, 4, 1])
        let store = Self.store(backend)
        // The cut goes through the third segment, so that counting its rows would read a block.
        let cut = 505
        let snapshot = try #require(try line.snapshot(cut: cut, in: store))
        let straddling = try #require(line.events[490..<cut].first)
        let name = Array(straddling.stream.utf8)
        let events = line.events[..<cut].filter { $0.stream == straddling.stream }
        #expect(events.count > 10)
        func read(reverse: Bool) throws -> (ReadCounts, [UInt64]) {
            var versions: [UInt64] = []
            let before = store.objects.readCounts()
            try name.withUnsafeBytes { name in
                _ = try snapshot.readStream(
                    of: straddling.hash, name: name, versions: .zero..<Version(1 << 40),
                    reverse: reverse
                ) { event in
                    versions.append(event.version.rawValue)
                    return false
                }
            }
            return (store.objects.readCounts() - before, versions)
        }
        _ = try read(reverse: false)
        let (up, first) = try read(reverse: false)
        #expect(first == [0] && up.blocks.used == 1)

        _ = try read(reverse: true)
        let (down, newest) = try read(reverse: true)
        #expect(newest == events.last.map { [$0.version] })
        let before = store.objects.readCounts()
        try name.withUnsafeBytes { name in
            _ = try snapshot.nextVersion(of: straddling.hash, name: name)
        }
        // Down, the runs below the first that has the stream are not asked at all.
        let head = store.objects.readCounts() - before
        #expect(down.runPages == head.runPages)
        #expect(down.blocks.used <= head.blocks.used + 1)
    }

    @Test("reading the newest events costs the same over a history ten times as long")
    func rangeRead() throws {
        var costs: [UInt64] = []
        for base in [100, 1_000] {
            let backend = MemoryObjectBackend()
            let line = try Self.line(backend, flushes: [base, 10])
            let store = Self.store(backend)
            let snapshot = try #require(try line.snapshot(cut: base + 10, in: store))
            costs.append(
                try Self.used(store) {
                    try snapshot.scan(Position(UInt64(base))..<Position(UInt64(base + 10))) { _ in
                        true
                    }
                })
        }
        #expect(costs[0] == costs[1])
    }

    @Test("many threads read one snapshot while roots are published over it")
    func concurrency() async throws {
        let backend = MemoryObjectBackend()
        let line = try Self.line(backend, flushes: [120, 30])
        let store = Self.store(backend)
        let snapshot = try #require(try line.snapshot(cut: 140, in: store))
        let events = Array(line.events[..<140])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for seed in 0..<4 {
                group.addTask {
                    var random = SeededGenerator(seed: UInt64(seed))
                    for _ in 0..<2 {
                        try SnapshotComparison(snapshot: snapshot, events: events).run(&random)
                    }
                }
            }
            group.addTask {
                var random = SeededGenerator(seed: 99)
                var child = line.fork(at: 70, overlay: OverlayID(2))
                for _ in 0..<8 {
                    child.append(5, streams: 12, &random)
                    _ = try child.flush(in: store)
                    _ = try store.mark(Set([line.root, child.root].compactMap { $0 }))
                }
            }
            try await group.waitForAll()
        }
    }
}
