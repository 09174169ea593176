// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. What a child inherits, taken from its parent's root.

extension SegmentStore {
    /// The root that holds just what `root` holds below `cut`, with the same segments and runs.
    ///
    /// A child whose inherited journals its parent has flushed meanwhile takes the parent's root at
    /// its base this way: all below the base is the history of both. Nothing is built but the
    /// nodes on the path of the cut. `cut` is above 0; throws `.damaged` where the root ends below.
    package func adopt(
        _ root: ManifestRoot, cut: Position
    ) throws(StorageError) -> PublishedRoot {
        precondition(cut > .zero, "without events there is no root")
        var draft = RootDraft(of: reader(of: root))
        try draft.trim(at: cut)
        guard let published = try draft.publish() else {
            preconditionFailure("a root over events has entries")
        }
        return published
    }
}
