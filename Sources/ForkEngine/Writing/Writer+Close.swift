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
        guard isOpen else {
            abandon()
            // Who appended and waited was told; of what was acknowledged before, nobody was.
            if let lost = state.withLock({ $0.bufferedFailure }) { throw lost }
            return
        }
        var failure: ForkError?
        do throws(ForkError) {
            if state.withLock({ $0.isWorthFlushing }) { try flush() }
        } catch {
            // What could not be flushed stays in its journals: sealing is one small commit.
            failure = error
        }
        do throws(ForkError) {
            try exclusively { state throws(ForkError) in
                try rotate(&state)
                state.isClosed = true
                state.isSealed = true
            }
        } catch {
            abandon()
            // Another thread has closed it in between: all is sealed.
            if state.withLock({ $0.isSealed }) { return }
            throw failure ?? error
        }
        abandon()
        if let failure { throw failure }
    }

    /// Gives up slot and lock, once nobody writes or flushes; what is unsealed waits for recovery.
    private func abandon() {
        store.forget(self)
        state.waitUntil { state -> Void? in
            if state.isLed || state.isFlushing { return nil }
            state.isClosed = true
            state.release(keepingSlot: !state.isSealed)
            return ()
        }
    }
}

extension Writer {
    /// Ends a writer that was never given to anybody: its lock goes, its slot says what a dead
    /// writer's does.
    func abandon(because error: ForkError) {
        store.forget(self)
        state.withLock { state in
            state.failure = state.failure ?? error
            state.release(keepingSlot: state.word.byteEnd > 0)
        }
    }
}

extension WriterState {
    /// Why buffered appends are lost; nil where none are.
    fileprivate var bufferedFailure: ForkError? {
        bufferedHead > durable.head ? failure : nil
    }

    /// Whether a closing writer flushes: more than 1,000 events wait, some of them its fork's own.
    fileprivate var isWorthFlushing: Bool {
        pendingEventCount > Writer.closingEventCount && head > row.base
    }
}
