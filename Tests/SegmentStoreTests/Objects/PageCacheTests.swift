// SPDX-License-Identifier: Apache-2.0
import ForkTesting
import SegmentStore
import Synchronization
import Testing

@Suite("Page cache")
struct PageCacheTests {
    @Test("A page is read once, then found; both are counted for its role")
    func counts() throws {
        let store = ObjectFixture.store(MemoryObjectBackend())
        let reader = try store.open(ObjectFixture.write([[1], [2]], in: store).id)
        let before = store.readCounts()
        for _ in 0..<3 { _ = try reader.page(0, role: .node) }
        _ = try reader.page(1, role: .block)
        let counts = store.readCounts() - before
        #expect(counts.nodes.read == 1 && counts.nodes.hit == 2 && counts.nodes.used == 3)
        #expect(counts.blocks.read == 1 && counts.blocks.hit == 0)
        #expect(counts.storedByteCount == 2)
        #expect(counts.runPages.used == 0 && counts.tablePages.used == 0)
    }

    @Test("A passing read leaves nothing behind, and uses what is there")
    func passing() throws {
        let store = ObjectFixture.store(MemoryObjectBackend())
        let reader = try store.open(ObjectFixture.write([[1], [2]], in: store).id)
        _ = try reader.page(0, role: .block, retention: .passing)
        #expect(store.cache.byteCount() == 0)
        _ = try reader.page(0, role: .block)
        _ = try reader.page(0, role: .block, retention: .passing)
        #expect(store.readCounts().blocks.read == 2 && store.readCounts().blocks.hit == 1)
    }

    @Test("The cache keeps to its bytes, and what is used stays", arguments: [1, 4])
    func bounded(shardCount: Int) throws {
        let limit = 64 << 10
        let store = ObjectFixture.store(
            MemoryObjectBackend(), cacheByteCount: limit, shardCount: shardCount)
        let pages = (0..<200).map { ObjectFixture.random(1000, seed: UInt64($0)) }
        let reader = try store.open(ObjectFixture.write(pages, in: store).id)
        for index in pages.indices {
            _ = try reader.page(0, role: .run)
            #expect(try reader.page(index, role: .block).withBytes { Array($0) } == pages[index])
            #expect(store.cache.byteCount() <= limit)
        }
        #expect(store.cache.byteCount() > limit / 2)
        #expect(store.readCounts().runPages.read == 1, "page 0 is used all along")
    }

    @Test("A page larger than its shard is read each time, and never kept")
    func tooLarge() throws {
        let store = ObjectFixture.store(
            MemoryObjectBackend(), cacheByteCount: 4000, shardCount: 4)
        let reader = try store.open(
            ObjectFixture.write([ObjectFixture.random(2000)], in: store).id)
        for _ in 0..<2 { _ = try reader.page(0, role: .block) }
        #expect(store.readCounts().blocks.read == 2 && store.cache.byteCount() == 0)
    }

    @Test("A page lives while it is held, though cache and reader are gone")
    func outlives() throws {
        var page: Page?
        do {
            let store = ObjectFixture.store(MemoryObjectBackend())
            let reader = try store.open(ObjectFixture.write([[1, 2, 3]], in: store).id)
            page = try reader.page(0, role: .node)
        }
        #expect(page?.withBytes { Array($0) } == [1, 2, 3])
    }

    @Test("A reader that is let go takes its pages out; one in use is never opened twice")
    func readersAreBounded() throws {
        let store = ObjectFixture.store(
            MemoryObjectBackend(), readerCountMax: 2, sourceCountMax: 1)
        var ids: [ObjectID] = []
        for value in 0..<UInt8(20) {
            ids.append(try ObjectFixture.write([[value], [value, 1]], in: store).id)
        }
        let held = try store.open(ids[0])
        for id in ids { _ = try store.open(id).page(1, role: .node) }
        #expect(try store.open(ids[0]) === held)
        #expect(store.cache.byteCount() <= 3 * (2 + 96), "two kept readers and the held one")
    }

    @Test("Invariant 6: many threads over a cache too small for them read only true bytes")
    func concurrent() async throws {
        let store = ObjectFixture.store(
            MemoryObjectBackend(), cacheByteCount: 40_000, shardCount: 2, readerCountMax: 2,
            sourceCountMax: 2)
        let contents = (0..<6).map { object in
            (0..<30).map { ObjectFixture.random(700, seed: UInt64(object * 100 + $0)) }
        }
        let ids = try contents.map { try ObjectFixture.write($0, in: store).id }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    var generator = SeededGenerator(seed: UInt64(worker))
                    for _ in 0..<3000 {
                        let object = Int.random(in: 0..<6, using: &generator)
                        let index = Int.random(in: 0..<30, using: &generator)
                        let page = try store.open(ids[object]).page(index, role: .node)
                        let isTrue = page.withBytes { bytes in
                            bytes.elementsEqual(contents[object][index])
                        }
                        #expect(isTrue)
                    }
                }
            }
            try await group.waitForAll()
        }
        let counts = store.readCounts().nodes
        #expect(counts.used == 12_000)
    }
}
