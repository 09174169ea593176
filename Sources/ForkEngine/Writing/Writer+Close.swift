// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, writing. Closing: nothing is left for anybody to recover.
import SegmentStore

extension Writer {
    /// A tail of more events than this is flushed on close.
    static let closingEventCount: UInt64 = 1_000

    /// Ends the writer: makes what is queued durable, flushes a tail of more than 1,000 events,
    /// seals the journal and gives the fork up. Further appends throw. Closing twice is fine.
    public func close() throws(ForkError) {
        let isOpen = state.withLock { !$0.isClosed && $0.failure == nil }
        guard isOpen else { return abandon() }
        do throws(ForkError) {
            if state.withLock({ $0.pendingEventCount }) > Self.closingEventCount { try flush() }
            try seal()
        } catch {
            abandon()
            throw error
        }
        abandon()
    }

    /// Seals the live journal where it holds anything, when nobody writes or flushes any more.
    private func seal() throws(ForkError) {
        while true {
            let group = try state.waitUntil { state throws(ForkError) -> WriterGroup?? in
                try state.requireOpen()
                if state.isLed || state.isFlushing { return nil }
                if !state.queue.isEmpty { return state.takeGroup() }
                try rotate(&state)
                state.isClosed = true
                return .some(nil)
            }
            guard let group else { return }
            lead(group)
        }
    }

    /// Gives up slot and lock; what is unsealed then waits for recovery.
    private func abandon() {
        store.forget(self)
        state.withLock { state in
            guard !state.isReleased else { return }
            state.isReleased = true
            state.isClosed = true
            // A failed writer's slot stays: it tells what was acknowledged, to who recovers.
            if state.failure == nil { state.slot.free() }
            state.lock.release()
        }
    }
}
