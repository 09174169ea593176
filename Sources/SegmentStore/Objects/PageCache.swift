// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, objects. One cache for blocks, run pages and nodes of all objects.
//
// A page enters only after it was verified (invariant 6). A page is found through the page table
// of its object, one slot a page, so a hit is a lock, a load and a retain: no hashing of keys.
// Slots are spread over shards; a shard's lock guards its slots, its ring and its counts.

/// Where a page of an object is found: a word in its object's page table.
///
/// `@unchecked Sendable`: the word is read and written under the lock of its shard alone.
struct PageSlot: @unchecked Sendable {
    private let word: UnsafeMutablePointer<Unmanaged<Page>?>

    init(_ word: UnsafeMutablePointer<Unmanaged<Page>?>) { self.word = word }

    fileprivate var page: Unmanaged<Page>? {
        @inline(__always) get { word.pointee }
        nonmutating set { word.pointee = newValue }
    }
}

/// Keeps pages up to a number of bytes; beyond it those go that were not used for a whole turn of
/// the clock. Thread-safe.
package final class PageCache: @unchecked Sendable {
    // `@unchecked Sendable`: the memory of the shards is set once; each shard is locked.
    private let shards: UnsafeMutablePointer<Locked<PageCacheShard>>
    private let shardCount: Int
    package let byteCountMax: Int

    /// What a page costs beside its bytes: the object and its place in the ring.
    static let pageOverheadByteCount = 96

    /// `byteCountMax`: raw bytes of pages kept at most. `shardCount`: a power of two. A page
    /// larger than `byteCountMax / shardCount` is never kept.
    package init(byteCountMax: Int, shardCount: Int = 16) {
        precondition(byteCountMax >= 0 && shardCount > 0 && shardCount & (shardCount - 1) == 0)
        self.byteCountMax = byteCountMax
        self.shardCount = shardCount
        shards = .allocate(capacity: shardCount)
        for index in 0..<shardCount {
            (shards + index).initialize(
                to: Locked(PageCacheShard(byteCountMax: byteCountMax / shardCount)))
        }
    }

    deinit {
        shards.deinitialize(count: shardCount)
        shards.deallocate()
    }

    /// What was read since the cache was made, by all objects together.
    package func counts() -> ReadCounts {
        var total = ReadCounts()
        for index in 0..<shardCount {
            total = total + shards[index].withLock { $0.counts }
        }
        return total
    }

    /// Raw bytes of pages kept now.
    package func byteCount() -> Int {
        var total = 0
        for index in 0..<shardCount { total += shards[index].withLock { $0.byteCount } }
        return total
    }

    @inline(__always)
    private func shard(_ number: Int) -> UnsafeMutablePointer<Locked<PageCacheShard>> {
        shards + (number & (shardCount - 1))
    }
}

// MARK: For objects. `number` is the object's own plus the page's: it picks the shard.

extension PageCache {
    @inline(__always)
    func find(_ slot: PageSlot, number: Int, role: PageRole) -> Page? {
        shard(number).pointee.withLock { shard in shard.find(slot, role: role) }
    }

    /// Counts a page that was read and keeps it, unless another reader was first: then that one's
    /// page is returned.
    func insert(
        _ page: Page, in slot: PageSlot, number: Int, role: PageRole, storedByteCount: Int
    ) -> Page {
        shard(number).pointee.withLock { shard in
            shard.count(role, storedByteCount: storedByteCount)
            return shard.insert(page, in: slot)
        }
    }

    /// Counts a page that was read and is not to be kept.
    func countRead(number: Int, role: PageRole, storedByteCount: Int) {
        shard(number).pointee.withLock { shard in
            shard.count(role, storedByteCount: storedByteCount)
        }
    }

    func remove(_ slot: PageSlot, number: Int) {
        shard(number).pointee.withLock { shard in shard.remove(slot) }
    }
}

/// A part of the cache, used under its lock alone.
struct PageCacheShard: ~Copyable {
    private struct Entry {
        let page: Unmanaged<Page>
        let slot: PageSlot
    }

    private(set) var counts = ReadCounts()
    private(set) var byteCount = 0
    private let byteCountMax: Int
    private var ring: [Entry] = []
    private var hand = 0

    init(byteCountMax: Int) { self.byteCountMax = byteCountMax }

    deinit {
        // Objects hold the cache, and take their pages out first, so no slot is left to clear.
        for entry in ring { entry.page.release() }
    }

    @inline(__always)
    mutating func find(_ slot: PageSlot, role: PageRole) -> Page? {
        guard let held = slot.page else { return nil }
        let page = held.takeUnretainedValue()
        page.wasUsed = true
        counts[role].hit &+= 1
        return page
    }

    mutating func count(_ role: PageRole, storedByteCount: Int) {
        counts[role].read &+= 1
        counts.storedByteCount &+= UInt64(storedByteCount)
    }

    mutating func insert(_ page: Page, in slot: PageSlot) -> Page {
        if let held = slot.page { return held.takeUnretainedValue() }
        let cost = page.cacheByteCount
        guard cost <= byteCountMax else { return page }
        while byteCount + cost > byteCountMax { evictOne() }
        page.ringIndex = ring.count
        ring.append(Entry(page: .passRetained(page), slot: slot))
        slot.page = .passUnretained(page)
        byteCount += cost
        return page
    }

    mutating func remove(_ slot: PageSlot) {
        guard let held = slot.page else { return }
        remove(at: held._withUnsafeGuaranteedRef { $0.ringIndex })
    }

    /// Moves the hand on to a page that was not used since it last passed, and lets that go. Ends:
    /// after one turn no page is marked as used.
    private mutating func evictOne() {
        while true {
            if hand >= ring.count { hand = 0 }
            let wasUsed = ring[hand].page._withUnsafeGuaranteedRef { page in
                defer { page.wasUsed = false }
                return page.wasUsed
            }
            if !wasUsed { return remove(at: hand) }
            hand += 1
        }
    }

    private mutating func remove(at index: Int) {
        let entry = ring[index]
        let last = ring.removeLast()
        if index < ring.count {
            last.page._withUnsafeGuaranteedRef { $0.ringIndex = index }
            ring[index] = last
        }
        entry.slot.page = nil
        byteCount -= entry.page._withUnsafeGuaranteedRef { $0.cacheByteCount }
        entry.page.release()
    }
}

extension Page {
    fileprivate var cacheByteCount: Int { bytes.count + PageCache.pageOverheadByteCount }
}
