// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, objects. One open object: its directory and its part of the page cache.
//
// Opening checks the trailer, the directory's checksum and the length; each page is checked before
// it is decompressed (invariant 6). The header is checked by `verify` alone: nothing reads it.
import CLZ4
import CXXHash

/// Whether a page that had to be read stays in the cache.
package enum PageRetention: Sendable {
    case kept
    /// For reading that touches everything once: it must not push out what others use.
    case passing
}

/// Reads the pages of one object. Thread-safe.
///
/// `@unchecked Sendable`: the slots are the page cache's, guarded by its shards.
package final class ObjectReader: @unchecked Sendable {
    package let id: ObjectID
    package let pageCount: Int
    package let byteCount: UInt64
    private let directory: [PageLocation]
    private let slots: UnsafeMutablePointer<Unmanaged<Page>?>
    private let shardNumber: Int
    private let sources: ObjectSources
    private let cache: PageCache

    init(
        _ id: ObjectID, sources: ObjectSources, cache: PageCache
    ) throws(StorageError) {
        let source = try sources.source(of: id)
        let contents = try ObjectContents(of: id, in: source)
        self.id = id
        self.sources = sources
        self.cache = cache
        directory = contents.directory
        pageCount = directory.count
        byteCount = source.byteCount
        slots = .allocate(capacity: pageCount)
        slots.initialize(repeating: nil, count: pageCount)
        shardNumber = Int(truncatingIfNeeded: id.address.low)
    }

    deinit {
        for index in 0..<pageCount {
            cache.remove(PageSlot(slots + index), number: shardNumber &+ index)
        }
        slots.deallocate()
    }

    /// What a page has raw, from the directory; 0 where there is no such page.
    package func rawByteCount(ofPage index: Int) -> Int {
        index >= 0 && index < pageCount ? Int(directory[index].rawByteCount) : 0
    }

    /// Where a page lies in the object, for errors; nil where there is no such page.
    package func offset(ofPage index: Int) -> UInt64? {
        index >= 0 && index < pageCount ? directory[index].offset : nil
    }

    /// A page, verified and decompressed: from the cache (about 15 ns), or read.
    ///
    /// `index` may come from bytes on disk: one that is out of range is damage, and so is a page of
    /// more than `byteCountMax` bytes raw. Nothing is allocated before both are checked.
    @inline(__always)
    package func page(
        _ index: Int, role: PageRole, retention: PageRetention = .kept,
        byteCountMax: Int = ObjectFormat.pageByteCountMax
    ) throws(StorageError) -> Page {
        if index >= 0 && index < pageCount,
            let page = cache.find(
                PageSlot(slots + index), number: shardNumber &+ index, role: role)
        {
            return page
        }
        return try readPage(index, role: role, retention: retention, byteCountMax: byteCountMax)
    }

    @inline(never)
    private func readPage(
        _ index: Int, role: PageRole, retention: PageRetention, byteCountMax: Int
    ) throws(StorageError) -> Page {
        guard index >= 0 && index < pageCount else {
            throw id.damage(at: nil, "page \(index) is meant, and it has \(pageCount)")
        }
        let location = directory[index]
        guard Int(location.rawByteCount) <= byteCountMax else {
            throw id.damage(
                at: location.offset,
                "page \(index) has \(location.rawByteCount) bytes, at most \(byteCountMax) fit")
        }
        let page = try verifiedPage(index, at: location)
        let number = shardNumber &+ index
        let storedByteCount = Int(location.storedByteCount)
        switch retention {
        case .kept:
            return cache.insert(
                page, in: PageSlot(slots + index), number: number, role: role,
                storedByteCount: storedByteCount)
        case .passing:
            cache.countRead(number: number, role: role, storedByteCount: storedByteCount)
            return page
        }
    }

    /// Reads a page. One that does not verify is read once more through a new source: a repair may
    /// have put a whole object in the place of the one that is open.
    private func verifiedPage(
        _ index: Int, at location: PageLocation
    ) throws(StorageError) -> Page {
        do throws(StorageError) {
            if let page = try location.read(from: sources.source(of: id)) { return page }
        } catch {
            guard error.isDamage else { throw error }
        }
        sources.forget(id)
        if let page = try location.read(from: sources.source(of: id)) { return page }
        throw id.damage(at: location.offset, "the checksum of page \(index) does not match")
    }

    /// Reads the whole object past all caches and recomputes its address: what the medium holds now
    /// under the object's name, not what was open or cached of it.
    package func verify() throws(StorageError) {
        sources.forget(id)
        try ObjectContents.verify(id, in: sources.source(of: id))
    }
}

extension PageLocation {
    /// Reads, checks and decompresses the page; nil where its bytes are not those written.
    fileprivate func read(from source: any ObjectSource) throws(StorageError) -> Page? {
        let stored = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Int(storedByteCount), alignment: 16)
        guard try readStored(into: stored, from: source) else {
            stored.deallocate()
            return nil
        }
        guard isCompressed else { return Page(owning: stored) }
        defer { stored.deallocate() }
        let raw = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Int(rawByteCount), alignment: 16)
        let count = LZ4_decompress_safe(
            stored.baseAddress, raw.baseAddress, Int32(storedByteCount), Int32(rawByteCount))
        guard count == Int32(rawByteCount) else {
            raw.deallocate()
            return nil
        }
        return Page(owning: raw)
    }

    private func readStored(
        into stored: UnsafeMutableRawBufferPointer, from source: any ObjectSource
    ) throws(StorageError) -> Bool {
        do throws(StorageError) {
            let count = try source.read(into: stored, at: offset)
            return count == stored.count && forkctl_hash64(stored.baseAddress, count) == checksum
        } catch {
            stored.deallocate()
            throw error
        }
    }
}
