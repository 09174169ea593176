// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, manifest. A commit: edits in, a new tree out.

extension Manifest {
    /// The tree after `edits`, which must be sorted by key, one a key. Copies the touched paths,
    /// O(edits x height) nodes, and a bounded number of nodes out of sparse bundles; what it
    /// returns is durable. The bytes of the new root are a function of this root and the edits.
    /// On an error nothing is changed, though objects that no root names may have been written.
    ///
    /// Throws `.limit` for a key of no bytes or above 64, and for a value above 256 bytes.
    package func apply(_ edits: [ManifestEdit]) throws(StorageError) -> ManifestCommit {
        try Self.check(edits)
        var draft = ManifestDraft(of: self)
        try draft.apply(edits[...])
        let rewritten = try draft.rewriteSparseBundles()
        let published = try draft.publish()
        return ManifestCommit(
            manifest: Manifest(store: store, root: published.root, limits: limits),
            bundles: published.bundles, copiedNodeCount: published.nodeCount,
            rewrittenNodeCount: rewritten)
    }

    private static func check(_ edits: [ManifestEdit]) throws(StorageError) {
        for (index, edit) in edits.enumerated() {
            precondition(
                index == 0 || edits[index - 1].key.sortsBefore(edit.key),
                "edits are sorted by key, one a key")
            let keyMax = ManifestNodeFormat.keyByteCountMax
            guard (1...keyMax).contains(edit.key.count) else {
                throw .limit(what: "a manifest key", limit: keyMax, actual: edit.key.count)
            }
            let valueMax = ManifestNodeFormat.valueByteCountMax
            if case .put(_, let value) = edit, value.count > valueMax {
                throw .limit(what: "a manifest value", limit: valueMax, actual: value.count)
            }
        }
    }
}
