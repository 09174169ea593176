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
    /// - a catalog that lost its last commits gives none of their numbers again.
    ///
    /// Every step leaves the store as before or as after it; run again, it goes on. Damaged files
    /// are kept in `quarantine/`. `isDryRun`: changes nothing, and tells the same.
    ///
    /// Errors: `busy` where another process writes a fork that must change, or collects; then some
    /// may be done, and the rest is as before. `damaged` where a folder is missing and events with
    /// it; nothing is done then.
    public func repair(isDryRun: Bool = false) throws(ForkError) -> RepairReport {
        guard let lock = try locks.takeCollector() else {
            throw try locks.collectorIsHeld()
        }
        defer { lock.release() }
        try refuseToLoseFolders()
        var repairer = Repairer(store: self, isDryRun: isDryRun)
        try repairer.run()
        if !isDryRun { try refillReserve() }
        return repairer.report
    }

    /// A folder does not rot: one that is missing was moved, or is not mounted, and can be put back.
    /// So nothing that lay in it is given up on before somebody says that it is gone, by an empty one.
    private func refuseToLoseFolders() throws(ForkError) {
        let missing = try listFilesAndPins().outermostMissingFolders
        if missing.isEmpty { return }
        var trial = Repairer(store: self, isDryRun: true)
        try trial.run()
        for folder in missing {
            let isInside = { (path: String) in path.hasPrefix("\(folder)/") }
            let loss = trial.report.losses.first { isInside($0.path) }
            let item = trial.report.items.first { $0.outcome == .lost && isInside($0.path) }
            guard let path = loss?.path ?? item?.path else { continue }
            let fork = loss.map { ", of fork '\($0.fork)' and maybe others" } ?? ""
            throw ForkError(
                .damaged,
                "the folder '\(folder)' is missing, and with it '\(path)'\(fork): put the folder"
                    + " back; where it is gone for good, make an empty one in its place, and repair"
                    + " tells what is lost")
        }
    }
}
