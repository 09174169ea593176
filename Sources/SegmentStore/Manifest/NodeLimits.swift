// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, manifest. How full nodes are kept; tests make them tiny.

/// What decides where nodes split and join. A store uses `standard` always: the bytes of a root
/// are a function of the old root, the edits and these limits.
///
/// An entry's weight is its bytes, but at least `entryWeightMin`; a node holds at most `capacity`.
/// No node but the root is below 40 % of it: entries weigh at most an eighth of a node (or, in
/// tests, at least a quarter each, all alike), so halves of what overflows are above that.
package struct NodeLimits: Sendable {
    package static let capacity =
        ManifestNodeFormat.byteCountMax - ManifestNodeFormat.headerByteCount

    /// The least an entry weighs; above 1 only in tests.
    package var entryWeightMin: Int
    /// The nodes in one `nodes` object; more in one commit make more objects.
    package var bundleNodeCountMax: Int
    /// The nodes of older bundles that one commit looks at, to find those less than half live.
    package var rewriteExaminedNodeCountMax: Int

    package init(
        entryWeightMin: Int = 1, bundleNodeCountMax: Int = 128,
        rewriteExaminedNodeCountMax: Int = 512
    ) {
        self.entryWeightMin = entryWeightMin
        self.bundleNodeCountMax = bundleNodeCountMax
        self.rewriteExaminedNodeCountMax = rewriteExaminedNodeCountMax
    }

    package static let standard = NodeLimits()

    /// A node below this weight is joined with a neighbour.
    static let weightMin = capacity * 2 / 5

    func weight(key: Int, value: Int) -> Int {
        max(entryWeightMin, ManifestNodeFormat.entryByteCount(key: key, value: value))
    }
}
