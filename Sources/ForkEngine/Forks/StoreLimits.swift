// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, forks. How many forks a store has: asked by the transaction that makes a fork,
// before it changes anything (invariant 8). docs/limits.md lists all limits.

/// What a store holds at most; `standard` in every real store.
package struct StoreLimits: Sendable {
    /// Forks, `main` and expired ones that are not collected included.
    package var forkCount: UInt64 = 1_000_000

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
}
