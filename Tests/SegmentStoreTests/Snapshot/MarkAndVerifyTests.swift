// SPDX-License-Identifier: Apache-2.0
import ForkTesting
import Testing

@testable import SegmentStore

@Suite("Mark and verify")
struct MarkAndVerifyTests {
    private struct Fixture {
        let backend = MemoryObjectBackend()
        var roots: [ManifestRoot] = []
        var made: Set<ObjectID> = []

        var store: SegmentStore {
            SegmentStore(
                objects: ObjectStore(backend: backend, cache: PageCache(byteCountMax: 1 << 22)))
        }

        init() throws {
            var random = SeededGenerator(seed: 21)
            let store = self.store
            var line = PlainLine(overlay: OverlayID(1))
            for count in [40, 5, 5, 30] {
                line.append(count, streams: 12, &random)
                try flush(&line, in: store)
            }
            var child = line.fork(at: 47, overlay: OverlayID(2))
            for count in [4, 9] {
                child.append(count, streams: 12, &random)
                try flush(&child, in: store)
            }
        }

        private mutating func flush(_ line: inout PlainLine, in store: SegmentStore) throws {
            for root in try line.flush(in: store) {
                made.formUnion(root.newObjects.map(\.id))
                made.formUnion(root.reusedObjects)
                roots.append(root.root)
            }
        }
    }

    @Test("invariant 7: after deleting what marking does not reach, every marked root reads whole")
    func marking() throws {
        let fixture = try Fixture()
        let store = fixture.store
        let all = try store.mark(Set(fixture.roots))
        #expect(all == fixture.made, "with all roots, all that was ever made is reached")
        #expect(try store.mark([]).isEmpty)
        let last = try #require(fixture.roots.last)
        let reached = try store.mark([last])
        #expect(reached.isStrictSubset(of: fixture.made))
        for id in fixture.made.subtracting(reached) { #expect(fixture.backend.remove(id)) }
        var verification = Verification()
        #expect(try fixture.store.verify(last, &verification))
        #expect(verification.verified == reached, "verify reads just what marking reaches")
        // And nothing of it can be spared.
        for id in reached {
            let bytes = fixture.backend[id]
            fixture.backend[id] = nil
            var verification = Verification()
            #expect(try fixture.store.verify(last, &verification) == false)
            fixture.backend[id] = bytes
        }
    }

    @Test("a node that many roots share is visited once")
    func sharedNodes() throws {
        let fixture = try Fixture()
        let store = fixture.store
        let before = store.objects.readCounts().nodes.used
        _ = try store.mark(Set(fixture.roots))
        let used = store.objects.readCounts().nodes.used - before
        var nodes: Set<NodeReference> = []
        for root in fixture.roots {
            nodes.insert(root.node)
            #expect(root.height == 0)
        }
        #expect(used == UInt64(nodes.count))
    }

    @Test("rule 16: any object that is absent, cut short or longer stops marking")
    func faultsStopMarking() throws {
        let fixture = try Fixture()
        let last = try #require(fixture.roots.last)
        for id in try fixture.store.mark([last]) {
            let bytes = try #require(fixture.backend[id])
            for damaged in [nil, Array(bytes.dropLast()), bytes + [0]] {
                fixture.backend[id] = damaged
                #expect(throws: StorageError.self) { try fixture.store.mark([last]) }
                fixture.backend[id] = bytes
            }
        }
        _ = try fixture.store.mark([last])
    }

    @Test("invariant 10: verify names each damaged object, and finds the other roots whole")
    func damageIsNamed() throws {
        let fixture = try Fixture()
        let all = try fixture.store.mark(Set(fixture.roots))
        var random = SeededGenerator(seed: 3)
        for id in all.sorted() {
            let bytes = try #require(fixture.backend[id])
            for _ in 0..<6 {
                let bit = Int.random(in: 0..<(8 * bytes.count), using: &random)
                var flipped = bytes
                flipped[bit / 8] ^= 1 << UInt8(bit % 8)
                fixture.backend[id] = flipped
                let store = fixture.store
                var verification = Verification()
                for root in fixture.roots {
                    let isWhole = try store.verify(root, &verification)
                    fixture.backend[id] = bytes
                    let reaches = try fixture.store.mark([root]).contains(id)
                    fixture.backend[id] = flipped
                    #expect(isWhole == !reaches)
                }
                #expect(verification.damaged.contains(id))
                fixture.backend[id] = bytes
            }
        }
    }

    @Test("a cut above a root's end is damage, not events from nowhere")
    func cutAboveEnd() throws {
        let fixture = try Fixture()
        let root = try #require(fixture.roots.last)
        let end = try fixture.store.end(of: root)
        #expect(throws: StorageError.self) {
            try fixture.store.snapshot(root: root, cut: end.advanced(by: 1))
        }
    }
}
