// SPDX-License-Identifier: Apache-2.0
import ForkTesting
import Testing

@testable import SegmentStore

@Suite("Snapshots, against a plain array of events")
struct SnapshotPropertyTests {
    private static func limits(_ seed: Int) -> PublishLimits {
        var limits = PublishLimits.standard
        if seed % 3 == 0 {
            limits.segmentEventCount = 40
            limits.smallEventCount = 15
        }
        if seed % 2 == 0 { limits.nodes = .tiny(3, bundle: 5, examined: 64) }
        return limits
    }

    private static func store(_ backend: MemoryObjectBackend, seed: Int) -> SegmentStore {
        SegmentStore(
            objects: ObjectStore(
                backend: backend, cache: PageCache(byteCountMax: seed % 5 == 0 ? 0 : 1 << 24)),
            limits: limits(seed))
    }

    @Test(
        "publish, fork, trim, merge, coalesce: every read equal, at every kind of cut",
        arguments: 0..<10)
    func randomHistories(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed) &* 7919 &+ 3)
        let backend = MemoryObjectBackend()
        let store = Self.store(backend, seed: seed)
        var lines = [PlainLine(overlay: OverlayID(1))]
        var kept: [(root: ManifestRoot, events: [PlainEvent])] = []
        for _ in 0..<26 {
            let number = Int.random(in: 0..<lines.count, using: &random)
            if Int.random(in: 0..<5, using: &random) == 0, lines.count < 6 {
                let cut = Int.random(in: 0...lines[number].events.count, using: &random)
                let overlay = OverlayID(UInt64(lines.count + 1))
                lines.append(lines[number].fork(at: cut, overlay: overlay))
                continue
            }
            let count = [1, 3, 9, 60][Int.random(in: 0..<4, using: &random)]
            lines[number].append(count, streams: 12, &random)
            if Int.random(in: 0..<4, using: &random) == 0 { continue }
            _ = try lines[number].flush(in: store)
            let line = lines[number]
            guard let root = line.root else { continue }
            kept.append((root, line.events))
            for cut in [line.events.count, Int.random(in: 0...line.events.count, using: &random)] {
                guard let snapshot = try line.snapshot(cut: cut, in: store) else { continue }
                let events = Array(line.events[..<cut])
                try SnapshotComparison(snapshot: snapshot, events: events).run(&random)
            }
        }
        // Old roots hold for ever what they held, read through a store that has nothing open.
        let again = Self.store(backend, seed: seed)
        var verification = Verification()
        for (root, events) in kept {
            #expect(try again.verify(root, &verification))
            let snapshot = try again.snapshot(root: root, cut: Position(UInt64(events.count)))
            try SnapshotComparison(snapshot: snapshot, events: events).run(&random)
        }
        #expect(verification.damages.isEmpty)
    }

    @Test("siblings that flush the same inherited prefix share every byte of it")
    func siblingsShare() throws {
        var random = SeededGenerator(seed: 5)
        let store = Self.store(MemoryObjectBackend(), seed: 1)
        var parent = PlainLine(overlay: OverlayID(1))
        parent.append(50, streams: 12, &random)
        _ = try parent.flush(in: store)
        parent.append(20, streams: 12, &random)
        var first = parent.fork(at: 65, overlay: OverlayID(2))
        var second = parent.fork(at: 65, overlay: OverlayID(3))
        let made = try #require(try first.flush(in: store).first)
        let again = try #require(try second.flush(in: store).first)
        #expect(made.reusedObjects.isEmpty && made.newObjects.count >= 3)
        #expect(again.newObjects.isEmpty)
        #expect(again.reusedObjects == made.newObjects.map(\.id))
        #expect(again.root == made.root)
    }

    @Test("a child adopts its parent's root at its base, and reads what it would have built")
    func adoption() throws {
        var random = SeededGenerator(seed: 6)
        let backend = MemoryObjectBackend()
        let store = Self.store(backend, seed: 1)
        var parent = PlainLine(overlay: OverlayID(1))
        parent.append(30, streams: 12, &random)
        _ = try parent.flush(in: store)
        parent.append(40, streams: 12, &random)
        for base in [1, 29, 30, 31, 50, 70] {
            var later = parent
            later.append(25, streams: 12, &random)
            _ = try later.flush(in: store)
            let root = try #require(later.root)
            let adopted = try store.adopt(root, cut: Position(UInt64(base)))
            #expect(try store.end(of: adopted.root) == Position(UInt64(base)))
            #expect(
                adopted.newObjects.allSatisfy { $0.id.kind == .nodes },
                "nothing but nodes is written")
            let snapshot = try store.snapshot(root: adopted.root, cut: Position(UInt64(base)))
            let comparison = SnapshotComparison(
                snapshot: snapshot, events: Array(parent.events[..<base]))
            try comparison.run(&random)
            // The child goes on from there.
            var child = parent.fork(at: base, overlay: OverlayID(2))
            child.root = adopted.root
            child.flushedCount = base
            child.append(10, streams: 12, &random)
            _ = try child.flush(in: store)
            let own = try #require(try child.snapshot(cut: base + 10, in: store))
            try SnapshotComparison(snapshot: own, events: child.events).run(&random)
        }
    }

    @Test("merges keep runs few, and never cross the floor")
    func mergePolicy() throws {
        var random = SeededGenerator(seed: 8)
        let store = Self.store(MemoryObjectBackend(), seed: 1)
        var line = PlainLine(overlay: OverlayID(1))
        line.append(64, streams: 12, &random)
        _ = try line.flush(in: store)
        var child = line.fork(at: 40, overlay: OverlayID(2))
        for _ in 0..<60 {
            child.append(3, streams: 12, &random)
            _ = try child.flush(in: store)
            let reader = store.reader(of: child.root)
            let runs = try reader.runs()
            #expect(runs.count <= 6)
            #expect(runs.filter(\.hasFilter).count == runs.count - 1, "none on the oldest")
            for run in runs { #expect(run.end <= Position(40) || run.first >= Position(40)) }
            var segments: [SegmentEntry] = []
            try reader.forEachSegment(in: .zero..<Position(1_000)) {
                (segment) throws(StorageError) in
                segments.append(segment)
                return true
            }
            #expect(segments.count <= 24)
            for segment in segments {
                #expect(segment.end <= Position(40) || segment.first >= Position(40))
            }
        }
        #expect(child.events.count == 220)
    }

    @Test("events divide into segments at the limits of events and of bytes")
    func division() throws {
        var random = SeededGenerator(seed: 9)
        for (eventCount, byteCount, expected) in [
            (10, UInt64(1 << 20), [10, 10, 5]), (25, 1 << 20, [25]), (24, 1 << 20, [24, 1]),
            (100, 1, Array(repeating: 1, count: 25)),
        ] {
            var limits = PublishLimits.standard
            limits.segmentEventCount = eventCount
            limits.segmentByteCount = byteCount
            let store = SegmentStore(
                objects: ObjectStore(
                    backend: MemoryObjectBackend(), cache: PageCache(byteCountMax: 1 << 22)),
                limits: limits)
            var line = PlainLine(overlay: OverlayID(1))
            line.append(25, streams: 6, &random)
            _ = try line.flush(in: store)
            var counts: [Int] = []
            try store.reader(of: line.root).forEachSegment(in: .zero..<Position(25)) {
                (segment) throws(StorageError) in
                counts.append(Int(segment.first.distance(to: segment.end)))
                return true
            }
            #expect(counts == expected)
            #expect(try store.reader(of: line.root).runs().count == 1)
            let snapshot = try #require(try line.snapshot(cut: 25, in: store))
            try SnapshotComparison(snapshot: snapshot, events: line.events).run(&random)
        }
    }
}
