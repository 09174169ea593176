// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, its façade: objects, page cache, roots. Knows bytes, positions and cuts,
// nothing of forks, names or time.

/// The immutable part of a store: what is flushed, under roots. Thread-safe.
package final class SegmentStore: Sendable {
    package let objects: ObjectStore

    package init(backend: any ObjectBackend, cacheByteCountMax: Int) {
        objects = ObjectStore(backend: backend, cache: PageCache(byteCountMax: cacheByteCountMax))
    }

    /// Opens what `root` holds below `cut`; the per-root part is cached. The caller keeps the root
    /// from being collected.
    package func snapshot(root: ManifestRoot, cut: Position) throws(StorageError) -> Snapshot {
        throw StorageError.limit(what: "not built yet", limit: 0, actual: 0)
    }

    /// Builds `events` (position order, the first at `cut`) into segments and an index run over
    /// what `root` holds below `cut` (the root is trimmed there first), merges runs and coalesces
    /// small segments above `floor` where that is due, and makes a new root. Everything is durable
    /// on return. The bytes depend on the arguments alone.
    ///
    /// `overlays`: whose the events are, covering their positions.
    package func publish(
        _ events: UnsafeBufferPointer<EventReference>, onto root: ManifestRoot?, cut: Position,
        floor: Position, overlays: [(overlay: OverlayID, positions: Range<Position>)],
        seed: UInt64
    ) throws(StorageError) -> PublishedRoot {
        throw StorageError.limit(what: "not built yet", limit: 0, actual: 0)
    }

    /// Everything that the roots reach, each shared node visited once; every manifest node and
    /// every segment's and run's end is read, and every object is there with its length (rule 16):
    /// damage otherwise.
    package func mark(_ roots: Set<ManifestRoot>) throws(StorageError) -> Set<ObjectID> {
        throw StorageError.limit(what: "not built yet", limit: 0, actual: 0)
    }
}

/// A root made by `publish`.
package struct PublishedRoot: Sendable {
    package let root: ManifestRoot
    /// Objects that were there before: their addresses are recorded as revived (rule 9).
    package let reusedObjects: [ObjectID]
    package let newObjects: [PublishedObject]

    package init(
        root: ManifestRoot, reusedObjects: [ObjectID], newObjects: [PublishedObject]
    ) {
        self.root = root
        self.reusedObjects = reusedObjects
        self.newObjects = newObjects
    }
}
