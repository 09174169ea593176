// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, writing. All that a live writer knows, guarded by one monitor.
//
//      open ──append, lead, rotate──> open ──close──> closed
//        └─────failed write, sync or commit, fork gone─────> failed
import SegmentStore

/// The state of a live writer. Positions rise: root end ≤ watermark ≤ head.
struct WriterState {
    /// The row as this process last committed or read it.
    var row: ForkRow
    let lock: HeldLock
    let slot: LiveSlot
    /// The word as this writer last stored it.
    var word: LiveWord
    var chain: FrameChain
    var journal: JournalWriter
    /// Everything flushed that counts.
    var root: RootHold
    /// What is not flushed, and the layer of it that is appended to.
    var tail: Tail
    var layer: TailLayer
    /// What is sealed into frames: the next append goes here.
    var end: LiveEnd
    /// What is durable and acknowledged: the watermark.
    var durable: LiveEnd
    /// What the process counts of this tail's memory.
    let account: TailAccount
    /// Frames sealed and not yet written, in order.
    var queue: [FrameGroup] = []
    /// Whether a thread writes and syncs just now; at most one does.
    var isLed = false
    var isFlushing = false
    /// Whether a thread beside makes buffered appends durable, and up to where they were
    /// acknowledged before they were.
    var isDraining = false
    var bufferedHead = Position.zero
    var keeping = TailKeeping()
    /// Threads that wait for a moment without frames, to flush or to close.
    var drainingCount = 0
    var flushFailure: ForkError?
    /// Set once, for ever: why nothing more is taken.
    var failure: ForkError?
    var isClosed = false
    /// Everything is sealed: nobody needs to recover this fork, and the slot says nothing more.
    var isSealed = false
    /// Slot and lock are given up.
    var isReleased = false

    var head: Position { end.head }

    func requireOpen() throws(ForkError) {
        if let failure { throw failure }
        if isClosed { throw ForkError(.invalid, "the writer is closed: open the fork again") }
    }

    /// Gives up the lock, and the slot: one of a writer that failed stays, since its word says
    /// what was acknowledged, to whoever recovers the fork.
    mutating func release(keepingSlot: Bool) {
        guard !isReleased else { return }
        isReleased = true
        giveTailBack()
        if !keepingSlot { slot.free() }
        lock.release()
    }

    /// Gives the tail's memory back, of a writer that takes and shows nothing more. Views have what
    /// they need of it for themselves.
    mutating func giveTailBack() {
        (tail, layer) = Tail(at: end.head).layered()
        account.set(0)
    }

    /// Runs a commit. Where it fails its outcome is unknown (rule 12): this writer takes nothing
    /// more, and who opens the fork again sees what happened. One that timed out was not begun.
    mutating func failing<Result>(
        _ body: () throws(ForkError) -> Result
    ) throws(ForkError) -> Result {
        do throws(ForkError) {
            return try body()
        } catch {
            if error.code != .timedOut { failure = error }
            throw error
        }
    }

    /// Events of the journals that wait for a flush, and their bytes in memory.
    var pendingEventCount: UInt64 { row.snapshot.rootEnd.distance(to: head) }
}
