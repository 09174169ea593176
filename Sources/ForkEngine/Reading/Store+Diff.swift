// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, reading. Finds where two histories part.
import SegmentStore

extension Store {
    /// Compares two points. The lowest common overlay and the smaller cut give the position up to
    /// which both are the same; nothing below it is read. O(depth) for the point itself.
    public func difference(from left: Point, to right: Point) throws(ForkError) -> Difference {
        let leftView = try view(at: left)
        let rightView = try view(at: right)
        let common = try catalog.read { catalog throws(ForkError) in
            try catalog.commonPosition(leftView.ownership, rightView.ownership)
        }
        var difference = Difference(
            common: common,
            left: Difference.Side(
                name: left.description, head: max(leftView.head, common), view: leftView,
                common: common),
            right: Difference.Side(
                name: right.description, head: max(rightView.head, common), view: rightView,
                common: common))
        try difference.findMoved()
        return difference
    }
}

/// Whose a history's events are: its newest overlay, and where the history ends.
struct Ownership: Hashable, Sendable {
    let overlay: OverlayID
    let head: Position
}

extension CatalogReading {
    /// The position below which two histories are the same events.
    ///
    /// Both chains are walked down together, the one with the higher base first, until they
    /// meet: bases strictly grow along a chain, so an overlay met by one side alone cannot be
    /// below the other's. O(overlays above the meeting).
    func commonPosition(_ left: Ownership, _ right: Ownership) throws(ForkError) -> Position {
        var (leftID, leftEnd) = (Optional(left.overlay), left.head)
        var (rightID, rightEnd) = (Optional(right.overlay), right.head)
        while let first = leftID, let second = rightID, first != second {
            let (leftRow, rightRow) = (try requireOverlay(first), try requireOverlay(second))
            // Of two overlays with one base the younger may lie above the other: its id is
            // greater, since an overlay is made before any that lies above it.
            if (leftRow.base, leftRow.id) > (rightRow.base, rightRow.id) {
                leftEnd = min(leftEnd, leftRow.base)
                leftID = leftRow.below
            } else {
                rightEnd = min(rightEnd, rightRow.base)
                rightID = rightRow.below
            }
        }
        guard leftID != nil, rightID != nil else { return .zero }
        return min(leftEnd, rightEnd)
    }

    func requireOverlay(_ id: OverlayID) throws(ForkError) -> OverlayRow {
        guard let overlay = try overlay(id) else {
            throw ForkError(
                .damaged, "the catalog names overlay \(id.rawValue), which it does not hold")
        }
        return overlay
    }
}
