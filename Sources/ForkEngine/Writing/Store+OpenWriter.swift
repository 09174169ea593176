// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, writing. Rules 1, 3, 12: opening a fork for writing takes its lock, recovers
// what a dead writer left, and commits a change before anything outside the catalog is done.
import SegmentStore
import Synchronization

extension Store {
    /// Opens a fork for writing: O(bytes of its pending journals).
    ///
    /// Errors: `notFound`, `expired`, and `busy` at once where another writer lives, with who it
    /// is.
    public func openWriter(_ name: ForkName) throws(ForkError) -> Writer {
        let now = clock.now()
        let row = try catalog.read { catalog throws(ForkError) in
            try catalog.requireActiveFork(named: name, now: now)
        }
        let lock = try takeWriter(row)
        let slot = try slots.claim(row.id, holder: environment.holder)
        do throws(ForkError) {
            let opened = try recover(row.id, holding: lock, arming: slot)
            try opened.requireActive(at: now)
            let state = try writerState(opened, lock: lock, slot: slot)
            let writer = Writer(store: self, state: state)
            if opened.snapshot.pieces.count > SnapshotRecord.pendingPieceCountMax {
                do throws(ForkError) {
                    try writer.flush()
                } catch {
                    writer.abandon(because: error)
                    throw error
                }
            }
            writer.lookForIdleWhereDue()
            return writer
        } catch {
            // A word that a dead writer left is kept: it says what was acknowledged (rule 4).
            if slot.word.byteEnd == 0 { slot.free() }
            lock.release()
            // Dropped and collected while we read it: that is no damage.
            if error.code == .damaged { _ = try self.row(of: row.id) }
            throw error
        }
    }

    /// The writer lock, or `busy` at once where a writer lives. One who only recovers the fork is
    /// waited for, up to a second.
    private func takeWriter(_ row: ForkRow) throws(ForkError) -> HeldLock {
        let start = environment.time.sinceBoot()
        while true {
            if let lock = try locks.takeWriter(row.id) { return lock }
            var isLive = false
            if case .end = slots.state(of: try self.row(of: row.id)) {
                isLive = slots.slot(of: row.id)?.isBeingRecovered == false
            }
            if isLive || environment.time.sinceBoot() &- start > 1_000_000_000 {
                let holder = try isLive ? writerText(of: row.id) : lockHolderText(of: row.id)
                throw ForkError(
                    .busy, "fork '\(row.name)' is open for writing\(holder): one writer at a time")
            }
            environment.time.sleep(nanoseconds: 500_000)
        }
    }

    private func writerText(of fork: ForkID) -> String {
        guard let holder = slots.slot(of: fork)?.holder else { return "" }
        return " by process \(holder.process) (\(holder.command))"
    }

    /// The slot of one who is not live yet may tell of who came before.
    private func lockHolderText(of fork: ForkID) throws(ForkError) -> String {
        " by "
            + (try locks.openFile().lockHolderText(
                of: StoreLocks.writer(fork), against: .exclusive))
    }

    private func writerState(
        _ row: ForkRow, lock: HeldLock, slot: LiveSlot
    ) throws(ForkError) -> WriterState {
        let head = row.snapshot.cut
        let end = LiveEnd(
            byteEnd: 0, head: head, logicalByteCount: row.snapshot.logicalByteCount)
        let (tail, layer) = try loadTail(row.snapshot).layered()
        let account = TailAccount(environment.tails)
        account.set(tail.byteCount)
        return WriterState(
            row: row, lock: lock, slot: slot, word: LiveWord(epoch: row.epoch, byteEnd: 0),
            chain: FrameChain(
                journal: row.liveJournal, seed: record.seed,
                epoch: UInt32(truncatingIfNeeded: row.epoch), firstPosition: head),
            journal: JournalWriter(
                journal: row.liveJournal, seed: record.seed, fileSystem: fileSystem,
                folderSync: folderSync(of: row.liveJournal)),
            root: try hold(row.snapshot), tail: tail, layer: layer, end: end, durable: end,
            account: account)
    }

