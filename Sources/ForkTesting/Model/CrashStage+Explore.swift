// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. Every crash of a script, and every crash of the recovery from it.
import ForkEngine
import SegmentStore

extension CrashStage {
    /// Runs `script`, cutting it short at every call that changes the disk and before every commit
    /// of the catalog, and checks what each crash leaves. `recoveriesOneIn`: one in so many of the
    /// recoveries is cut short in its turn; 0: none.
    package func explore(
        _ explorer: CrashExplorer, recoveriesOneIn: UInt64, script: (CrashStage) throws -> Void
    ) throws -> CrashReport {
        try stopBeforeCommits()
        let states = SeenStates()
        let recoveryStates = SeenStates()
        var report = try explorer.explore(world.disk) { _ in
            try script(self)
        } check: { [self] image in
            let machine = machine(after: image)
            let print = machine.fingerprint
            // The same machine, and the same is allowed: it was checked.
            guard states.isNew(print, changeCount) else { return }
            try onMachine(machine) {
                guard recoveriesOneIn > 0, print % recoveriesOneIn == 0 else {
                    return try recover(print)
                }
                try exploreRecovery(explorer, print, recoveryStates)
            }
        }
        report.checkedStates = states.checked.count
        report.fingerprints = states.fingerprints
        report.checkedRecoveryStates = recoveryStates.checked.count
        report.recoveryFingerprints = recoveryStates.fingerprints
        return report
    }

    private func exploreRecovery(
        _ explorer: CrashExplorer, _ number: UInt64, _ states: SeenStates
    ) throws {
        var inner = explorer
        inner.statesPerPoint = 2
        inner.only = nil
        let outer = changeCount
        _ = try inner.explore(world.disk) { _ in
            try recover(number)
        } check: { [self] image in
            let machine = machine(after: image)
            let print = machine.fingerprint
            guard states.isNew(print, mixed(number, changeCount &- outer)) else { return }
            try onMachine(machine) { try recover(print) }
        }
    }

    /// Mapped words never say more than what is durable, so that each image may have them.
    func machine(after image: SimulatedDisk) -> EngineWorld {
        // Known to all images of this moment, once it is known here.
        _ = world.catalogDisk.committedHash
        return world.afterCrash(image, isPowerCut: image.state.imageHash % 2 == 0)
    }

    /// Machines that were checked.
    private final class SeenStates {
        var fingerprints: Set<UInt64> = []
        /// With what was allowed there.
        var checked: Set<UInt64> = []

        func isNew(_ print: UInt64, _ allowed: UInt64) -> Bool {
            fingerprints.insert(print)
            return checked.insert(mixed(print, allowed)).inserted
        }
    }

    /// Cuts the making of a store short: once it is made it is there, empty, and takes writes; before
    /// that nothing is promised, since a store is made aside and renamed into place.
    package static func exploreLayout(
        _ explorer: CrashExplorer, seed: UInt64 = 1
    ) throws -> CrashReport {
        let disk = SimulatedDisk()
        var made: EngineWorld?
        let states = SeenStates()
        var report = try explorer.explore(disk) { disk in
            made = try EngineWorld.layOut(on: disk, seed: seed)
        } check: { image in
            guard let made else { return }
            let machine = made.afterCrash(image, isPowerCut: true)
            guard states.isNew(machine.fingerprint, 0) else { return }
            try CrashStage(on: machine).recover(0)
        }
        report.checkedStates = states.checked.count
        report.fingerprints = states.fingerprints
        return report
    }
}

extension EngineWorld {
    /// Equal for machines with the same bytes and names on disk, catalog and mapped words.
    var fingerprint: UInt64 {
        mixed(mixed(disk.state.imageHash, catalogDisk.committedHash), words.hash)
    }
}
