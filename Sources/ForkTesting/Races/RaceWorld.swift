// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, races. A machine in memory whose processes lose their turns between steps.
package import ForkEngine
import SegmentStore

/// One simulated machine with one store on it.
///
/// `@unchecked Sendable`: actors run one at a time, and hand over by a lock.
package final class RaceWorld: @unchecked Sendable {
    let disk: SimulatedDisk
    let catalogDisk: SimulatedCatalogDisk
    package let time: SimulatedTime
    let words: WorldWords
    package let saboteur: Saboteur
    private let turns: RaceTurns?
    private let grain: RaceGrain
    /// Which actor each process of the disk is.
    private let actors = Locked<[Int: Int]>([:])

    private init(
        disk: SimulatedDisk, catalogDisk: SimulatedCatalogDisk, time: SimulatedTime,
        words: WorldWords, saboteur: Saboteur, turns: RaceTurns?, grain: RaceGrain
    ) {
        self.disk = disk
        self.catalogDisk = catalogDisk
        self.time = time
        self.words = words
        self.saboteur = saboteur
        self.turns = turns
        self.grain = grain
        attach()
    }

    /// A machine with an empty store.
    package static func layOut() throws -> RaceWorld {
        let disk = SimulatedDisk()
        let time = SimulatedTime()
        var made: SimulatedCatalogDisk?
        try Store.layOut(
            in: disk.makeProcess(), time: time, entropy: SeededEntropy(seed: 1)
        ) { (record) throws(ForkError) in
            let catalogDisk = SimulatedCatalogDisk(store: record)
            made = catalogDisk
            return SimulatedCatalog(on: catalogDisk)
        }
        guard let made else { throw WorldError("the layout made no catalog") }
        return RaceWorld(
            disk: disk, catalogDisk: made, time: time, words: WorldWords(),
            saboteur: Saboteur(nil), turns: nil, grain: .coarse)
    }

    /// A machine as this one is now, once every process was killed.
    func copy(turns: RaceTurns?, grain: RaceGrain, saboteur: Saboteur) -> RaceWorld {
        RaceWorld(
            disk: disk.killImage(),
            catalogDisk: SimulatedCatalogDisk(committed: catalogDisk.committed),
            time: time.copy(), words: words.copy { _, _, word in word }, saboteur: saboteur,
            turns: turns, grain: grain)
    }

    /// The machine after its power was cut now, and came back: of what was not synced nothing is
    /// there, and the mapped files are empty.
    func afterPowerCut(ghostReturns: Bool = false) -> RaceWorld {
        let time = time.copy()
        time.reboot()
        return RaceWorld(
            disk: disk.crashImage(keepingUnsynced: false),
            catalogDisk: saboteur.strikes(.commitsAreNotSynced)
                ? catalogDisk.imageBeforeLastCommit()
                : catalogDisk.crashImage(ghostReturns: ghostReturns),
            time: time, words: WorldWords(), saboteur: Saboteur(nil), turns: nil, grain: .coarse)
    }

    /// Cuts the power now. The mapped file of live words was last written when they were `words`:
    /// that is what another boot finds.
    func afterPowerCut(leaving words: WorldWords) -> RaceWorld {
        let time = time.copy()
        time.reboot()
        return RaceWorld(
            disk: disk.crashImage(keepingUnsynced: false),
            catalogDisk: catalogDisk.crashImage(ghostReturns: false), time: time, words: words,
            saboteur: Saboteur(nil), turns: nil, grain: .coarse)
    }

    // MARK: Processes

    /// Starts a process, played by an actor, or by who sets up and audits.
    package func start(actor: Int? = nil, isHonest: Bool = false) throws -> RaceProcess {
        try start(actor: actor, by: isHonest ? Saboteur(nil) : saboteur)
    }

    func start(actor: Int? = nil, by saboteur: Saboteur) throws -> RaceProcess {
        let fileSystem = disk.makeProcess()
        if let actor { actors.withLock { $0[fileSystem.process] = actor } }
        let catalog = SimulatedCatalog(on: catalogDisk) { [self] step in
            guard let actor else { return step != .waitingToWrite }
            return passes(step, actor)
        }
        let watched = RaceFileSystem(WorldFileSystem(fileSystem, words: words)) { [self] access in
            if let actor { pass(.word(access), actor) }
        }
        let clock = RaceTime(time) { [self] in
            if let actor, let turns, turns.isOn { turns.sleep(actor) }
        }
        let store = try Store(
            environment: StoreEnvironment(
                fileSystem: saboteur.fileSystem(watched),
                catalog: saboteur.catalog(catalog, time: time), time: saboteur.time(clock),
                entropy: SeededEntropy(seed: 1), background: InlineRunner(),
                holder: LiveHolder(
                    process: Int32(fileSystem.process), processStart: 1, command: "race"),
                cacheByteCountMax: 1 << 18, publishLimits: .tiny,
                tails: TailBudget(byteCountMax: .max / 4)))
        return RaceProcess(fileSystem: fileSystem, catalog: catalog, store: store)
    }

    // MARK: Steps

    private func attach() {
        disk.hooks.beforeCall = { [weak self] process, call in
            guard let self, let actor = actors.withLock({ $0[process] }) else { return }
            pass(.call(call), actor)
        }
        disk.hooks.whileBlocked = { [weak self] process, call in
            guard let self, let turns, turns.isOn, let actor = actors.withLock({ $0[process] })
            else { return false }
            return turns.wait(actor) { [disk] in disk.isFree(call) }
        }
    }

    private func pass(_ point: RacePoint, _ actor: Int) {
        guard let turns, turns.isOn, grain.holds(point) else { return }
        switch point {
        case .call(let call) where call.isWaitedFor:
            turns.step(actor, point.name) { [disk] in disk.isFree(call) }
        case .catalog(.beforeWrite):
            turns.step(actor, point.name) { [catalogDisk] in catalogDisk.isFree }
        default:
            turns.step(actor, point.name)
        }
    }

    private func passes(_ step: SimulatedCatalog.Step, _ actor: Int) -> Bool {
        guard let turns, turns.isOn else { return step != .waitingToWrite }
        if step == .waitingToWrite {
            return turns.wait(actor) { [catalogDisk] in catalogDisk.isFree }
        }
        pass(.catalog(step), actor)
        return true
    }
}

