// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, catalog. What a fork, a pin or a tag holds: a root, a cut and journals.
package import SegmentStore

/// An immutable snapshot of a history: what is flushed, what is not, and how much of it counts.
///
/// Invariant: `[0, rootEnd)` and the pieces' positions join without gap or overlap up to `cut`.
/// The root and the journals may hold more than that; what lies there does not count.
package struct SnapshotRecord: Hashable, Sendable {
    /// Everything flushed; nil where nothing is.
    package var root: ManifestRoot?
    /// The position below which the root counts.
    package var rootEnd: Position
    /// What is not flushed, oldest first; at most `pieceCountMax`.
    package var pieces: [JournalExtent]
    /// The position below which all of this counts.
    package var cut: Position
    /// The overlay of the newest event, or the one that a fork appends to.
    package var overlay: OverlayID
    /// Logical bytes of the events below the cut.
    package var logicalByteCount: UInt64

    package init(
        root: ManifestRoot?, rootEnd: Position, pieces: [JournalExtent], cut: Position,
        overlay: OverlayID, logicalByteCount: UInt64
    ) {
        self.root = root
        self.rootEnd = rootEnd
        self.pieces = pieces
        self.cut = cut
        self.overlay = overlay
        self.logicalByteCount = logicalByteCount
    }

    /// The limit of `pieces` as written: more is damage. Never reached, since writers keep to
    /// `pendingPieceCountMax` and a child adds one journal of its parent's.
    package static let pieceCountMax = 64

    /// A fork with more pending journals than this flushes before its first append.
    package static let pendingPieceCountMax = 16
}
