// SPDX-License-Identifier: Apache-2.0
// A background in which nothing runs before the test says so.
import ForkEngine
import SegmentStore

final class ManualRunner: BackgroundRunner {
    private struct State {
        var work: [@Sendable () -> Void] = []
        var repeated: [@Sendable () -> Bool] = []
    }

    private let state = Locked(State())

    func run(_ work: @escaping @Sendable () -> Void) {
        state.withLock { $0.work.append(work) }
    }

    func run(every nanoseconds: UInt64, _ work: @escaping @Sendable () -> Bool) -> Bool {
        state.withLock { $0.repeated.append(work) }
        return true
    }

    /// Runs everything that waits, and what it leaves to be run.
    func runAll() {
        while true {
            let work = state.withLock { state in
                defer { state.work = [] }
                return state.work
            }
            guard !work.isEmpty else { return }
            for item in work { item() }
        }
    }

    var waitingCount: Int { state.withLock { $0.work.count } }
    var repeatedCount: Int { state.withLock { $0.repeated.count } }

    /// Lets the time of one pause pass.
    func tick() {
        let repeated = state.withLock { state in
            defer { state.repeated = [] }
            return state.repeated
        }
        let kept = repeated.filter { $0() }
        state.withLock { $0.repeated.append(contentsOf: kept) }
    }
}
