// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, segments. What a segment must be told beside its events. A segment's bytes
// depend on its events and on this alone, so that siblings that flush the same prefix share it.

package struct SegmentContext: Sendable {
    /// Seed of the ids that are derived, not stored; the store's own.
    package var seed: UInt64
    /// Which overlay the events were first appended to: in order, without gap, over exactly the
    /// positions of the segment.
    package var overlays: [OverlayRange]
    /// Totals of all events before the first.
    package var before: HistoryTotals

    package init(seed: UInt64, overlays: [OverlayRange], before: HistoryTotals) {
        self.seed = seed
        self.overlays = overlays
        self.before = before
    }
}

/// Positions `[from, to)` that one overlay owns.
package struct OverlayRange: Hashable, Sendable {
    package var overlay: OverlayID
    package var from: Position
    package var to: Position

    package init(overlay: OverlayID, from: Position, to: Position) {
        self.overlay = overlay
        self.from = from
        self.to = to
    }
}
