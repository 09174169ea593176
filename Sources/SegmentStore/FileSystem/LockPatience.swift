// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, file-system seam. Waiting for a lock up to a deadline.

/// The pauses between attempts at a lock. The kernel has no lock call with a deadline, so who has
/// one asks again, ever more slowly: from 50 µs, where the lock is held for a commit, to 2 ms,
/// where it is held for long, and 10 ms after a second, where its holder seems to stand still. Such
/// a wait is not fair: who waits in the kernel goes first.
package struct LockPatience {
    /// By the clock since boot; nil where the wait has no end.
    private let deadline: UInt64?
    private let time: any TimeSource
    private var pause: UInt64 = 50_000
    private var waited: UInt64 = 0

    package init(_ wait: LockWait, by time: any TimeSource) {
        self.time = time
        switch wait {
        case .never: deadline = 0
        case .forever: deadline = nil
        case .atMost(let milliseconds):
            // A deadline beyond 64 bits, five centuries of nanoseconds, is none.
            let (wait, isLong) = UInt64(clamping: milliseconds)
                .multipliedReportingOverflow(by: 1_000_000)
            let (end, isOver) = time.sinceBoot().addingReportingOverflow(wait)
            deadline = isLong || isOver ? nil : end
        }
    }

    /// Whether the wait has a deadline, which may have passed.
    package var hasDeadline: Bool { deadline != nil }

    /// Whether the deadline has passed.
    package var isOver: Bool { deadline.map { time.sinceBoot() >= $0 } ?? false }

    /// Whether another attempt may follow; sleeps before it says yes.
    package mutating func waits() -> Bool {
        var wanted = pause
        if let deadline {
            let now = time.sinceBoot()
            if now >= deadline { return false }
            wanted = min(pause, deadline - now)
        }
        time.sleep(nanoseconds: wanted)
        waited &+= wanted
        pause = min(pause * 2, waited < 1_000_000_000 ? 2_000_000 : 10_000_000)
        return true
    }
}
