// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, rules. A machine in memory with one store on it, whose processes may be saboteurs.
package import ForkEngine
package import SegmentStore

/// One simulated machine. Waits for locks end at once, so that one thread may play all processes.
package final class RuleWorld: Sendable {
    package let disk: SimulatedDisk
    package let catalogDisk: SimulatedCatalogDisk
    package let time: SimulatedTime
    package let saboteur: Saboteur
    /// Whether each commit of the catalog takes room on the disk, as SQLite's log does.
    private let takesRoom = Locked(false)

    package init(
        disk: SimulatedDisk, catalogDisk: SimulatedCatalogDisk, time: SimulatedTime,
        saboteur: Saboteur
    ) {
        self.disk = disk
        self.catalogDisk = catalogDisk
        self.time = time
        self.saboteur = saboteur
        disk.hooks.whileBlocked = { _, _ in false }
    }

    /// A machine with an empty store, laid out by an honest process.
    package convenience init(_ sabotage: Sabotage? = nil, only: Int? = nil) throws {
        let disk = SimulatedDisk()
        let time = SimulatedTime()
        var catalogDisk: SimulatedCatalogDisk?
        try Store.layOut(
            in: disk.makeProcess(), time: time, entropy: SeededEntropy(seed: 1)
        ) { (record) throws(ForkError) in
            let made = SimulatedCatalogDisk(store: record)
            catalogDisk = made
            return SimulatedCatalog(on: made)
        }
        guard let catalogDisk else { throw RuleBroken("no catalog was made") }
        self.init(
            disk: disk, catalogDisk: catalogDisk, time: time,
            saboteur: Saboteur(sabotage, only: only))
    }

    /// Starts a process that has the store open.
    package func start(
        isHonest: Bool = false, cacheByteCountMax: Int = 1 << 16,
        background: any BackgroundRunner = InlineRunner(),
        tails: TailBudget = TailBudget(byteCountMax: .max / 4),
        publishLimits: PublishLimits = .standard, limits: StoreLimits = .standard
    ) throws -> RuleProcess {
        let saboteur = isHonest ? Saboteur(nil) : saboteur
        let fileSystem = disk.makeProcess()
        let step = StepHook()
        let catalog = SimulatedCatalog(on: catalogDisk) { now in
            step.run(now)
            // One thread plays everybody: who would have to wait waits for ever.
            return now != .waitingToWrite
        }
        var engineCatalog: any Catalog = catalog
        if takesRoom.withLock({ $0 }) {
            engineCatalog = RoomTakingCatalog(catalog, fileSystem)
        }
        let store = try Store(
            environment: StoreEnvironment(
                fileSystem: saboteur.fileSystem(fileSystem),
                catalog: saboteur.catalog(engineCatalog, time: time),
                time: saboteur.time(time), entropy: SeededEntropy(seed: 1),
                background: background,
                holder: LiveHolder(
                    process: Int32(fileSystem.process), processStart: 1, command: "test"),
                cacheByteCountMax: cacheByteCountMax, publishLimits: publishLimits, limits: limits,
                tails: tails))
        return RuleProcess(fileSystem: fileSystem, catalog: catalog, store: store, step: step)
    }

    /// From the next process on each commit writes a page of the disk.
    package func letCommitsTakeRoom() { takesRoom.withLock { $0 = true } }

    /// The machine after its power was cut now, and came back.
    package func afterPowerCut(
        keepingUnsynced: Bool = false, ghostReturns: Bool = false
    ) -> RuleWorld {
        booted(disk.crashImage(keepingUnsynced: keepingUnsynced), ghostReturns)
    }

    /// The same, where chance decides what is left.
    package func afterPowerCut(seed: UInt64) -> RuleWorld {
        booted(disk.crashImage(seed: seed), false)
    }

    private func booted(_ image: SimulatedDisk, _ ghostReturns: Bool) -> RuleWorld {
        let time = SimulatedTime(now: time.now())
        time.reboot()
        return RuleWorld(
            disk: image, catalogDisk: catalogDisk.crashImage(ghostReturns: ghostReturns),
            time: time, saboteur: saboteur)
    }

    /// The machine after every process was killed now; words and cache are as they were.
    package func afterKill() -> RuleWorld {
        RuleWorld(
            disk: disk.killImage(), catalogDisk: catalogDisk.crashImage(ghostReturns: false),
            time: time, saboteur: saboteur)
    }
}

/// One process of a `RuleWorld`.
package final class RuleProcess: Sendable {
    package let fileSystem: SimulatedFileSystem
    package let catalog: SimulatedCatalog
    package let store: Store
    package let step: StepHook

    package init(
        fileSystem: SimulatedFileSystem, catalog: SimulatedCatalog, store: Store, step: StepHook
    ) {
        self.fileSystem = fileSystem
        self.catalog = catalog
        self.store = store
        self.step = step
    }

    /// Ends it as kill -9 does.
    package func kill() {
        fileSystem.kill()
        catalog.kill()
    }
}

/// What a test does, once, when a process comes to a step of a transaction.
package final class StepHook: Sendable {
    private let armed = Locked<(SimulatedCatalog.Step, @Sendable () -> Void)?>(nil)
    private let watcher = Locked<(@Sendable (SimulatedCatalog.Step) -> Void)?>(nil)

    /// Tells `body` of every step from now on.
    package func watch(_ body: @escaping @Sendable (SimulatedCatalog.Step) -> Void) {
        watcher.withLock { $0 = body }
    }

    /// Runs `body` once, at the next `step`.
    package func next(_ step: SimulatedCatalog.Step, _ body: @escaping @Sendable () -> Void) {
        armed.withLock { $0 = (step, body) }
    }

    package func run(_ step: SimulatedCatalog.Step) {
        watcher.withLock { $0 }?(step)
        let body = armed.withLock { armed -> (@Sendable () -> Void)? in
            guard let (wanted, body) = armed, wanted == step else { return nil }
            armed = nil
            return body
        }
        body?()
    }
}

/// A catalog whose commits need room on the disk, and fail where there is none.
final class RoomTakingCatalog: Catalog {
    private let base: any Catalog
    private let fileSystem: any FileSystem

    init(_ base: any Catalog, _ fileSystem: any FileSystem) {
        self.base = base
        self.fileSystem = fileSystem
    }

    func read<Answer>(
        _ body: (any CatalogReading) throws(ForkError) -> Answer
    ) throws(ForkError) -> Answer { try base.read(body) }

    func write<Answer>(
        _ body: (any CatalogWriting) throws(ForkError) -> Answer
    ) throws(ForkError) -> Answer {
        try base.write { transaction throws(ForkError) -> Answer in
            let answer = try body(transaction)
            try lifting { () throws(StorageError) in try takeRoom() }
            return answer
        }
    }

    func write<Answer>(
        _ change: (any CatalogWriting) throws(ForkError) -> Void,
        thenRead body: (any CatalogReading) throws(ForkError) -> Answer
    ) throws(ForkError) -> Answer {
        try base.write(
            { transaction throws(ForkError) in
                try change(transaction)
                try lifting { () throws(StorageError) in try takeRoom() }
            }, thenRead: body)
    }

    private func takeRoom() throws(StorageError) {
        if try fileSystem.status(StoreLayout.catalogLog) == nil {
            _ = try fileSystem.create(StoreLayout.catalogLog)
        }
        let log = try fileSystem.open(StoreLayout.catalogLog, for: .readWrite)
        let page = [UInt8](repeating: 1, count: 4096)
        let end = try log.byteCount()
        try page.span.withUnsafeBytes { (page) throws(StorageError) in
            try log.write(page, at: end)
        }
    }
}
