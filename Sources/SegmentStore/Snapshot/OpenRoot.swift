// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. What reading a root needs whatever the cut: opened once.

/// A root with its runs opened. Immutable; thread-safe.
///
/// A run that cannot be opened keeps those look-ups from being answered that come to it; what is
/// found without it, and all that is read by position, is not touched (invariant 10).
final class OpenRoot: Sendable {
    struct Run: Sendable {
        let entry: RunEntry
        /// The run, or the damage that keeps it from being opened.
        let open: Result<OpenRun, StorageError>
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
            guard entry.end == below else {
                throw .damaged(root.node, "below it the runs do not cover the segments")
            }
            below = entry.first
            runs.append(Run(entry: entry, open: try Self.opening(entry, open)))
        }
        guard below == .zero else {
            throw .damaged(root.node, "below it the runs do not cover the segments")
        }
        self.runs = runs
    }

    /// Whether every run was opened.
    var isWhole: Bool {
        runs.allSatisfy { run in if case .success = run.open { true } else { false } }
    }

    private static func opening(
        _ entry: RunEntry, _ open: (RunEntry) throws(StorageError) -> OpenRun
    ) throws(StorageError) -> Result<OpenRun, StorageError> {
        do throws(StorageError) {
            let run = try open(entry)
            guard run.index.range.lowerBound == entry.first,
                entry.end <= run.index.range.upperBound
            else {
                throw entry.object.damage(at: nil, "its root says other things of it")
            }
            return .success(run)
        } catch {
            guard error.isDamage else { throw error }
            return .failure(error)
        }
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
        try roots.value(of: root, keptWhere: \.isWhole) { () throws(StorageError) in
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
