// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, objects. What the floors above see of objects: write one, open one.

/// The objects of one store, with the page cache they share. Thread-safe.
package final class ObjectStore: Sendable {
    package let backend: any ObjectBackend
    package let cache: PageCache
    private let sources: ObjectSources
    private let readers: Locked<ReaderTable>

    /// `readerCountMax`: objects whose directory stays in memory though nobody uses them.
    /// `sourceCountMax`: descriptors open at most.
    package init(
        backend: any ObjectBackend, cache: PageCache, readerCountMax: Int = 1024,
        sourceCountMax: Int = 256
    ) {
        self.backend = backend
        self.cache = cache
        sources = ObjectSources(backend: backend, countMax: sourceCountMax)
        readers = Locked(ReaderTable(countMax: readerCountMax))
    }

    package func makeWriter(_ kind: ObjectKind) throws(StorageError) -> ObjectWriter {
        ObjectWriter(kind, to: try backend.makeUpload())
    }

    /// Opens an object, or gives the reader that is open: one read of its end. Damage where it is
    /// missing or its end does not verify.
    package func open(_ id: ObjectID) throws(StorageError) -> ObjectReader {
        if let reader = readers.withLock({ $0.find(id) }) { return reader }
        let opened = try openUncached(id)
        let (reader, closing) = readers.withLock { $0.keep(opened) }
        // A reader goes outside the lock: it takes its pages out of the cache.
        withExtendedLifetime(closing) {}
        return reader
    }

    private func openUncached(_ id: ObjectID) throws(StorageError) -> ObjectReader {
        do throws(StorageError) {
            return try ObjectReader(id, sources: sources, cache: cache)
        } catch {
            // As for a page: what is open may have been replaced by a repair.
            guard error.isDamage else { throw error }
            sources.forget(id)
            return try ObjectReader(id, sources: sources, cache: cache)
        }
    }

    /// Removes an object; false where there was none. Its readers go on while their source is
    /// open: only what nothing reaches is removed (invariant 7).
    package func remove(_ id: ObjectID) throws(StorageError) -> Bool {
        forget(id)
        return try backend.remove(id)
    }

    /// Forgets what is open of an object that was moved away.
    package func forget(_ id: ObjectID) {
        let closing = readers.withLock { $0.remove(id) }
        withExtendedLifetime(closing) {}
        sources.forget(id)
    }

    /// What one of the 256 folders holds.
    package func list(_ folder: ObjectFolder) throws(StorageError) -> ObjectListing {
        try backend.list(folder)
    }

    /// The bytes an object has, without opening it; nil where there is none.
    package func byteCount(of id: ObjectID) throws(StorageError) -> UInt64? {
        try backend.byteCount(of: id)
    }

    package func readCounts() -> ReadCounts { cache.counts() }
}

/// The open readers, one an object. Those in use stay, however many; of the others a number.
private struct ReaderTable {
    private struct Entry {
        var reader: ObjectReader
        var wasUsed: Bool
    }

    private let countMax: Int
    private var places: [ObjectID: Int] = [:]
    private var ring: [Entry] = []
    private var hand = 0

    init(countMax: Int) { self.countMax = countMax }

    mutating func find(_ id: ObjectID) -> ObjectReader? {
        guard let place = places[id] else { return nil }
        ring[place].wasUsed = true
        return ring[place].reader
    }

    /// Keeps a reader, unless one of the same object was first; gives the one to use and the one to
    /// let go.
    mutating func keep(_ reader: ObjectReader) -> (ObjectReader, closing: ObjectReader?) {
        if let first = find(reader.id) { return (first, reader) }
        let closing = ring.count >= countMax ? removeOne() : nil
        places[reader.id] = ring.count
        ring.append(Entry(reader: reader, wasUsed: false))
        return (reader, closing)
    }

    /// Takes out one that nobody uses; nil where none was found in a few steps, for with very many
    /// in use each opening would pay for all of them.
    private mutating func removeOne() -> ObjectReader? {
        for _ in 0..<Swift.min(64, 2 * ring.count) {
            if hand >= ring.count { hand = 0 }
            if ring[hand].wasUsed {
                ring[hand].wasUsed = false
            } else if isKnownUniquelyReferenced(&ring[hand].reader) {
                return remove(at: hand)
            }
            hand += 1
        }
        return nil
    }

    mutating func remove(_ id: ObjectID) -> ObjectReader? {
        places[id].map { remove(at: $0) }
    }

    private mutating func remove(at place: Int) -> ObjectReader {
        let entry = ring[place]
        let last = ring.removeLast()
        places[entry.reader.id] = nil
        if place < ring.count {
            ring[place] = last
            places[last.reader.id] = place
        }
        return entry.reader
    }
}
