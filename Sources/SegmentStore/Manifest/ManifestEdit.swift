// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, manifest. What a commit changes, and what it made.

/// One change of one key.
package enum ManifestEdit: Hashable, Sendable {
    /// Sets the value, whether or not the key is there.
    case put(key: [UInt8], value: [UInt8])
    /// Removes the key; no change where it is absent.
    case delete(key: [UInt8])

    package var key: [UInt8] {
        switch self {
        case .put(let key, _), .delete(let key): key
        }
    }
}

/// What `Manifest.apply` made.
package struct ManifestCommit: Sendable {
    /// The new tree; the old one where the edits changed nothing.
    package var manifest: Manifest
    /// The bundles that were written, in order; empty where nothing was.
    package var bundles: [PublishedObject]
    /// New nodes in those bundles.
    package var copiedNodeCount: Int
    /// Of these, nodes that were copied only to leave a bundle less than half live.
    package var rewrittenNodeCount: Int
}
