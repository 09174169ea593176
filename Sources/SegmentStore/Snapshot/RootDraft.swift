// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. A root while it is being made: what changes of the old one.

/// Collects the edits of one new root and the objects they name.
struct RootDraft {
    private let base: ManifestReader
    private var edits: [[UInt8]: ManifestEdit] = [:]
    private(set) var objects: [PublishedObject] = []

    init(of base: ManifestReader) {
        self.base = base
    }

    /// Trims the old root at `cut`, which must be at or below its end. Comes before other edits.
    mutating func trim(at cut: Position) throws(StorageError) {
        let end = try base.end()
        guard cut <= end else {
            throw base.damage("below it are \(end) events, and there should be \(cut)")
        }
        for edit in try base.trim(at: cut) { add(edit) }
    }

    mutating func put(_ segment: SegmentEntry) { add(segment.put) }
    mutating func put(_ run: RunEntry) { add(run.put) }
    mutating func remove(_ segment: SegmentEntry) { add(segment.delete) }
    mutating func remove(_ run: RunEntry) { add(run.delete) }
    mutating func wrote(_ object: PublishedObject) { objects.append(object) }

    private mutating func add(_ edit: ManifestEdit) { edits[edit.key] = edit }

    /// Writes the new nodes; nil where nothing is left.
    consuming func publish() throws(StorageError) -> PublishedRoot? {
        let sorted = edits.values.sorted { $0.key.sortsBefore($1.key) }
        let commit = try base.manifest.apply(sorted)
        guard let root = commit.manifest.root else { return nil }
        return PublishedRoot(root: root, objects: objects + commit.bundles)
    }
}
