// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, forks. How many forks a store has and how deep they lie: asked by the
// transaction that makes a fork, and where it is refused nothing is changed (invariant 8).
// docs/limits.md lists all limits.
import SegmentStore

/// What a store holds at most; `standard` in every real store.
package struct StoreLimits: Sendable {
    /// Forks, `main` and expired ones that are not collected included.
    package var forkCount: UInt64 = 1_000_000
    /// Overlays below the one that a new fork begins. What a repair or a restore begins may lie one
    /// deeper: data goes before a limit.
    package var overlayDepth: UInt32 = 1_000

    package init() {}

    package static let standard = StoreLimits()

    /// `tooLarge` where the overlay of a fork that is made from `origin` lies too deep. Reads nothing.
    func requireDepth(of overlay: OverlayRow, from origin: String) throws(ForkError) {
        guard overlay.depth <= overlayDepth else {
            throw ForkError(
                .tooLarge,
                "a fork made here would lie over \(overlay.depth) others that have events, and the"
                    + " limit is \(overlayDepth): make it from one of those below, or export"
                    + " '\(origin)' and import that into a fork made from main@0")
        }
    }
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
}
