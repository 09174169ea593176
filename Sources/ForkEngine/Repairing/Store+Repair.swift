// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, repairing. What is damaged is built again where anything still tells of it, set
// aside where not, and the rest goes on (invariants 8 and 10). docs/decisions/repair.md says why so.
import SegmentStore

extension Store {
    /// Looks for damage, as `verify` does, and mends what can be mended:
    ///
    /// - missing folders, the reserve and the clock are made again;
    /// - objects are built again byte for byte: a segment from its journals, a run from its segments;
    /// - a root whose nodes are lost is made anew from the store's segments;
    /// - a journal's events are taken from a fork that has flushed them; else every fork that has
    ///   them ends where they begin, over a new overlay;
    /// - a segment that nothing can bring back stays a hole: known, and told to who reads there.
    ///
    /// Every step leaves the store as before or as after it; run again, it goes on. Damaged files
    /// are kept in `quarantine/`. `isDryRun`: changes nothing, and tells the same.
    ///
    /// Errors: `busy` where another process writes a fork that must change, or collects; then some
    /// may be done, and the rest is as before.
    public func repair(isDryRun: Bool = false) throws(ForkError) -> RepairReport {
        guard let lock = try locks.takeCollector() else {
            throw try locks.collectorIsHeld()
        }
        defer { lock.release() }
        var repairer = Repairer(store: self, isDryRun: isDryRun)
        try repairer.remakeFolders()
        try repairer.remakeClock()
        try repairer.look()
        try repairer.mendObjects()
        try repairer.mendForks()
        try repairer.setAside()
        if !isDryRun { try refillReserve() }
        return repairer.report
    }
}
