// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, catalog. What a fork, a pin or a tag holds: a root, a cut and journals.
package import SegmentStore

/// An immutable snapshot of a history: what is flushed, what is not, and how much of it counts.
///
/// Invariant: `[0, rootEnd)` and the pieces' positions, none of them empty, join without gap or
/// overlap up to `cut`. It is checked where a snapshot is read and where it is written. The root
/// and the journals may hold more than that; what lies there does not count.
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

    /// Where the parts do not join; nil: the invariant holds.
    package var fault: String? {
        if root == nil && rootEnd > .zero { return "positions below \(rootEnd) have no root" }
        var end = rootEnd
        for piece in pieces {
            guard piece.positions.lowerBound == end, !piece.positions.isEmpty else {
                return "\(piece.journal.path) holds \(piece.positions) where \(end) comes next"
            }
            end = piece.positions.upperBound
        }
        return end == cut ? nil : "its parts end at \(end), and its cut is \(cut)"
    }

    /// The byte end at which this cuts `journal`; 0 where it does not name it.
    package func cutEnd(of journal: JournalID) -> UInt64 {
        pieces.reduce(0) { $1.journal == journal ? max($0, $1.byteEnd) : $0 }
    }

    /// The limit of `pieces` as written: more is damage.
    package static let pieceCountMax = 64

    /// No rotation makes more than this: what a dead writer left, and what a child cuts, must
    /// find room still.
    package static let rotatedPieceCountMax = 48

    /// A fork with more pending journals than this flushes before its first append.
    package static let pendingPieceCountMax = 16
}
