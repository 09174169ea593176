// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, forks. The chain of overlays below a head: who owns a position, and how a new
// overlay begins over it. Bases strictly grow upwards, depths by one, and none in it is empty.
import SegmentStore

extension CatalogReading {
    /// The overlay that owns position `cut - 1`, looking down from `top`; nil where the history
    /// below the cut is empty. Empty overlays are passed over: they are never in a chain.
    func owner(of cut: Position, from top: OverlayID) throws(ForkError) -> OverlayRow? {
        var candidate: OverlayID? = top
        while let id = candidate {
            guard let overlay = try overlay(id) else {
                throw ForkError(
                    .damaged, "the catalog names overlay \(id.rawValue), which it does not hold")
            }
            if overlay.base < cut { return overlay }
            candidate = overlay.below
        }
        return nil
    }

    /// `damaged` where bases do not strictly grow along the chain, or depths not by one from 0.
    func requireSoundChain(from top: OverlayID) throws(ForkError) {
        var above: OverlayRow?
        var next: OverlayID? = top
        while let id = next {
            let overlay = try requireOverlay(id)
            if let above {
                let isRightBelow = UInt64(overlay.depth) + 1 == above.depth
                guard overlay.base < above.base, isRightBelow else {
                    throw ForkError(
                        .damaged, "overlay \(id.rawValue) does not lie right below the one above it"
                    )
                }
            }
            above = overlay
            next = overlay.below
        }
        if let lowest = above, lowest.depth > 0 {
            throw ForkError(
                .damaged, "overlay \(lowest.id.rawValue) does not name the one below it")
        }
    }
}

extension CatalogWriting {
    /// A new overlay of `fork`, empty, over the one that owns position `base - 1`, looking down from
    /// `top`. From a head at most two rows are read.
    func beginOverlay(
        of fork: ForkID, at base: Position, above top: OverlayID
    ) throws(ForkError) -> OverlayRow {
        let id = try nextOverlayID()
        let below = try owner(of: base, from: top)
        var depth: UInt32 = 0
        if let below {
            let (sum, overflows) = below.depth.addingReportingOverflow(1)
            guard !overflows else {
                throw ForkError(.damaged, "overlay \(below.id.rawValue) lies at no possible depth")
            }
            depth = sum
        }
        let row = OverlayRow(id: id, below: below?.id, base: base, owner: fork, depth: depth)
        try insert(row)
        return row
    }
}
