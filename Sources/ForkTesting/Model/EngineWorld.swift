// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. A machine in memory that an engine runs on: disk, catalog, mapped words,
// clocks. Everything repeats; processes can be killed and the power cut.
package import ForkEngine
package import SegmentStore

/// One simulated machine with one store on it. Used by one thread.
package final class EngineWorld {
    package let seed: UInt64
    package private(set) var disk: SimulatedDisk
    package private(set) var catalogDisk: SimulatedCatalogDisk
    package let time: SimulatedTime
    package private(set) var words: WorldWords
    package var cacheByteCountMax = 1 << 20
    package var publishLimits = PublishLimits.standard
    /// Whether the sync of a new file keeps its name, and the engine relies on it.
    package var isNewNameKeptBySync = false {
        didSet { keepNewNames() }
    }
    /// Whether each commit of the catalog is a moment at which explorers cut a script short: the
    /// process syncs a file that needs none.
    package var stopsBeforeCommits = false
    /// How many processes were ever started.
    private var processCount = 0
    private var planted: [Fault] = []

    /// One process that has the store open.
    package final class Process {
        package let number: Int
        package let fileSystem: SimulatedFileSystem
        package let catalog: SimulatedCatalog
        package let store: Store

        init(
            number: Int, fileSystem: SimulatedFileSystem, catalog: SimulatedCatalog, store: Store
        ) {
            self.number = number
            self.fileSystem = fileSystem
            self.catalog = catalog
            self.store = store
        }

        /// Ends it as kill -9 does.
        package func kill() {
            fileSystem.kill()
            catalog.kill()
        }
    }

    init(
        seed: UInt64, disk: SimulatedDisk, catalogDisk: SimulatedCatalogDisk,
        time: SimulatedTime, words: WorldWords
    ) {
        self.seed = seed
        self.disk = disk
        self.catalogDisk = catalogDisk
        self.time = time
        self.words = words
        // One thread runs everything: a lock that is waited for would never come.
        disk.hooks.whileBlocked = { _, _ in false }
    }

    /// A machine with an empty store, laid out call by call.
    package static func layOut(
        on disk: SimulatedDisk = SimulatedDisk(), seed: UInt64
    ) throws -> EngineWorld {
        let time = SimulatedTime()
        var made: SimulatedCatalogDisk?
        let fileSystem = disk.makeProcess()
        try Store.layOut(in: fileSystem, time: time, entropy: SeededEntropy(seed: seed)) {
            (record) throws(ForkError) in
            let catalogDisk = SimulatedCatalogDisk(store: record)
            made = catalogDisk
            return SimulatedCatalog(on: catalogDisk)
        }
        guard let made else { throw WorldError("the layout made no catalog") }
        return EngineWorld(
            seed: seed, disk: disk, catalogDisk: made, time: time, words: WorldWords())
    }

    /// A machine as this one is now, another from here on; processes do not come along.
    package func copy(seed: UInt64) -> EngineWorld {
        var state = catalogDisk.committed
        state.store.seed ^= seed
        return EngineWorld(
            seed: seed, disk: disk.killImage(),
            catalogDisk: SimulatedCatalogDisk(committed: state), time: SimulatedTime(),
            words: words.copy { _, _, word in word })
    }

    /// The machine that a crash image of the disk makes, with the catalog as it is committed now.
    /// `isPowerCut`: another boot, whose mapped words are as they would be once it emptied them.
    package func afterCrash(_ image: SimulatedDisk, isPowerCut: Bool) -> EngineWorld {
        let world = EngineWorld(
            seed: seed, disk: image, catalogDisk: catalogDisk.crashImage(ghostReturns: false),
            time: SimulatedTime(now: time.now()),
            words: isPowerCut ? emptiedWords() : words.copy { _, _, word in word })
        world.stopsBeforeCommits = stopsBeforeCommits
        world.cacheByteCountMax = cacheByteCountMax
        world.publishLimits = publishLimits
        world.isNewNameKeptBySync = isNewNameKeptBySync
        return world
    }

    private func keepNewNames() {
        disk.withState { $0.options.fileSyncKeepsNewNames = isNewNameKeptBySync }
    }

    /// The mapped words as the first to open the store after a boot leaves them: of `live` only the
    /// head, which names the boot.
    private func emptiedWords(for boot: BootID? = nil) -> WorldWords {
        words.copy { path, index, word in
            guard path == StoreLayout.live else { return word }
            return switch index {
            case 0: word
            case 1: boot?.high ?? word
            case 2: boot?.low ?? word
            default: 0
            }
        }
    }

    /// Starts a process that opens the store.
    package func start() throws(ForkError) -> Process {
        processCount += 1
        let fileSystem = disk.makeProcess()
        // The kernel writes back what nobody syncs, too, some time.
        try lifting { () throws(StorageError) in try fileSystem.syncFolder(StoreLayout.pins) }
        let isStopping = stopsBeforeCommits
        let catalog = SimulatedCatalog(on: catalogDisk) { step in
            if isStopping, step == .beforeCommit { fileSystem.syncNeedlessly() }
            // One thread runs everything: who is waited for would never be done.
            return step != .waitingToWrite
        }
        let store = try Store(
            environment: StoreEnvironment(
                fileSystem: WorldFileSystem(fileSystem, words: words), catalog: catalog,
                time: time, entropy: SeededEntropy(seed: seed), background: InlineRunner(),
                holder: LiveHolder(
                    process: Int32(clamping: processCount), processStart: UInt64(processCount),
                    command: "model"),
                isNewNameKeptBySync: isNewNameKeptBySync, cacheByteCountMax: cacheByteCountMax,
                publishLimits: publishLimits))
        return Process(
            number: processCount, fileSystem: fileSystem, catalog: catalog, store: store)
    }

    /// What a power cut leaves of the mapped files, which nobody ever synced.
    package enum WordsLeft: CaseIterable {
        /// All of them, of the boot before.
        case everything
        case nothing
        /// The clock's floor; and the new boot has emptied the rest already.
        case clock
    }

    /// Cuts the power and boots again. Every process is gone; of what was not synced some is there.
    package func cutPower(seed: UInt64, leaving left: WordsLeft) {
        disk = disk.crashImage(seed: seed)
        disk.hooks.whileBlocked = { _, _ in false }
        for fault in planted { disk.add(fault) }
        catalogDisk.recover(ghostReturns: false)
        time.reboot()
        switch left {
        case .everything: words = words.copy { _, _, word in word }
        case .nothing: words = WorldWords()
        case .clock: words = emptiedWords(for: time.bootID)
        }
    }
}

/// Why a world could not be made.
package struct WorldError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

extension SimulatedCatalogDisk {
    /// A catalog that holds what another one has committed.
    convenience init(committed: SimulatedCatalogState) {
        self.init(store: committed.store)
        commit(committed)
    }
}

extension EngineWorld {
    /// Puts a fault on the disk; it stays there through power cuts.
    package func plant(_ fault: Fault) {
        planted.append(fault)
        disk.add(fault)
    }
}

extension SimulatedFileSystem {
    /// A call that counts as a change of the disk, and changes nothing.
    fileprivate func syncNeedlessly() {
        do throws(StorageError) {
            try open(StoreLayout.format, for: .read).sync()
        } catch {
            // A killed process, or a fault: the commit that follows tells.
        }
    }
}

extension PublishLimits {
    /// Segments of a few events and nodes of a few entries, so that a few hundred events make roots
    /// as deep as those of real stores.
    package static let tiny: PublishLimits = {
        var limits = PublishLimits()
        limits.segmentEventCount = 24
        limits.smallEventCount = 9
        limits.nodes = NodeLimits(
            entryWeightMin: NodeLimits.capacity / 4, bundleNodeCountMax: 3,
            rewriteExaminedNodeCountMax: 6)
        return limits
    }()
}
