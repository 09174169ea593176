// SPDX-License-Identifier: Apache-2.0
import ForkTesting
import Testing

@testable import SegmentStore

@Suite("Manifest nodes, as objects")
struct ObjectNodeStoreTests {
    private static func edits(_ numbers: Range<Int>) -> [ManifestEdit] {
        numbers.map { number in
            var key: [UInt8] = []
            key.appendBigEndian(UInt32(number))
            return .put(key: key, value: Array(repeating: UInt8(number & 255), count: 64))
        }
    }

    private static func store(_ backend: MemoryObjectBackend) -> ObjectNodeStore {
        ObjectNodeStore(
            objects: ObjectStore(backend: backend, cache: PageCache(byteCountMax: 1 << 22)))
    }

    @Test("commits are read back through another store, and the same commit is a reuse")
    func roundTrip() throws {
        let backend = MemoryObjectBackend()
        let empty = Manifest(store: Self.store(backend), root: nil)
        let first = try empty.apply(Self.edits(0..<500))
        let second = try first.manifest.apply(Self.edits(500..<503))
        #expect(second.bundles.count == 1)
        #expect(second.bundles.allSatisfy { !$0.wasReused })
        let again = try first.manifest.apply(Self.edits(500..<503))
        #expect(again.manifest.root == second.manifest.root)
        #expect(again.bundles.allSatisfy { $0.wasReused })
        for (root, count) in [(first.manifest.root, 500), (second.manifest.root, 503)] {
            let manifest = Manifest(store: Self.store(backend), root: root)
            #expect(try manifest.checkInvariants().entryCount == count)
            #expect(try manifest.allEntries().count == count)
        }
    }

    @Test("Invariant 6: a page read as something else first is still checked as a node, once")
    func checkedOnce() throws {
        let store = Self.store(MemoryObjectBackend())
        var writer = try store.objects.makeWriter(.nodes)
        let good = ManifestNodeFormat.encode(height: 0, entries: [([1], [2])])
        for bytes in [good, Array(good.dropLast()) + [2, 3]] {
            _ = try bytes.withUnsafeBytes { try writer.appendPage($0) }
        }
        let address = try writer.finish().id.address
        let reader = try store.objects.open(ObjectID(address: address, kind: .nodes))
        for number in 0..<2 {
            let page = try reader.page(number, role: .node)
            let reference = NodeReference(object: address, page: UInt32(number))
            for _ in 0..<2 {
                do throws(StorageError) {
                    #expect(try store.node(at: reference).entry(0).value == [2])
                    #expect(number == 0)
                } catch {
                    #expect(number == 1 && error.isDamage)
                }
                #expect(page.isNode == (number == 0))
            }
        }
        #expect(store.objects.readCounts().nodes.read == 2)
    }

    @Test("a look-up asks the cache for one node a level; a missing or damaged bundle is damage")
    func readsAndDamage() throws {
        let backend = MemoryObjectBackend()
        let store = Self.store(backend)
        let commit = try Manifest(store: store, root: nil).apply(Self.edits(0..<500))
        let before = store.objects.readCounts().nodes.used
        #expect(try commit.manifest.lookup([0, 0, 1, 0]) != nil)
        #expect(store.objects.readCounts().nodes.used - before == 2)

        let id = try #require(commit.bundles.first?.id)
        let bytes = try #require(backend[id])
        backend[id] = nil
        #expect(throws: StorageError.self) {
            try Manifest(store: Self.store(backend), root: commit.manifest.root).allEntries()
        }
        for bit in stride(from: 0, to: 8 * bytes.count, by: 331) {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            backend[id] = flipped
            // The object's header is checked by verify alone: flipped there, the answer is right.
            do {
                let manifest = Manifest(store: Self.store(backend), root: commit.manifest.root)
                #expect(try manifest.allEntries().count == 500)
                #expect(bit < 128)
            } catch {
                #expect((error as? StorageError)?.isDamage == true)
            }
        }
    }
}
