// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, writing. The one writer of a fork: group commit, watermark, rotation.
// Keeps invariants 1 (acknowledged means durable), 2 (visible means durable) and 3 (gapless).
public import SegmentStore

/// Appends to one fork. While it lives no other process and no other writer can (rule 1).
///
/// Threads encode outside the lock, get versions and positions inside, and share one sync: the
/// first that finds nobody leading writes and syncs for all that wait. `append` returns once
/// the events are durable. Close it; one that is merely let go is recovered by who opens next.
public final class Writer: Sendable {
    let store: Store
    public let fork: ForkID
    public let name: String
    let state: Monitor<WriterState>
    /// What the process counts of this tail's memory.
    let account: TailAccount

    init(store: Store, state: WriterState) {
        self.store = store
        fork = state.row.id
        name = state.row.name
        account = state.account
        self.state = Monitor(state)
        store.remember(self)
    }

    deinit { store.environment.tails.leave(self) }

    /// The watermark: events below it are durable and visible.
    public var head: Position { state.withLock { $0.durable.head } }

    /// Appends the batch as one. Returns once it is durable; `buffered`: once it has its place,
    /// and a thread beside makes it durable within a sync or two. Until then it is not visible,
    /// and a crash, or a failure that the next append or `sync` tells, takes it back. Of a batch
    /// that is durable everything appended before is, too.
    ///
    /// `expecting` holds conditions on streams of the batch; a stream without one takes any.
    /// With an exact version: exactly the same events, by id and content, at those versions
    /// already is success; anything partial is `wrongVersion`. Errors besides: `expired`,
    /// `notFound` when the fork was dropped, `noSpace`, `system`. After a failed write or sync
    /// the writer takes nothing more: open the fork again, and look what is there.
    public func append(
        _ batch: AppendBatch, expecting: [Expectation] = [],
        acknowledged: Acknowledgement = .durable
    ) throws(ForkError) -> AppendResult {
        let events = batch.encoded
        guard events.count > 0 else {
            throw ForkError(.invalid, "a batch without events cannot be appended")
        }
        let conditions = try conditions(expecting, of: events)
        let looked = lookUp(events)
        var begun: SealedPart?
        var isLookDue = false
        let outcome: Result<Enqueued, ForkError>
        do throws(ForkError) {
            outcome = .success(
                try state.waitUntil { state throws(ForkError) -> Enqueued? in
                    try state.requireOpen()
                    try state.row.requireActive(at: store.clock.now())
                    guard try makeRoom(&state, beginning: &begun) else { return nil }
                    // What cannot be read may be a fork that was dropped and collected.
                    if case .failure = looked, state.slot.word.isFenced { try meetFence(&state) }
                    let enqueued = try enqueue(
                        events, conditions, looked: try looked.get(), in: &state)
                    isLookDue = state.beginsToBeLookedAt()
                    return enqueued
                })
        } catch {
            outcome = .failure(error)
        }
        if let begun { flushBeside(begun) }
        let result: AppendResult
        switch try outcome.get() {
        case .queued(let queued):
            result = queued
            if isLookDue { lookForIdle() }
            store.environment.tails.keepWithinLimit()
            if acknowledged == .buffered, drainBeside(to: result.positions.upperBound) {
                return result
            }
        case .conflict(let conflict):
            result = try resolve(conflict, conditions, events)
        }
        try waitUntilDurable(result.positions.upperBound)
        return result
    }

    /// Makes everything appended so far durable, what was `buffered` too.
    public func sync() throws(ForkError) {
        try waitUntilDurable(state.withLock { $0.end.head })
    }

    /// Returns once everything below `position` is durable, leading a group where nobody does.
    func waitUntilDurable(_ position: Position) throws(ForkError) {
        while true {
            let duty = try state.waitUntil { state throws(ForkError) -> Duty? in
                if state.durable.head >= position { return .done }
                if let failure = state.failure { throw failure }
                if state.isLed { return nil }
                return .lead(state.takeGroup())
            }
            guard case .lead(let group) = duty else { return }
            lead(group)
        }
    }

    private enum Duty {
        case done
        case lead(WriterGroup)
    }

    /// Writes, syncs, moves the word and the watermark, and wakes who waits. The caller took the
    /// group, and with it the lead.
    func lead(_ group: WriterGroup) {
        var outcome: ForkError?
        do throws(StorageError) {
            try group.journal.append(group.frames)
            try group.journal.sync()
        } catch {
            outcome = ForkError(error)
        }
        state.withLock { state in
            if outcome == nil { outcome = acknowledge(group, in: &state) }
            // What is above the watermark was never visible and never will be (invariant 2).
            if let outcome { state.failure = outcome }
            state.isLed = false
        }
        state.notifyAll()
        flushWhereWanted()
    }

    /// Moves the word, then the watermark: after the sync, before the acknowledgement (rule 2).
    private func acknowledge(_ group: WriterGroup, in state: inout WriterState) -> ForkError? {
        if let failure = state.failure { return failure }
        var end = group.end
        end.byteEnd = group.journal.durableEnd
        while !state.slot.advance(from: state.word, toEpoch: state.row.epoch, end: end) {
            do throws(ForkError) {
                try meetFence(&state)
            } catch {
                return error.code == .timedOut ? .unsettled(name, because: error) : error
            }
        }
        state.word = LiveWord(epoch: state.row.epoch, byteEnd: end.byteEnd)
        state.durable = end
        return nil
    }
}

extension ForkError {
    /// Frames are in the journal, and whether they count is for who opens the fork next to find.
    fileprivate static func unsettled(_ name: String, because error: ForkError) -> ForkError {
        ForkError(
            .system,
            "fork '\(name)' was to be changed by force, and \(error.message); what was not"
                + " acknowledged may be there: open the fork again, and look",
            underlying: error.underlying)
    }
}

/// When an append returns.
public enum Acknowledgement: Sendable {
    /// After the sync: kill -9 and power loss leave it there.
    case durable
    /// Before: what a crash within the next moments loses was never visible.
    case buffered
}

/// What one leader writes: all that was sealed when it took the lead.
struct WriterGroup {
    let journal: JournalWriter
    let frames: [FrameGroup]
    let end: LiveEnd
}

extension WriterState {
    /// Takes the lead and everything queued.
    mutating func takeGroup() -> WriterGroup {
        isLed = true
        defer { queue.removeAll(keepingCapacity: true) }
        return WriterGroup(journal: journal, frames: queue, end: end)
    }
}
