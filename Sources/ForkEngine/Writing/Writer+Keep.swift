// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, writing. Flushes that nobody called for: the process has too much in memory,
// or a tail lies idle.
import SegmentStore

/// How a writer's tail is watched.
struct TailKeeping {
    /// Flushed as soon as nobody writes: the process has too much in memory.
    var isFlushWanted = false
    /// Whether idle tails are looked for on this tail's account.
    var isLookedAt = false
    /// The head when it was last looked at, and how often it was the same since.
    var head = Position.zero
    var unchangedCount = 0
    /// When a flush failed last, since boot; nil where the last one did not.
    var failedAt: UInt64?
}

/// What became of a wish for a flush.
enum FlushWish {
    case wanted
    case runs
    /// There is nothing to flush, or it failed a moment ago.
    case notNow
}

extension Writer {
    /// Has an idle tail looked for from now on, where this one is large and nobody looks yet.
    func lookForIdleWhereDue() {
        if state.withLock({ $0.beginsToBeLookedAt() }) { lookForIdle() }
    }

    func lookForIdle() {
        store.environment.tails.lookForIdle(on: store.environment.background)
    }

    /// How long after a failed flush memory's need alone begins no other.
    static let flushPauseNanoseconds: UInt64 = 1_000_000_000

    /// Has the tail flushed beside as soon as nobody writes.
    func wantFlush() -> FlushWish {
        let now = store.environment.time.sinceBoot()
        let wish = state.withLock { state -> FlushWish in
            if state.failure != nil { state.giveTailBack() }
            if state.isFlushing || state.keeping.isFlushWanted { return .runs }
            guard state.failure == nil, !state.isClosed, state.pendingEventCount > 0 else {
                return .notNow
            }
            if let failedAt = state.keeping.failedAt,
                now &- failedAt < Self.flushPauseNanoseconds
            {
                return .notNow
            }
            state.keeping.isFlushWanted = true
            return .wanted
        }
        if wish == .wanted { flushWhereWanted() }
        return wish
    }

    /// Begins the flush that was wanted, where nobody writes just now; else whoever writes does.
    func flushWhereWanted() {
        let begun = state.withLock { state -> SealedPart? in
            guard state.keeping.isFlushWanted, state.isQuiet else { return nil }
            state.keeping.isFlushWanted = false
            return rotateToFlush(&state)
        }
        if let begun { flushBeside(begun) }
    }

    /// Looks at a tail once; flushes it beside where it is large and has lain idle for a second.
    /// False: it need not be looked at any more.
    func flushIfIdle() -> Bool {
        let (isLargeStill, begun) = state.withLock { state -> (Bool, SealedPart?) in
            guard state.failure == nil, !state.isClosed,
                state.pendingEventCount > TailBudget.idleEventCount
            else {
                state.keeping.isLookedAt = false
                return (false, nil)
            }
            if state.keeping.head != state.head {
                state.keeping.head = state.head
                state.keeping.unchangedCount = 0
            }
            state.keeping.unchangedCount += 1
            guard state.keeping.unchangedCount > TailBudget.idleLookCount, state.isQuiet else {
                return (true, nil)
            }
            // Where the flush fails it is tried again after another second.
            state.keeping.unchangedCount = 0
            return (true, rotateToFlush(&state))
        }
        if let begun { flushBeside(begun) }
        return isLargeStill
    }

    /// Seals what there is and takes it for a flush. A failure of the rotation ends the writer,
    /// which the next caller is told.
    private func rotateToFlush(_ state: inout WriterState) -> SealedPart? {
        do throws(ForkError) {
            if !state.hasManyJournals { try rotate(&state) }
            return state.beginFlush()
        } catch {
            // A rotation whose commit failed has ended the writer; another has changed nothing, and
            // is not tried again at once.
            state.keeping.failedAt = store.environment.time.sinceBoot()
            return nil
        }
    }
}

extension WriterState {
    /// Whether idle tails are to be looked for on this one's account from now on.
    mutating func beginsToBeLookedAt() -> Bool {
        guard !keeping.isLookedAt, pendingEventCount > TailBudget.idleEventCount else {
            return false
        }
        keeping.isLookedAt = true
        return true
    }

    /// Nobody writes, waits for quiet, or flushes, and all that has a place is durable.
    var isQuiet: Bool {
        !isLed && queue.isEmpty && drainingCount == 0 && !isFlushing && failure == nil
            && !isClosed
    }
}
