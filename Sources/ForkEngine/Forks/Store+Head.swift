// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, forks. Rules 2, 3, 10: what a fork's head is, for one who does not write it.
import SegmentStore

extension Store {
    /// Makes sure that nothing of `fork` waits for recovery, taking its writer lock for that where
    /// the lock is free. The lock is returned held: the caller keeps it until its own
    /// transaction or pin is done (rule 3). Called before the publish lock is taken.
    ///
    /// O(bytes of the live journal) where its writer died, else one read of the catalog.
    func settle(_ fork: ForkID) throws(ForkError) -> HeldLock? {
        if liveWriter(of: fork) != nil { return nil }
        let start = environment.time.sinceBoot()
        while true {
            let row = try row(of: fork)
            let state = slots.state(of: row)
            if state == .noSlot, try !hasStarted(row.liveJournal) { return nil }
            if let lock = try locks.takeWriter(fork) {
                try recover(fork, holding: lock)
                return lock
            }
            switch state {
            case .end, .nothing: return nil
            case .notArmed, .noSlot: try pause(since: start, for: fork, row.name)
            }
        }
    }

    /// Waits a moment for a writer between its lock and its word; gives up after ten seconds, and
    /// says which process holds the fork.
    func pause(since start: UInt64, for fork: ForkID, _ name: String) throws(ForkError) {
        if mayPause(since: start) { return }
        let holder = try locks.openFile().lockHolderText(
            of: StoreLocks.writer(fork), against: .exclusive)
        throw ForkError(
            .busy,
            "fork '\(name)' is held by \(holder), which is starting to write it or stands still:"
                + " try again, or end it")
    }

    /// Waits a moment for what holds for no longer than that; false after ten seconds.
    func mayPause(since start: UInt64) -> Bool {
        guard environment.time.sinceBoot() &- start <= 10_000_000_000 else { return false }
        environment.time.sleep(nanoseconds: 200_000)
        return true
    }

    func row(of fork: ForkID) throws(ForkError) -> ForkRow {
        let row = try catalog.read { catalog throws(ForkError) in try catalog.fork(fork) }
        guard let row else { throw ForkError(.notFound, "the fork is gone: it was dropped") }
        return row
    }

    func hasStarted(_ journal: JournalID) throws(ForkError) -> Bool {
        try lifting { () throws(StorageError) in
            try fileSystem.status(journal.path) != nil
        }
    }

    /// The head of a settled fork, as the row and the word tell together; nil: they moved while
    /// they were read, or the holder has not armed yet. Inside a write transaction the row cannot
    /// move; outside of one the caller reads the row again and compares (rule 10).
    func headSnapshot(
        of row: ForkRow, recovered: HeldLock?
    ) throws(ForkError) -> SnapshotRecord? {
        // Whoever holds the writer lock has sealed everything: there is no word to ask.
        if recovered != nil { return row.snapshot }
        switch slots.state(of: row) {
        case .end(let end): return row.snapshot(at: end)
        case .nothing: return row.snapshot
        case .notArmed: return nil
        case .noSlot:
            // A journal that has no file has no events, and a writer that starts it arms first.
            return try hasStarted(row.liveJournal) ? nil : row.snapshot
        }
    }
}