    /// Recovers the live journal of a fork whose writer lock the caller holds: keeps its valid
    /// frames, seals that end, names the next journal with a new epoch; one commit, always
    /// (rule 12). Arms `slot` inside the transaction where one is given, else frees a leftover.
    @discardableResult
    func recover(
        _ fork: ForkID, holding lock: HeldLock, arming slot: LiveSlot? = nil
    ) throws(ForkError) -> ForkRow {
        let row = try row(of: fork)
        if slot == nil { slots.slot(of: fork)?.noteRecovery() }
        var end: LiveEnd?
        let isStarted = try hasStarted(row.liveJournal)
        if isStarted {
            end = try recoveredEnd(of: row)
        } else if case .end(let stated) = slots.state(of: row), stated.byteEnd > 0 {
            throw ForkError(
                StorageError.damaged(
                    StorageError.Damage(
                        path: row.liveJournal.path, offset: nil,
                        reason: "it is missing, and \(stated.byteEnd) bytes of it were"
                            + " acknowledged (rule 5)")))
        }
        let before = slot?.contents
        let recovered = try restoring(before, of: slot) {
            transaction throws(ForkError) -> ForkRow in
            guard var current = try transaction.fork(fork), current.generation == row.generation
            else {
                throw ForkError(.notFound, "fork '\(row.name)' is gone: it was dropped meanwhile")
            }
            current.snapshot = current.snapshot(at: end)
            if isStarted { current.liveJournal = current.liveJournal.next }
            current.epoch = try transaction.nextEpoch()
            let updated = try transaction.update(current)
            slot?.arm(
                epoch: current.epoch,
                end: LiveEnd(
                    byteEnd: 0, head: current.snapshot.cut,
                    logicalByteCount: current.snapshot.logicalByteCount))
            return updated
        }
        if slot == nil { slots.slot(of: fork)?.free() }
        return recovered
    }

    /// A write transaction; where it fails the slot says again what it said before, so that what a
    /// dead writer acknowledged stays known.
    private func restoring(
        _ contents: [UInt64]?, of slot: LiveSlot?,
        _ body: (any CatalogWriting) throws(ForkError) -> ForkRow
    ) throws(ForkError) -> ForkRow {
        do throws(ForkError) {
            return try catalog.write(body)
        } catch {
            if let contents { slot?.contents = contents }
            throw error
        }
    }

    /// What a dead writer's journal holds; less than what is stated to be durable is damage
    /// (rule 4). The word of this boot, where it is of the row's epoch, states all that was
    /// acknowledged. After a reboot there is none, and the catalog states what it knows: where
    /// forks that were made meanwhile cut the journal, and where their overlays begin above its
    /// own. That looks at all rows, once for each fork that a power cut met open.
    private func recoveredEnd(of row: ForkRow) throws(ForkError) -> LiveEnd? {
        var stated: (byteEnd: UInt64, head: Position) = (0, .zero)
        if case .end(let end) = slots.state(of: row) {
            stated.byteEnd = end.byteEnd
        } else {
            stated = try catalog.read { catalog throws(ForkError) in
                (
                    try catalog.cutEnd(of: row.liveJournal),
                    try catalog.greatestBase(above: row.liveJournal.overlay)
                )
            }
        }
        var byteCount = row.snapshot.logicalByteCount
        let journal = Journal(row.liveJournal, seed: record.seed, fileSystem: fileSystem)
        let recovered = try lifting { () throws(StorageError) in
            try journal.recover(statedEnd: stated.byteEnd, wasStarted: true) {
                frame throws(StorageError) in
                try frame.forEachEvent { event throws(StorageError) in
                    byteCount += event.logicalByteCount
                }
            }
        }
        let head = recovered.positions?.upperBound ?? row.snapshot.cut
        guard head >= stated.head else {
            throw ForkError(
                StorageError.damaged(
                    StorageError.Damage(
                        path: row.liveJournal.path, offset: recovered.byteEnd,
                        reason: "\(recovered.reason), at position \(head), and a fork was made of"
                            + " all below \(stated.head) (rule 4)")))
        }
        guard let positions = recovered.positions else { return nil }
        guard positions.lowerBound == row.snapshot.cut else {
            throw ForkError(
                StorageError.damaged(
                    StorageError.Damage(
                        path: row.liveJournal.path, offset: nil,
                        reason: "it begins at position \(positions.lowerBound), and the fork's"
                            + " sealed history ends at \(row.snapshot.cut)")))
        }
        return LiveEnd(
            byteEnd: recovered.byteEnd, head: positions.upperBound, logicalByteCount: byteCount)
    }
}

extension Store {
    /// Whether a journal's first sync must sync its folder too. On ext4, xfs and btrfs the sync of
    /// a new file keeps its name, as power cuts showed (docs/decisions/0001-probes.md): the first
    /// event of a fork does without. A rotation is never left to that (rule 5).
    func folderSync(of journal: JournalID) -> JournalFolderSync {
        environment.isNewNameKeptBySync && journal.number == 0 ? .never : .withFirstSync
    }

    func remember(_ writer: Writer) {
        environment.tails.enter(writer)
        writers.withLock { $0[writer.fork] = WeakWriter(writer: writer) }
    }

    func forget(_ writer: Writer) {
        writers.withLock { writers in
            if writers[writer.fork]?.writer === writer { writers[writer.fork] = nil }
        }
    }
}
