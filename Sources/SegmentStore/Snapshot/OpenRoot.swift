// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. What reading a root needs whatever the cut: opened once.

/// A root with its runs opened. Immutable; thread-safe.
final class OpenRoot: Sendable {
    struct Run: Sendable {
        let entry: RunEntry
        let open: OpenRun
    }

    let root: ManifestRoot
    let reader: ManifestReader
    let segments: SegmentCache
    /// Newest first.
    let runs: [Run]
    /// The position after the last event.
    let end: Position

    init(
        _ root: ManifestRoot, reader: ManifestReader, segments: SegmentCache,
        open: (RunEntry) throws(StorageError) -> OpenRun
    ) throws(StorageError) {
        self.root = root
        self.reader = reader
        self.segments = segments
        end = try reader.end()
        var runs: [Run] = []
        var below = end
        for entry in try reader.runs() {
            let run = try open(entry)
            guard entry.end == below, run.index.range.lowerBound == entry.first,
                entry.end <= run.index.range.upperBound
            else {
                throw .damaged(root.node, "below it the runs do not cover the segments")
            }
            below = entry.first
            runs.append(Run(entry: entry, open: run))
        }
        guard below == .zero else {
            throw .damaged(root.node, "below it the runs do not cover the segments")
        }
        self.runs = runs
    }
}

/// Open roots and runs. Thread-safe.
final class RootCache: Sendable {
    private let objects: ObjectStore
    private let nodes: ObjectNodeStore
    private let segments: SegmentCache
    private let roots = BoundedCache<ManifestRoot, OpenRoot>(countMax: 256)
    private let runs = BoundedCache<ObjectAddress, OpenRun>(countMax: 512)

    init(objects: ObjectStore, nodes: ObjectNodeStore, segments: SegmentCache) {
        self.objects = objects
        self.nodes = nodes
        self.segments = segments
    }

    func open(_ root: ManifestRoot) throws(StorageError) -> OpenRoot {
        try roots.value(of: root) { () throws(StorageError) in
            try OpenRoot(
                root, reader: ManifestReader(store: nodes, root: root), segments: segments
            ) { (entry) throws(StorageError) in try run(entry.address) }
        }
    }

    func run(_ address: ObjectAddress) throws(StorageError) -> OpenRun {
        try runs.value(of: address) { () throws(StorageError) in
            let reader = try objects.open(ObjectID(address: address, kind: .run))
            return OpenRun(try IndexRun(reader), segments: segments)
        }
    }
}
