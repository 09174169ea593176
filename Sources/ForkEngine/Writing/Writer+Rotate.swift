// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, writing. Rotation: seal the live journal at its durable end and name the
// next, in a transaction of its own (rule 5); what was sealed can then be flushed.
import SegmentStore

extension Writer {
    /// Events, and bytes in memory, at which a journal is sealed and flushed.
    static let flushEventCount = UInt64(EventLimits.segmentEventCount)
    static let flushByteCount: UInt64 = 64 << 20

    /// Rotates and begins a flush where the live journal holds enough. The caller leads.
    func rotateIfDue(_ state: inout WriterState) {
        let pending = state.row.snapshot.cut.distance(to: state.durable.head)
        guard pending >= Self.flushEventCount || state.durable.byteEnd >= Self.flushByteCount
        else { return }
        // One flush at a time; while it runs the journal grows on. Frames that are sealed for
        // this journal and not yet written keep it for one more group.
        guard !state.isFlushing, state.queue.isEmpty else { return }
        do throws(ForkError) {
            try rotate(&state)
            beginFlush(&state)
        } catch {
            state.failure = error
        }
    }

    /// Seals the live journal where it holds anything. Everything sealed into frames is durable,
    /// and the caller keeps all others from writing.
    func rotate(_ state: inout WriterState) throws(ForkError) {
        precondition(
            state.durable == state.end && state.queue.isEmpty, "rotation of a busy journal")
        guard state.durable.head > state.row.snapshot.cut else { return }
        let old = state.row
        let word = state.word
        let slot = state.slot
        let end = state.durable
        let row = try store.catalog.write { transaction throws(ForkError) -> ForkRow? in
            guard let now = try transaction.fork(fork), now.epoch == old.epoch,
                slot.word == word
            else { return nil }
            var next = now
            next.snapshot = now.snapshot(at: end)
            next.liveJournal = now.liveJournal.next
            next.epoch = try transaction.nextEpoch()
            return try transaction.update(next)
        }
        guard let row else {
            // Fenced before we sealed: the fence decides, then the next group tries again.
            return try meetFence(&state)
        }
        let start = LiveEnd(
            byteEnd: 0, head: end.head, logicalByteCount: end.logicalByteCount)
        state.row = row
        state.journal.close()
        guard slot.advance(from: word, toEpoch: row.epoch, end: start) else {
            // Fenced after the commit: everything acknowledged is sealed in the row.
            throw ForkError(
                .changed, "fork '\(name)' was changed by force: open it again and retry")
        }
        state.word = LiveWord(epoch: row.epoch, byteEnd: 0)
        state.end = start
        state.durable = start
        state.begin(journal: row.liveJournal, store: store)
    }
}

extension WriterState {
    /// Starts the next journal and a new layer of the tail.
    mutating func begin(journal id: JournalID, store: Store) {
        journal = JournalWriter(
            journal: id, seed: store.record.seed, fileSystem: store.fileSystem,
            folderSync: .withFirstSync)
        chain = FrameChain(
            journal: id, seed: store.record.seed, epoch: UInt32(truncatingIfNeeded: row.epoch),
            firstPosition: end.head)
        (tail, layer) = tail.layered()
    }
}
