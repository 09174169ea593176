// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, tail. The events over a root: an immutable value over shared layers.

/// Part of a layer: the positions of it that count.
package struct TailSlice: Sendable {
    package let layer: TailLayer
    package let lowerBound: Position
    /// `Position.max` where everything that the layer's writer adds counts too.
    package let upperBound: Position

    /// The slice as indexes of the layer's entries, as far as they may be followed now.
    @inline(__always)
    var bounds: Range<Int> {
        let published = UInt64(layer.publishedCount)
        let upper = min(layer.start.distance(to: upperBound), published)
        let lower = min(layer.start.distance(to: lowerBound), upper)
        return Int(lower)..<Int(upper)
    }
}

/// The events of pending journals and of the writer: consecutive positions, in slices of layers.
///
/// A value: a view keeps one with its cut, a child takes its parent's below the fork's cut, and
/// nothing is copied. A layer of fewer than 1,024 events is copied where another is put on top
/// (`layered`), so that a chain of forks does not become a chain of layers.
///
/// References handed to closures live as long as the call. All lookups cost O(layers) besides
/// what they say.
package struct Tail: Sendable {
    /// From the lowest positions up, without a gap. Never empty.
    package private(set) var slices: [TailSlice]

    /// No events, at the position where a root ends.
    package init(at position: Position) {
        self.init(TailLayer(start: position))
    }

    /// All of one layer, with whatever its writer adds.
    package init(_ layer: TailLayer) {
        slices = [
            TailSlice(layer: layer, lowerBound: layer.start, upperBound: Position(.max))
        ]
    }

    private init(slices: [TailSlice]) { self.slices = slices }

    /// The position of the first event, or where it would be.
    package var start: Position { slices[0].lowerBound }

    /// The position after the last event that counts, as of now.
    package var end: Position {
        let last = slices[slices.count - 1]
        return min(last.upperBound, last.layer.end)
    }

    package var count: Int { Int(start.distance(to: end)) }

    /// Memory that the layers hold, in bytes; shared layers count for each tail that has them.
    package var byteCount: Int { slices.reduce(0) { $0 + $1.layer.byteCount } }

    /// The same tail seen below `cut`, for ever: what a view holds. O(layers).
    package func prefix(below cut: Position) -> Tail {
        var kept: [TailSlice] = []
        for slice in slices where kept.isEmpty || slice.lowerBound < cut {
            kept.append(
                TailSlice(
                    layer: slice.layer, lowerBound: slice.lowerBound,
                    upperBound: max(slice.lowerBound, min(slice.upperBound, cut))))
        }
        return Tail(slices: kept)
    }

    /// The same tail from `position` on: what is left when the events before are flushed.
    /// O(layers).
    package func suffix(from position: Position) -> Tail {
        var kept: [TailSlice] = []
        for (index, slice) in slices.enumerated()
        where slice.upperBound > position || index == slices.count - 1 {
            let lower = max(slice.lowerBound, position)
            kept.append(
                TailSlice(
                    layer: slice.layer, lowerBound: lower,
                    upperBound: max(lower, slice.upperBound)))
        }
        return Tail(slices: kept)
    }

    /// A new layer on top of this tail's end, for a writer: a fork's first, or the next after a
    /// rotation. Small layers at the end are copied into it: O(1,024) at most.
    package func layered() -> (tail: Tail, layer: TailLayer) {
        let end = self.end
        let fixed = prefix(below: end)
        var lower = fixed.slices
        var copied: [TailSlice] = []
        var copiedCount = 0
        while let last = lower.last, copiedCount + last.bounds.count < Tail.copiedCountMax {
            copied.append(lower.removeLast())
            copiedCount += last.bounds.count
        }
        let layer = TailLayer(start: copied.last?.lowerBound ?? end)
        for slice in copied.reversed() { layer.copy(slice) }
        lower.append(
            TailSlice(layer: layer, lowerBound: layer.start, upperBound: Position(.max)))
        return (Tail(slices: lower), layer)
    }

    /// Layers below this many events are copied rather than put under another.
    package static let copiedCountMax = 1024
}
