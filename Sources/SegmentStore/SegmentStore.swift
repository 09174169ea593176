// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, its façade: objects, page cache, roots. Knows bytes, positions and cuts,
// nothing of forks, names or time.
//
// `publish` and `adopt` make roots, `snapshot` reads one, `mark` and `verify` go through what
// roots reach. Each is in a file of its own in Snapshot/.

/// The immutable part of a store: what is flushed, under roots. Thread-safe.
package final class SegmentStore: Sendable {
    package let objects: ObjectStore
    let nodes: ObjectNodeStore
    let segments: SegmentCache
    let roots: RootCache
    package let limits: PublishLimits
    /// Objects that were read whole and found sound by `inspect`.
    let inspected = BoundedCache<ObjectID, Void>(countMax: 4_096)

    /// `cacheByteCountMax`: raw bytes of pages that are kept in memory at most.
    package convenience init(backend: any ObjectBackend, cacheByteCountMax: Int) {
        self.init(
            objects: ObjectStore(
                backend: backend, cache: PageCache(byteCountMax: cacheByteCountMax)))
    }

    package init(objects: ObjectStore, limits: PublishLimits = .standard) {
        self.limits = limits
        self.objects = objects
        nodes = ObjectNodeStore(objects: objects)
        segments = SegmentCache(objects: objects)
        roots = RootCache(objects: objects, nodes: nodes, segments: segments)
    }

    /// Opens what `root` holds below `cut`; the part that depends on the root alone is cached, so
    /// that a second cut of it costs O(runs) and no read. The caller keeps the root from being
    /// collected. Throws `.damaged` where the root ends below `cut`.
    package func snapshot(root: ManifestRoot, cut: Position) throws(StorageError) -> Snapshot {
        try Snapshot(roots.open(root), cut: cut)
    }

    /// The position after the last event of a root; 0 without one. O(height) nodes.
    package func end(of root: ManifestRoot?) throws(StorageError) -> Position {
        try reader(of: root).end()
    }

    func reader(of root: ManifestRoot?) -> ManifestReader {
        ManifestReader(store: nodes, root: root, limits: limits.nodes)
    }
}
