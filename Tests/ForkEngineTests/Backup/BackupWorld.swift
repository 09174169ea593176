// SPDX-License-Identifier: Apache-2.0
// Backups between simulated disks, and the stores that are restored from them.
import ForkEngine
import ForkTesting
import SegmentStore

extension SimulatedDisk {
    /// Restores the backup on this disk on a machine of its own.
    func restored(seed: UInt64 = 99, acceptsDamage: Bool = false) throws -> RuleWorld {
        let disk = SimulatedDisk()
        var catalogDisk: SimulatedCatalogDisk?
        _ = try Store.restore(
            from: makeProcess(), into: disk.makeProcess(), entropy: SeededEntropy(seed: seed),
            acceptsDamage: acceptsDamage
        ) { (record) throws(ForkError) in
            let made = SimulatedCatalogDisk(store: record)
            catalogDisk = made
            return SimulatedCatalog(on: made)
        }
        guard let catalogDisk else { throw RuleBroken("no catalog was made") }
        return RuleWorld(
            disk: disk, catalogDisk: catalogDisk, time: SimulatedTime(),
            saboteur: Saboteur(nil))
    }

    /// The paths of a backup's objects and journals, with their lengths.
    func backedUpFiles() throws -> [String: UInt64] {
        let files = makeProcess()
        var found: [String: UInt64] = [:]
        for folder in ["journals"] + ObjectFolder.all.map(\.path) {
            for name in try files.list(folder) {
                found["\(folder)/\(name)"] = try files.status("\(folder)/\(name)")?.byteCount
            }
        }
        return found
    }
}

extension RuleProcess {
    func backUp(to disk: SimulatedDisk) throws -> BackupReport {
        try store.backUp(into: disk.makeProcess())
    }
}
