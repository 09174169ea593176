// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting. The simulated twin of the SQLite catalog: the same protocol, held equal by
// one conformance suite, with faults that a test arms and places where a scheduler may switch.
package import ForkEngine
internal import SegmentStore
internal import Glibc

/// One simulated process's connection to a shared catalog. Thread-safe.
package final class SimulatedCatalog: Catalog {
    /// Where a scheduler may let somebody else run.
    package enum Step: Hashable, Sendable {
        case beforeRead
        case beforeWrite
        /// Another process writes; called again and again until it does not, or the hook says
        /// that nobody else can go on.
        case waitingToWrite
        /// The body is done, nothing is committed.
        case beforeCommit
        case afterCommit
    }

    /// What happens to the next write that gets that far.
    package enum Fault: Hashable, Sendable {
        /// It throws this before it begins.
        case failAtBegin(ForkError.Code)
        /// The commit throws, and nothing is committed.
        case failCommitUndone
        /// The commit throws, and yet it is done.
        case failCommitDone
        /// The commit throws; nothing is committed, but it may come back (rule 12).
        case failCommitGhost
        /// As kill -9: the process is dead, and the commit may come back (rule 12).
        case killInCommit
        /// As kill -9 before the commit: the process is dead, nothing is committed.
        case killBeforeCommit
        /// As kill -9 right after the commit: it is done, and nobody was told.
        case killAfterCommit
    }

    private struct State {
        var faults: [Fault] = []
        var isDead = false
    }

    package let disk: SimulatedCatalogDisk
    private let state = Locked(State())
    private let hook: @Sendable (Step) -> Bool

    /// - Parameter hook: called outside all locks; answers whether to go on waiting, which only
    ///   counts at `waitingToWrite`. The default lets other threads run.
    package init(
        on disk: SimulatedCatalogDisk,
        hook: @escaping @Sendable (Step) -> Bool = { step in
            if step == .waitingToWrite { sched_yield() }
            return true
        }
    ) {
        self.disk = disk
        self.hook = hook
    }

    /// Every step is a place where `scheduler` may let another actor run.
    package convenience init(on disk: SimulatedCatalogDisk, scheduler: BatonScheduler) {
        self.init(on: disk) { step in
            if step == .waitingToWrite { return scheduler.wait() }
            scheduler.step()
            return true
        }
    }

    // MARK: Faults

    /// Arms a fault for the next write; several strike one write each, in order.
    package func arm(_ fault: Fault) { state.withLock { $0.faults.append(fault) } }

    /// Ends the process, as kill -9 would: every later call throws, an open write commits nothing,
    /// and its lock is free.
    package func kill() {
        state.withLock { $0.isDead = true }
        disk.unlock(for: ObjectIdentifier(self))
    }

    package var isDead: Bool { state.withLock { $0.isDead } }

    private func checkIsAlive() throws(ForkError) {
        if isDead { throw ForkError(.system, "this simulated process was killed") }
    }

    private func die() throws(ForkError) -> Never {
        kill()
        throw ForkError(.system, "this simulated process was killed")
    }

    // MARK: Transactions

    package func read<Result>(
        _ body: (any CatalogReading) throws(ForkError) -> Result
    ) throws(ForkError) -> Result {
        _ = hook(.beforeRead)
        try checkIsAlive()
        let transaction = SimulatedTransaction(disk.committed)
        defer { transaction.end() }
        return try body(transaction)
    }

    package func write<Result>(
        _ body: (any CatalogWriting) throws(ForkError) -> Result
    ) throws(ForkError) -> Result {
        _ = hook(.beforeWrite)
        try checkIsAlive()
        let fault = state.withLock { $0.faults.isEmpty ? nil : $0.faults.removeFirst() }
        if case .failAtBegin(let code) = fault {
            throw ForkError(code, "the catalog cannot begin a transaction")
        }
        let process = ObjectIdentifier(self)
        while !disk.tryToLock(for: process) {
            guard hook(.waitingToWrite) else {
                throw ForkError(.timedOut, "every simulated process waits for another")
            }
            try checkIsAlive()
        }
        defer { disk.unlock(for: process) }
        let transaction = SimulatedTransaction(disk.committed)
        defer { transaction.end() }
        let result = try body(transaction)
        disk.note(
            walkedRowCount: transaction.walkedRowCount,
            overlayReadCount: transaction.overlayReadCount)
        _ = hook(.beforeCommit)
        try checkIsAlive()
        try commit(transaction.state, fault)
        _ = hook(.afterCommit)
        try checkIsAlive()
        return result
    }

    package func write<Result>(
        _ change: (any CatalogWriting) throws(ForkError) -> Void,
        thenRead body: (any CatalogReading) throws(ForkError) -> Result
    ) throws(ForkError) -> Result {
        let before = try write { transaction throws(ForkError) -> SimulatedCatalogState in
            let committed = disk.committed
            try change(transaction)
            return committed
        }
        _ = hook(.beforeRead)
        try checkIsAlive()
        let transaction = SimulatedTransaction(before)
        defer { transaction.end() }
        return try body(transaction)
    }

    private func commit(_ state: SimulatedCatalogState, _ fault: Fault?) throws(ForkError) {
        switch fault {
        case nil, .failAtBegin:
            disk.commit(state)
        case .failCommitUndone:
            throw Self.unknownOutcome
        case .failCommitDone:
            disk.commit(state)
            throw Self.unknownOutcome
        case .failCommitGhost:
            disk.leaveGhost(state)
            throw Self.unknownOutcome
        case .killInCommit:
            disk.leaveGhost(state)
            try die()
        case .killBeforeCommit:
            try die()
        case .killAfterCommit:
            disk.commit(state)
            try die()
        }
    }

    private static let unknownOutcome = ForkError(
        .system, "the catalog's commit failed, and its outcome is unknown")
}
