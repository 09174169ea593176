// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, reading. Whose the unflushed events are: ids are derived from it.
import SegmentStore

/// The overlays of consecutive positions, oldest first, without a gap.
struct OverlaySpans: Hashable, Sendable {
    private(set) var spans: [Span] = []

    struct Span: Hashable, Sendable {
        let overlay: OverlayID
        var positions: Range<Position>
    }

    /// The spans of a snapshot's pending journals, and of `live` events of its own overlay.
    init(_ record: SnapshotRecord, liveTo end: Position? = nil) {
        for piece in record.pieces { append(piece.journal.overlay, piece.positions) }
        if let end, end > record.cut { append(record.overlay, record.cut..<end) }
    }

    private mutating func append(_ overlay: OverlayID, _ positions: Range<Position>) {
        if let last = spans.last, last.overlay == overlay,
            last.positions.upperBound == positions.lowerBound
        {
            spans[spans.count - 1].positions = last.positions.lowerBound..<positions.upperBound
        } else if !positions.isEmpty {
            spans.append(Span(overlay: overlay, positions: positions))
        }
    }

    /// The overlay that owns `position`; nil where these spans do not hold it.
    func overlay(of position: Position) -> OverlayID? {
        spans.last { $0.positions.contains(position) }?.overlay
    }

    /// The part of the spans within `positions`.
    func clamped(to positions: Range<Position>) -> [Span] {
        spans.compactMap { span in
            let part = span.positions.clamped(to: positions)
            return part.isEmpty ? nil : Span(overlay: span.overlay, positions: part)
        }
    }
}
