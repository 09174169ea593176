// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, writing. Rotation: seal the live journal at its durable end and name the
// next, in a transaction of its own (rule 5); what was sealed can then be flushed.
import SegmentStore

extension Writer {
    /// Events, and bytes in memory, at which a journal is sealed and flushed.
    static let flushEventCount = UInt64(EventLimits.segmentEventCount)
    static let flushByteCount: UInt64 = 64 << 20

    /// Bytes and events of the live journal beyond which appends wait for the flush that runs.
    static let stallByteCount: UInt64 = 160 << 20
    static let stallEventCount = 4 * flushEventCount

    /// The same while the process has far too much in memory (`TailBudget`).
    static let pressedByteCount: UInt64 = 1 << 20
    static let pressedEventCount: UInt64 = 1_000

    /// Whether another batch may be sealed into the live journal now. One that holds enough is
    /// rotated first, once nobody writes it, and a flush begun; while a flush runs it grows on, up
    /// to a bound. False: wait for a leader or a flush to end, and ask again.
    ///
    /// `beginning`: what was sealed, for the caller to flush once it has left the monitor.
    func makeRoom(
        _ state: inout WriterState, beginning: inout SealedPart?
    ) throws(ForkError) -> Bool {
        // Who flushes or closes waits for a moment without frames: do not take it away.
        if state.drainingCount > 0 { return false }
        let eventCount = state.row.snapshot.cut.distance(to: state.end.head)
        let byteCount = state.end.byteEnd
        let isPressed =
            store.environment.tails.isFarOver
            && (eventCount > Self.pressedEventCount || byteCount > Self.pressedByteCount)
        let isFull = eventCount >= Self.flushEventCount || byteCount >= Self.flushByteCount
        guard isFull || isPressed || state.keeping.isFlushWanted else { return true }
        if state.isFlushing {
            return !isPressed && eventCount < Self.stallEventCount
                && byteCount < Self.stallByteCount
        }
        guard !state.isLed, state.queue.isEmpty else { return false }
        if let failure = state.flushFailure, state.hasManyJournals {
            // Journals pile up since flushes fail: say why, once, and try another flush.
            state.flushFailure = nil
            beginning = state.beginFlush()
            throw failure
        }
        try rotate(&state)
        state.keeping.isFlushWanted = false
        beginning = state.beginFlush()
        return true
    }

    /// Seals the live journal where it holds anything. Everything sealed into frames is durable,
    /// and the caller keeps all others from writing.
    func rotate(_ state: inout WriterState) throws(ForkError) {
        precondition(
            state.durable == state.end && state.queue.isEmpty, "rotation of a busy journal")
        guard state.durable.head > state.row.snapshot.cut else { return }
        guard state.row.snapshot.pieces.count < SnapshotRecord.rotatedPieceCountMax else {
            throw state.flushFailure
                ?? ForkError(.busy, "fork '\(name)' has too many journals: flush it first")
        }
        let old = state.row
        let word = state.word
        let slot = state.slot
        let end = state.durable
        let row: ForkRow?
        do throws(ForkError) {
            row = try store.catalog.write { transaction throws(ForkError) -> ForkRow? in
                guard let now = try transaction.fork(fork), now.epoch == old.epoch,
                    slot.word == word
                else { return nil }
                var next = now
                next.snapshot = now.snapshot(at: end)
                next.liveJournal = now.liveJournal.next
                next.epoch = try transaction.nextEpoch()
                return try transaction.update(next)
            }
        } catch {
            // Not begun: nothing was changed, and the next attempt may come through.
            if error.code == .timedOut { throw error }
            // Whether it was committed is unknown (rule 12). If it was, our word is of an older
            // epoch, and others wait for who holds the lock: let them recover.
            state.failure = error
            state.release(keepingSlot: true)
            throw error
        }
        guard let row else {
            // Fenced before we sealed: the catalog decides whether we go on.
            try meetFence(&state)
            return try rotate(&state)
        }
        let start = LiveEnd(
            byteEnd: 0, head: end.head, logicalByteCount: end.logicalByteCount)
        state.row = row
        state.journal.close()
        guard slot.advance(from: word, toEpoch: row.epoch, end: start) else {
            // Fenced after the commit: everything acknowledged is sealed in the row.
            let error = ForkError(
                .changed, "fork '\(name)' was changed by force: open it again and retry")
            state.failure = error
            throw error
        }
        state.word = LiveWord(epoch: row.epoch, byteEnd: 0)
        state.end = start
        state.durable = start
        state.begin(journal: row.liveJournal, store: store)
    }
}

extension WriterState {
    /// So many journals wait that flushing them comes before sealing another: flushes fail.
    var hasManyJournals: Bool {
        row.snapshot.pieces.count > SnapshotRecord.pendingPieceCountMax
    }

    /// Starts the next journal and a new layer of the tail.
    mutating func begin(journal id: JournalID, store: Store) {
        journal = JournalWriter(
            journal: id, seed: store.record.seed, fileSystem: store.fileSystem,
            folderSync: store.folderSync(of: id))
        chain = FrameChain(
            journal: id, seed: store.record.seed, epoch: UInt32(truncatingIfNeeded: row.epoch),
            firstPosition: end.head)
        (tail, layer) = tail.layered()
    }
}
