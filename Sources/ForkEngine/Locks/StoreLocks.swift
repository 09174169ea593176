// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, locks. Rule 1, rule 8: who may change what, across threads and processes.
package import SegmentStore
import Synchronization

/// The locks of a store: byte ranges of one file that is never replaced.
///
/// Each holder opens the file for itself, so that two threads exclude each other as two
/// processes do, and the lock goes when its holder does, however it ends. Taken in this order:
/// reserve, collector, writers by fork id, publish, catalog.
package struct StoreLocks: Sendable {
    package let fileSystem: any FileSystem

    package init(fileSystem: any FileSystem) { self.fileSystem = fileSystem }

    /// One collection at a time.
    package static let collector: Range<UInt64> = 0..<1
    /// Held shared while an object or journal exists that no committed row names yet.
    package static let publish: Range<UInt64> = 1..<2
    /// Held for a moment before `publish`: a waiting collector is not starved.
    package static let turnstile: Range<UInt64> = 2..<3
    /// In front of all catalog writes and checkpoints (rule 13).
    package static let catalog: Range<UInt64> = 3..<4
    /// Guards the first use of the mapped files after a boot.
    package static let boot: Range<UInt64> = 4..<5
    /// Held shared by those who use the reserve of a full disk, exclusive to fill it again.
    package static let reserve: Range<UInt64> = 5..<6
    /// One scrub at a time.
    package static let scrub: Range<UInt64> = 6..<7
    /// The writer lock of fork `id` is byte `writers + id`.
    package static let writers: UInt64 = 1 << 32

    /// How long anybody waits for who commits: that takes a millisecond, and a second on a disk that
    /// is slow or busy. Who takes longer stands still.
    package static let catalogMilliseconds = 10_000
    /// The same for who uses the mapped files first after a boot, and writes a few words.
    static let bootMilliseconds = 10_000
    /// How long publishers and readers wait for a collection: it waits 10 s for others who publish,
    /// then 10 s for the catalog, before it unlinks what one batch holds.
    package static let publishMilliseconds = 30_000

    static func writer(_ fork: ForkID) -> Range<UInt64> {
        let byte = writers + fork.rawValue
        return byte..<(byte + 1)
    }

    func openFile() throws(ForkError) -> any File {
        try lifting { () throws(StorageError) in
            try fileSystem.open(StoreLayout.locks, for: .readWrite)
        }
    }

    /// Takes a range for as long as the result lives; nil when it could not be had in time.
    func take(
        _ range: Range<UInt64>, _ mode: LockMode, waiting: LockWait
    ) throws(ForkError) -> HeldLock? {
        let file = try openFile()
        let isTaken = try lifting { () throws(StorageError) in
            try file.lock(range, mode, waiting: waiting)
        }
        return isTaken ? HeldLock(file: file, range: range) : nil
    }

    /// The writer lock of a fork (rule 1); nil at once when another holds it.
    package func takeWriter(_ fork: ForkID) throws(ForkError) -> HeldLock? {
        try take(Self.writer(fork), .exclusive, waiting: .never)
    }

    /// The publish lock, shared, behind the turnstile (rule 8). Waits for at most one batch of a
    /// collector. Never taken twice by one holder: that would deadlock with a waiting collector.
    ///
    /// Errors: `timedOut` where a collection stands still in its batch; nothing was done.
    package func takePublish() throws(ForkError) -> HeldLock {
        let work = "deletes what nothing reaches"
        let limit = Self.publishMilliseconds
        let turnstile = try take(Self.turnstile, .shared, milliseconds: limit, from: work)
        defer { turnstile.release() }
        return try take(Self.publish, .shared, milliseconds: limit, from: work)
    }

    /// The lock of who first uses the mapped files after a boot.
    func takeBoot() throws(ForkError) -> HeldLock {
        try take(
            Self.boot, .exclusive, milliseconds: Self.bootMilliseconds,
            from: "opens the store after a boot")
    }

    /// The publish lock, exclusive: what a collector holds for one bounded batch. `nil` when
    /// publishers kept it longer than the deadline.
    package func takePublishExclusive(
        deadlineMilliseconds: Int
    ) throws(ForkError) -> ExclusivePublish? {
        let wait = LockWait.atMost(milliseconds: deadlineMilliseconds)
        guard let turnstile = try take(Self.turnstile, .exclusive, waiting: wait) else {
            return nil
        }
        guard let publish = try take(Self.publish, .exclusive, waiting: wait) else {
            turnstile.release()
            return nil
        }
        return ExclusivePublish(turnstile: turnstile, publish: publish)
    }

    /// The collector lock; nil at once when another collection runs.
    package func takeCollector() throws(ForkError) -> HeldLock? {
        try take(Self.collector, .exclusive, waiting: .never)
    }

    /// What who asks for the collector lock in vain is told.
    func collectorIsHeld() throws(ForkError) -> ForkError {
        let holder = try openFile().lockHolderText(of: Self.collector, against: .exclusive)
        return ForkError(
            .busy, "\(holder) collects, repairs or backs up this store: wait until it is done")
    }

    /// Takes a range from who holds it for `work`, up to a deadline.
    private func take(
        _ range: Range<UInt64>, _ mode: LockMode, milliseconds: Int, from work: String
    ) throws(ForkError) -> HeldLock {
        if let lock = try take(range, mode, waiting: .atMost(milliseconds: milliseconds)) {
            return lock
        }
        let holder = try openFile().lockHolderText(of: range, against: mode)
        throw .stands(holder, work, milliseconds: milliseconds)
    }
}

/// A range held until `release`, or until the last reference goes.
package final class HeldLock: Sendable {
    private let file: any File
    private let range: Range<UInt64>
    private let isReleased = Atomic(false)

    init(file: any File, range: Range<UInt64>) {
        self.file = file
        self.range = range
    }

    /// Gives the range up; once more does nothing. Closing the file does the same, so a failure
    /// here loses nothing.
    package func release() {
        guard !isReleased.exchange(true, ordering: .relaxed) else { return }
        do throws(StorageError) {
            try file.unlock(range)
        } catch {
            // The descriptor's close, at the latest at the end of the process, unlocks.
        }
    }

    deinit { release() }
}

/// The publish lock as a collector holds it, with the turnstile closed behind it.
package struct ExclusivePublish: Sendable {
    let turnstile: HeldLock
    let publish: HeldLock

    package func release() {
        publish.release()
        turnstile.release()
    }
}
