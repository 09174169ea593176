// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, writing. The memory of all tails of a process, kept within one limit, and
// tails that nobody appends to any more.
import Synchronization
import SegmentStore

/// What the unflushed events of all writers may take in memory together.
///
/// Beyond the limit the largest tail is flushed; beyond twice the limit appends wait for their own
/// fork's flush. A tail of more than 4,096 events that has not grown for a second is flushed, too:
/// one thread looks, as long as there are such tails.
package final class TailBudget: Sendable {
    /// The budget of this process: 128 MiB.
    package static let process = TailBudget(byteCountMax: 128 << 20)

    /// A tail of more events than this is not left idle.
    package static let idleEventCount: UInt64 = 4_096
    /// How often, and how many times in turn, a tail is seen unchanged before it counts as idle.
    static let lookNanoseconds: UInt64 = 250_000_000
    static let idleLookCount = 4

    let byteCountMax: Int
    private let total = Atomic<Int>(0)
    private let state = Locked(State())

    private struct State {
        var writers: [ObjectIdentifier: WeakWriter] = [:]
        /// Whether the thread that looks is there, and whether it was asked for since it looked.
        var isLooking = false
        var isAskedFor = false
    }

    package init(byteCountMax: Int) { self.byteCountMax = byteCountMax }

    /// Bytes that all tails take now.
    package var byteCount: Int { total.load(ordering: .relaxed) }

    var isOver: Bool { byteCount > byteCountMax }
    var isFarOver: Bool { byteCount > 2 * byteCountMax }

    fileprivate func add(_ byteCount: Int) { total.add(byteCount, ordering: .relaxed) }

    func enter(_ writer: Writer) {
        state.withLock { $0.writers[ObjectIdentifier(writer)] = WeakWriter(writer: writer) }
    }

    func leave(_ writer: Writer) {
        state.withLock { $0.writers[ObjectIdentifier(writer)] = nil }
    }

    private var writers: [Writer] {
        state.withLock { $0.writers.values.compactMap(\.writer) }
    }

    /// Begins the flush of the largest tail where all together are over the limit. One load
    /// where they are not. Called with no monitor held.
    func keepWithinLimit() {
        guard isOver else { return }
        let largestFirst = writers.map { ($0, $0.account.byteCount) }.sorted { $0.1 > $1.1 }
        // One at a time: what is being flushed is on its way out already.
        for (writer, _) in largestFirst {
            switch writer.wantFlush() {
            case .wanted, .runs: return
            case .notNow: continue
            }
        }
    }

    /// Has idle tails looked for from now on.
    func lookForIdle(on background: any BackgroundRunner) {
        let isNew = state.withLock { state -> Bool in
            state.isAskedFor = true
            defer { state.isLooking = true }
            return !state.isLooking
        }
        guard isNew else { return }
        let isStarted = background.run(every: Self.lookNanoseconds) { [self] in look() }
        // Without a thread an idle tail stays until its writer closes: nothing but memory.
        if !isStarted { state.withLock { $0.isLooking = false } }
    }

    /// Looks at every tail once; whether to look again.
    private func look() -> Bool {
        state.withLock { $0.isAskedFor = false }
        var isAnyLeft = false
        for writer in writers where writer.flushIfIdle() { isAnyLeft = true }
        return state.withLock { state in
            state.isLooking = isAnyLeft || state.isAskedFor
            return state.isLooking
        }
    }
}

/// What one tail adds to its budget; taken back when its writer goes.
final class TailAccount: Sendable {
    private let budget: TailBudget
    private let counted = Atomic<Int>(0)

    init(_ budget: TailBudget) { self.budget = budget }

    deinit { set(0) }

    var byteCount: Int { counted.load(ordering: .relaxed) }

    func set(_ byteCount: Int) {
        let before = counted.exchange(byteCount, ordering: .relaxed)
        budget.add(byteCount - before)
    }
}
