// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting. Backups that are cut short: the earlier one or the next is whole, and who backs up
// again finds nothing in the way.
import ForkEngine
import SegmentStore

extension MaintenanceScript {
    static let backups = [
        MaintenanceScript(description: "back up") { explorer, fault in
            let stage = try filledStage(explorer.seed)
            return try explore(explorer, fault, stage, on: SimulatedDisk(), earlier: nil)
        },
        overEarlier("back up new objects over an earlier backup", changeObjects),
        overEarlier("back up longer journals over an earlier backup") { stage in
            try stage.append("main", count: 2)
            try stage.append("child", count: 3)
        },
        // A name that its folder may lose yet is not taken for one that is there.
        afterKill("back up after a backup that was killed with an object") { call in
            if case .syncFolder(let folder) = call { folder.hasPrefix("objects/") } else { false }
        },
        afterKill("back up after a backup that was killed with its index") { call in
            if case .rename = call { true } else { false }
        },
    ]

    static let restore = MaintenanceScript(description: "restore") { explorer, fault in
        let stage = try filledStage(explorer.seed)
        let backup = SimulatedDisk()
        _ = try stage.store.backUp(into: backup.makeProcess())
        let target = SimulatedDisk()
        if let fault { target.add(fault) }
        // Nothing is promised before the end: a store is made aside, and renamed into its place.
        let restored = try EngineWorld.restored(from: backup, on: target)
        let images = CheckedImages()
        let report = try explorer.explore(target) { _ in
        } check: { image in
            let machine = restored.afterCrash(image, isPowerCut: true)
            let print = machine.fingerprint
            guard images.isNew(print, isDone: true) else { return }
            guard try image.makeProcess().status(StoreLayout.format)?.byteCount ?? 0 > 0 else {
                throw ModelMismatch("what was restored does not say that it is a store")
            }
            let after = try CrashStage(on: machine)
            after.settle(for: stage.acknowledged)
            try after.recover(print)
        }
        return images.completing(report)
    }

    /// Flushed and pending events, a child, and a fork that is dropped later.
    private static func filledStage(_ seed: UInt64) throws -> CrashStage {
        let stage = try CrashStage(seed: seed)
        try stage.append("main", count: 9)
        try stage.flush("main")
        try stage.create("gone", from: "main", at: 6)
        try stage.append("gone", count: 4)
        try stage.flush("gone")
        try stage.append("main", count: 2)
        try stage.create("child", from: "main")
        try stage.append("child", count: 2)
        return stage
    }

    private static func changeObjects(of stage: CrashStage) throws {
        try stage.append("main", count: 4)
        try stage.flush("main")
        try stage.drop("gone")
    }

    private static func overEarlier(
        _ description: String, _ change: @escaping @Sendable (CrashStage) throws -> Void
    ) -> MaintenanceScript {
        MaintenanceScript(description: description) { explorer, fault in
            let stage = try filledStage(explorer.seed)
            let target = SimulatedDisk()
            _ = try stage.store.backUp(into: target.makeProcess())
            let earlier = stage.acknowledged
            try change(stage)
            return try explore(explorer, fault, stage, on: target, earlier: earlier)
        }
    }

    /// The one before was killed at the first call that `ends` takes.
    private static func afterKill(
        _ description: String, at ends: @escaping @Sendable (FileSystemCall) -> Bool
    ) -> MaintenanceScript {
        MaintenanceScript(description: description) { explorer, fault in
            let stage = try filledStage(explorer.seed)
            let target = SimulatedDisk()
            _ = try stage.store.backUp(into: target.makeProcess())
            let earlier = stage.acknowledged
            try changeObjects(of: stage)
            target.add(.next(.kill, where: ends))
            do {
                _ = try stage.store.backUp(into: target.makeProcess())
                throw WorldError("the backup was not killed")
            } catch is ForkError {}
            return try explore(
                explorer, fault, stage, on: target.killImage(), earlier: earlier)
        }
    }

    /// Cuts a backup of the stage to `target` short. `earlier`: what is backed up there before.
    private static func explore(
        _ explorer: CrashExplorer, _ fault: Fault?, _ stage: CrashStage,
        on target: SimulatedDisk, earlier: ReferenceModel?
    ) throws -> CrashReport {
        let next = stage.acknowledged
        // The same store, for who backs up again: the one that backs up now holds its locks.
        let twin = try stage.machine(after: stage.world.disk.killImage()).start()
        let plain = SimulatedDisk()
        _ = try twin.store.backUp(into: plain.makeProcess())
        let files = try plain.backedUpPaths()
        if let fault { target.add(fault) }
        var isDone = false
        let images = CheckedImages()
        let report = try explorer.explore(target) { disk in
            _ = try stage.store.backUp(into: disk.makeProcess())
            isDone = true
        } check: { image in
            guard images.isNew(image.state.imageHash, isDone: isDone) else { return }
            let before = isDone ? [] : [earlier].compactMap { $0 }
            try requireWhole(image, before + [next], mayBeNone: earlier == nil && !isDone)
            guard images.count % (earlier == nil ? 40 : 4) == 0 else { return }
            _ = try twin.store.backUp(into: image.makeProcess())
            try requireWhole(image, [next], mayBeNone: false)
            guard try image.backedUpPaths() == files else {
                throw ModelMismatch("a backup over what was left holds other files")
            }
        }
        return images.completing(report)
    }

    /// What is restored of the disk is one of `models`, and sound.
    private static func requireWhole(
        _ disk: SimulatedDisk, _ models: [ReferenceModel], mayBeNone: Bool
    ) throws {
        let machine: EngineWorld
        do {
            machine = try EngineWorld.restored(from: disk, on: SimulatedDisk())
        } catch let error as ForkError where mayBeNone && error.code == .notFound {
            return
        }
        let stage = try CrashStage(on: machine)
        stage.settle(for: try stage.found(among: models))
        try stage.requireSound()
    }
}

extension EngineWorld {
    /// A machine with the store that a backup holds.
    static func restored(
        from backup: SimulatedDisk, on disk: SimulatedDisk, seed: UInt64 = 77
    ) throws -> EngineWorld {
        var made: SimulatedCatalogDisk?
        _ = try Store.restore(
            from: backup.makeProcess(), into: disk.makeProcess(),
            entropy: SeededEntropy(seed: seed)
        ) { (record) throws(ForkError) in
            let catalogDisk = SimulatedCatalogDisk(store: record)
            made = catalogDisk
            return SimulatedCatalog(on: catalogDisk)
        }
        guard let made else { throw WorldError("the restore made no catalog") }
        let world = EngineWorld(
            seed: seed, disk: disk, catalogDisk: made, time: SimulatedTime(), words: WorldWords())
        world.publishLimits = .tiny
        return world
    }
}

extension SimulatedDisk {
    /// The paths of all that stands in a backup's folder.
    fileprivate func backedUpPaths() throws -> Set<String> {
        let files = makeProcess()
        var found = Set(try files.list("."))
        for folder in [JournalFormat.folder] + ObjectFolder.all.map(\.path) {
            for name in try files.list(folder) { found.insert("\(folder)/\(name)") }
        }
        return found
    }
}
