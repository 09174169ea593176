// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, catalog. What a fork, a pin or a tag holds: a root, a cut and journals.
package import SegmentStore

/// A sealed part of a journal: every byte below `byteEnd` counts, for ever (rule 3).
package struct JournalPiece: Hashable, Sendable {
    package var journal: JournalID
    /// The byte behind the last frame that counts.
    package var byteEnd: UInt64
    /// Positions of the events it holds; a snapshot's cut may lie below the upper bound.
    package var positions: Range<Position>

    package init(journal: JournalID, byteEnd: UInt64, positions: Range<Position>) {
        self.journal = journal
        self.byteEnd = byteEnd
        self.positions = positions
    }
}

/// An immutable snapshot of a history: what is flushed, what is not, and how much of it counts.
///
/// Invariant: `rootEnd` and the pieces' positions join without gap or overlap, except that the
/// root or the last piece may reach beyond `cut`, and what lies there does not count.
package struct SnapshotRecord: Hashable, Sendable {
    /// Everything flushed; nil where nothing is.
    package var root: ManifestRoot?
    /// The next position behind the root's last event.
    package var rootEnd: Position
    /// What is not flushed, oldest first; at most 16 (a fork with more flushes first).
    package var pieces: [JournalPiece]
    /// The position below which all of this counts.
    package var cut: Position
    /// The overlay of the newest event, or the one that a fork appends to.
    package var overlay: OverlayID
    /// Logical bytes of the events below the cut.
    package var logicalByteCount: UInt64

    package init(
        root: ManifestRoot?, rootEnd: Position, pieces: [JournalPiece], cut: Position,
        overlay: OverlayID, logicalByteCount: UInt64
    ) {
        self.root = root
        self.rootEnd = rootEnd
        self.pieces = pieces
        self.cut = cut
        self.overlay = overlay
        self.logicalByteCount = logicalByteCount
    }

    /// The limit of `pieces` in a fork's row.
    package static let pieceCountMax = 16
}
