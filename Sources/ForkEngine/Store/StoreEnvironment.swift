// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, store. All that a store touches outside itself, in one value, so that a
// simulated world can stand in for every part of it.
package import SegmentStore

/// What one process has of one store: the seams, and what is shared with other processes.
package struct StoreEnvironment: Sendable {
    package let fileSystem: any FileSystem
    package let catalog: any Catalog
    package let time: any TimeSource
    package let entropy: any EntropySource
    package let background: any BackgroundRunner
    package let holder: LiveHolder
    /// Whether the sync of a new file is shown to make its name durable on this file system.
    package let isNewNameKeptBySync: Bool
    /// What the page cache may hold.
    package let cacheByteCountMax: Int
    /// How large segments and nodes become: `standard` in every real store.
    package let publishLimits: PublishLimits
    /// How many forks there may be: `standard` in every real store.
    package let limits: StoreLimits
    /// What unflushed events may take, with all other stores that share it.
    package let tails: TailBudget

    package init(
        fileSystem: any FileSystem, catalog: any Catalog, time: any TimeSource,
        entropy: any EntropySource, background: any BackgroundRunner, holder: LiveHolder,
        isNewNameKeptBySync: Bool = false, cacheByteCountMax: Int = 256 << 20,
        publishLimits: PublishLimits = .standard, limits: StoreLimits = .standard,
        tails: TailBudget = .process
    ) {
        self.fileSystem = fileSystem
        self.catalog = catalog
        self.time = time
        self.entropy = entropy
        self.background = background
        self.holder = holder
        self.isNewNameKeptBySync = isNewNameKeptBySync
        self.cacheByteCountMax = cacheByteCountMax
        self.publishLimits = publishLimits
        self.limits = limits
        self.tails = tails
    }
}

/// Runs work beside the caller: on another core for real, at once in a simulated world.
package protocol BackgroundRunner: AnyObject, Sendable {
    func run(_ work: @escaping @Sendable () -> Void)

    /// Runs `work` again and again, with pauses, until it answers false. False: it cannot be done.
    func run(every nanoseconds: UInt64, _ work: @escaping @Sendable () -> Bool) -> Bool
}
