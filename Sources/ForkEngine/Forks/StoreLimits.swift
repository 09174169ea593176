// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, forks. How many forks a store has, and how deep they lie: asked by the transaction
// that makes a fork, before it changes anything (invariant 8). docs/limits.md lists all limits.
import SegmentStore

/// What a store holds at most; `standard` in every real store.
package struct StoreLimits: Sendable {
    /// Forks, `main` and expired ones that are not collected included.
    package var forkCount: UInt64 = 1_000_000
    /// Overlays below a fork's own: forks it was made of, one over the other, each with events.
    package var overlayDepth = 1_000

    package init() {}

    package static let standard = StoreLimits()
}

extension CatalogReading {
    /// `tooLarge` where there is no room for one fork more. Reads one counter.
    func requireRoomForFork(_ limits: StoreLimits) throws(ForkError) {
        let count = try counted().forkCount
        guard count < limits.forkCount else {
            throw ForkError(
                .tooLarge,
                "the store has \(count) forks, and the limit is \(limits.forkCount): drop some,"
                    + " or run 'forkctl gc' where some are expired")
        }
    }

    /// `tooLarge` where an overlay over `below` lies too deep. O(overlays below), each one row.
    func requireRoomAbove(_ below: OverlayID?, _ limits: StoreLimits) throws(ForkError) {
        var (next, depth) = (below, 0)
        while let id = next {
            depth += 1
            guard depth <= limits.overlayDepth else {
                throw ForkError(
                    .tooLarge,
                    "a fork here would lie over more than \(limits.overlayDepth) others, each made"
                        + " of the one before, and that is the limit: fork one of those below, or"
                        + " export this one and import it")
            }
            next = try overlay(id)?.below
        }
    }
}
