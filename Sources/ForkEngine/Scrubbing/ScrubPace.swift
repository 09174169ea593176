// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, scrubbing. Holds reading to a rate, on the clock seam.
import SegmentStore

/// A bucket of one second's bytes, full at the start.
struct ScrubPace {
    private let time: any TimeSource
    /// nil: as fast as it goes.
    private let byteCountPerSecond: UInt64?
    private var start: UInt64
    private var byteCount: UInt64 = 0

    private static let second: UInt64 = 1_000_000_000
    private static let napNanoseconds: UInt64 = 100_000_000

    init(_ byteCountPerSecond: UInt64?, time: any TimeSource) {
        self.byteCountPerSecond = byteCountPerSecond
        self.time = time
        start = time.sinceBoot()
    }

    /// Waits until as many bytes more may have been read; in short naps, so that an interruption is
    /// heard.
    mutating func spend(_ count: UInt64, isInterrupted: () -> Bool) {
        guard let rate = byteCountPerSecond, rate > 0 else { return }
        byteCount += count
        let (whole, rest) = byteCount.quotientAndRemainder(dividingBy: rate)
        let due =
            whole &* Self.second
            &+ UInt64(Double(rest) / Double(rate) * Double(Self.second))
        while !isInterrupted() {
            let elapsed = time.sinceBoot() &- start
            if elapsed >= due {
                // What was not used in a slow spell is not caught up with, but for one second.
                if elapsed - due > Self.second { (start, byteCount) = (time.sinceBoot(), 0) }
                return
            }
            time.sleep(nanoseconds: min(due - elapsed, Self.napNanoseconds))
        }
    }
}
