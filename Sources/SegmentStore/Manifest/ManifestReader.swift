// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, manifest. A root read as what it holds: segments and runs.

/// The segments and runs of a root. Immutable; thread-safe.
package struct ManifestReader: Sendable {
    package let manifest: Manifest

    package init(_ manifest: Manifest) {
        self.manifest = manifest
    }

    package init(store: any NodeStore, root: ManifestRoot?, limits: NodeLimits = .standard) {
        manifest = Manifest(store: store, root: root, limits: limits)
    }

    /// The position after the last event of the root; 0 where there is no root. O(height).
    package func end() throws(StorageError) -> Position {
        var cursor = try manifest.cursorAtEnd()
        guard let last = try cursor.previous() else { return .zero }
        return try segment(last).end
    }

    /// The segment that holds `position`; nil where it is at or beyond the end. O(height).
    package func segment(holding position: Position) throws(StorageError) -> SegmentEntry? {
        guard let entry = try manifest.floor(ManifestKey.segment(position)),
            entry.key.first == ManifestEntryFormat.segmentTag
        else { return nil }
        let segment = try segment(entry)
        return position < segment.end ? segment : nil
    }

    /// All runs, newest first: less than ten, up to 10^9 events.
    package func runs() throws(StorageError) -> [RunEntry] {
        var runs: [RunEntry] = []
        var cursor = try manifest.cursor(before: ManifestKey.segment(.zero))
        while let entry = try cursor.previous() {
            guard let run = RunEntry(entry) else { throw damaged(entry) }
            runs.append(run)
        }
        return runs
    }

    func segment(_ entry: ManifestEntry) throws(StorageError) -> SegmentEntry {
        guard let segment = SegmentEntry(entry) else { throw damaged(entry) }
        return segment
    }

    private func damaged(_ entry: ManifestEntry) -> StorageError {
        let key = entry.key.map { String($0, radix: 16) }.joined(separator: " ")
        return damage("below it the entry with key \(key) is not one of a manifest")
    }

    /// Damage somewhere below the root.
    func damage(_ reason: String) -> StorageError {
        guard let root = manifest.root else {
            return .damaged(
                .init(path: "(an empty manifest)", offset: nil, reason: reason))
        }
        return .damaged(root.node, reason)
    }
}