/// One process of a `RaceWorld`.
package final class RaceProcess: Sendable {
    let fileSystem: SimulatedFileSystem
    let catalog: SimulatedCatalog
    package let store: Store

    init(fileSystem: SimulatedFileSystem, catalog: SimulatedCatalog, store: Store) {
        self.fileSystem = fileSystem
        self.catalog = catalog
        self.store = store
    }

    /// Ends it as kill -9 does.
    package func kill() {
        fileSystem.kill()
        catalog.kill()
    }

    var isKilled: Bool { fileSystem.isKilled }
}

extension FileSystemCall {
    /// A lock that the engine waits for, however long.
    fileprivate var isWaitedFor: Bool {
        guard case .lock(StoreLayout.locks, let range, _) = self else { return false }
        return range == StoreLocks.publish || range == StoreLocks.turnstile
    }
}

extension SimulatedDisk {
    /// Whether the lock that a call asks for could be had now.
    fileprivate func isFree(_ call: FileSystemCall) -> Bool {
        guard case .lock(let path, let range, let mode) = call else { return true }
        return withState { disk in
            do throws(StorageError) {
                let inode = try disk.findFile(path, Failing(operation: "look", path: path))
                return !disk[inode: inode].locks.contains { held in
                    held.range.overlaps(range) && (mode == .exclusive || held.mode == .exclusive)
                }
            } catch {
                return true
            }
        }
    }
}
