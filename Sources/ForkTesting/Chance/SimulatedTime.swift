// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting. Clocks that stand still until a test moves them.
package import SegmentStore

/// The clocks of one simulated machine. A sleep returns at once and moves both clocks on.
package final class SimulatedTime: TimeSource {
    private let clocks: Locked<Clocks>

    private struct Clocks {
        var wall: Timestamp
        var sinceBoot: UInt64
        var boot: BootID
        /// What the wall clock gains on the boot clock, which is right.
        var driftPartsPerThousand: Int64 = 0
        var whileSleeping: (@Sendable () -> Void)?
    }

    /// Starts a second after the first boot, at 2026-01-01T00:00:00Z unless told otherwise.
    package init(now: Timestamp = Timestamp(nanoseconds: 1_767_225_600_000_000_000)) {
        clocks = Locked(
            Clocks(wall: now, sinceBoot: 1_000_000_000, boot: BootID(high: 1, low: 1)))
    }

    /// Clocks that show what these do, and go on apart.
    package func copy() -> SimulatedTime {
        let copy = SimulatedTime()
        let clocks = clocks.withLock { $0 }
        copy.clocks.withLock {
            $0 = clocks
            $0.whileSleeping = nil
        }
        return copy
    }

    package func now() -> Timestamp { clocks.withLock { $0.wall } }

    package func sinceBoot() -> UInt64 { clocks.withLock { $0.sinceBoot } }

    package func boot() throws(StorageError) -> BootID { bootID }

    package var bootID: BootID { clocks.withLock { $0.boot } }

    package func sleep(nanoseconds: UInt64) {
        step(nanoseconds: Int64(clamping: nanoseconds))
        clocks.withLock { $0.whileSleeping }?()
    }

    /// Called in every sleep: a scheduler hands its baton over here.
    package func onSleep(_ body: (@Sendable () -> Void)?) {
        clocks.withLock { $0.whileSleeping = body }
    }

    /// Lets time pass on both clocks. The wall clock ends with its 64 bits.
    package func step(nanoseconds: Int64) {
        precondition(nanoseconds >= 0)
        clocks.withLock {
            let drift = nanoseconds / 1_000 * $0.driftPartsPerThousand
            $0.wall.rawValue = $0.wall.rawValue.clamped(adding: nanoseconds + drift)
            $0.sinceBoot &+= UInt64(nanoseconds)
        }
    }

    /// The machine is suspended and wakes up: both clocks count it, and nothing ran.
    package func suspend(nanoseconds: Int64) {
        precondition(nanoseconds >= 0)
        clocks.withLock {
            $0.wall.rawValue = $0.wall.rawValue.clamped(adding: nanoseconds)
            $0.sinceBoot &+= UInt64(nanoseconds)
        }
    }

    /// From here on the wall clock gains so much on the boot clock, or loses it.
    package func drift(partsPerThousand: Int64) {
        clocks.withLock { $0.driftPartsPerThousand = partsPerThousand }
    }

    /// Sets the wall clock, either way; what has passed since the boot stays.
    package func setWall(_ time: Timestamp) { clocks.withLock { $0.wall = time } }

    /// Another boot: its clock starts again, and the wall clock goes on from where it is.
    package func reboot() {
        clocks.withLock {
            $0.boot = BootID(high: $0.boot.high, low: $0.boot.low + 1)
            $0.sinceBoot = 1_000_000_000
        }
    }
}
