// SPDX-License-Identifier: Apache-2.0
// Wherever a restore is cut short: what says that it is a store holds everything, durable.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct RestoreCrashTests {
    @Test func invariant8WhereverARestoreIsCutShortOnlyAWholeStoreLooksLikeOne() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.write(0..<6)
        try main.flush()
        try process.append(6..<9, with: main)
        try process.fork("child")
        try process.write(9..<11, to: "child").close()
        let histories = try process.histories()
        let backup = SimulatedDisk()
        _ = try process.backUp(to: backup)

        let catalogDisk = Locked<SimulatedCatalogDisk?>(nil)
        let isDone = Shared(false)
        let (whole, none) = (Shared(0), Shared(0))
        var explorer = CrashExplorer()
        explorer.statesPerPoint = 2
        explorer.killsProcesses = false
        let report = try explorer.exploreDisk(
            script: { disk in
                _ = try Store.restore(
                    from: backup.makeProcess(), into: disk.makeProcess(),
                    entropy: SeededEntropy(seed: 5)
                ) { (record) throws(ForkError) in
                    let made = SimulatedCatalogDisk(store: record)
                    catalogDisk.withLock { $0 = made }
                    return SimulatedCatalog(on: made)
                }
                isDone.value = true
            },
            check: { image in
                let status = try image.makeProcess().status(StoreLayout.format)
                guard let status, status.byteCount > 0 else {
                    if isDone.value { throw RuleBroken("a restore that returned is no store") }
                    none.value += 1
                    return
                }
                guard let rows = catalogDisk.withLock({ $0 }) else {
                    throw RuleBroken("a store has its format line before its catalog")
                }
                let after = RuleWorld(
                    disk: image, catalogDisk: rows.crashImage(ghostReturns: false),
                    time: SimulatedTime(), saboteur: Saboteur(nil))
                guard try after.start().histories() == histories else {
                    throw RuleBroken("it looks like a store, and does not hold what was backed up")
                }
                whole.value += 1
            })
        #expect(report.distinctStates > 40, "\(report)")
        #expect(whole.value > 0 && none.value > 20, "\(whole.value) and \(none.value)")
    }
}
