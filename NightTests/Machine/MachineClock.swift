// SPDX-License-Identifier: Apache-2.0
// NightTests, the real machine. The real clock, for limits and for moments to kill at.
import Glibc

enum MachineClock {
    /// Nanoseconds since boot.
    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    static func sleep(microseconds: UInt32) { usleep(microseconds) }
}
