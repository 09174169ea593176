// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, store. The façade: one process's hold on one store.
package import SegmentStore

/// An event store whose histories fork.
///
/// A store is a folder. Any number of processes may have it open; each fork has one writer at a
/// time (rule 1), readers never block and are never blocked. All methods are synchronous and
/// thread-safe; every error is a `ForkError`.
public final class Store: Sendable {
    package let environment: StoreEnvironment
    package let locks: StoreLocks
    package let slots: LiveSlots
    package let clock: ClockFloor
    package let segments: SegmentStore
    package let record: StoreRecord
    let pins: Pins
    /// The writers that live in this process, so that views and forks share their tails.
    let writers = Locked<[ForkID: WeakWriter]>([:])

    package var catalog: any Catalog { environment.catalog }
    package var fileSystem: any FileSystem { environment.fileSystem }

    /// Takes hold of a store that exists, through the seams of `environment`.
    package init(environment: StoreEnvironment) throws(ForkError) {
        self.environment = environment
        locks = StoreLocks(fileSystem: environment.fileSystem)
        record = try environment.catalog.read { catalog throws(ForkError) in
            try catalog.store()
        }
        guard record.formatVersion <= StoreLayout.formatVersion else {
            throw ForkError(
                .newerFormat,
                "the store has format version \(record.formatVersion), and this build reads up to"
                    + " \(StoreLayout.formatVersion): use a newer forkctl")
        }
        slots = try LiveSlots.open(
            fileSystem: environment.fileSystem, locks: locks, time: environment.time)
        clock = try ClockFloor(
            fileSystem: environment.fileSystem, locks: locks, time: environment.time)
        segments = SegmentStore(
            objects: ObjectStore(
                backend: FileObjectBackend(fileSystem: environment.fileSystem),
                cache: PageCache(byteCountMax: environment.cacheByteCountMax)),
            limits: environment.publishLimits)
        pins = Pins(
            fileSystem: environment.fileSystem, locks: locks,
            process: environment.holder.process)
    }

    /// The operator's word that the machine's clock is right, after it leapt or stepped back.
    public func acceptClock() throws(ForkError) { try clock.acceptWallClock() }

    /// The writer of `fork` in this process, if one lives.
    func liveWriter(of fork: ForkID) -> Writer? {
        writers.withLock { $0[fork]?.writer }
    }
}

/// A writer that the store knows without keeping it alive.
struct WeakWriter: Sendable {
    weak let writer: Writer?
}
