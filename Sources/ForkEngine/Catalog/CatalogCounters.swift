// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, catalog. What the catalog counts. Read at the start of a write, changed in
// memory, written once with its commit: a number is given twice only where nothing was committed.

/// The counters of the catalog's one row about the store.
package struct CatalogCounters: Hashable, Sendable {
    package var nextFork: UInt64 = 1
    package var nextOverlay: UInt64 = 1
    package var nextEpoch: UInt64 = 1
    package var forkCount: UInt64 = 0
    /// Raised by a commit that must change something and has nothing to change (rule 12).
    package var touches: UInt64 = 0

    package init() {}

    /// Takes the number that `counter` holds and raises it.
    package mutating func take(
        _ counter: WritableKeyPath<CatalogCounters, UInt64>
    ) throws(ForkError) -> UInt64 {
        let number = self[keyPath: counter]
        let (next, overflows) = number.addingReportingOverflow(1)
        guard !overflows else { throw ForkError(.tooLarge, "the catalog ran out of numbers") }
        self[keyPath: counter] = next
        return number
    }

    /// Counts forks, overlays and epochs from where `other` does, where that is further.
    package mutating func skip(to other: CatalogCounters) {
        nextFork = max(nextFork, other.nextFork)
        nextOverlay = max(nextOverlay, other.nextOverlay)
        nextEpoch = max(nextEpoch, other.nextEpoch)
    }
}
