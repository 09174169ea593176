// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, simulated disk. What goes wrong, and at which call.

/// One thing that goes wrong on a simulated disk.
package struct Fault: Sendable {
    package enum Effect: Sendable {
        /// The call fails with this errno and does nothing.
        case fail(code: Int32)
        /// A write puts the first half of its bytes, then fails.
        case failHalfway(code: Int32)
        /// A sync fails, and what was dirty counts as clean: the next sync succeeds without it.
        case failLosingDirtyPages(code: Int32)
        /// A write or sync reports success and never reaches the disk.
        case lose
        /// A write reports success and lands this many bytes further on.
        case misdirect(by: Int)
        /// The calling process is killed before the call.
        case kill
    }

    package var effect: Effect
    /// Whether it stays after it struck.
    package var isPermanent: Bool
    /// The call and its number on the disk, from 0. Calls on shared words are not asked about.
    package var strikes: @Sendable (FileSystemCall, Int) -> Bool

    package init(
        _ effect: Effect, isPermanent: Bool = false,
        where strikes: @escaping @Sendable (FileSystemCall, Int) -> Bool
    ) {
        self.effect = effect
        self.isPermanent = isPermanent
        self.strikes = strikes
    }

    /// Strikes at one call, once.
    package static func at(_ number: Int, _ effect: Effect) -> Fault {
        Fault(effect) { _, called in called == number }
    }

    /// Strikes at one call and all that follow.
    package static func from(_ number: Int, _ effect: Effect) -> Fault {
        Fault(effect, isPermanent: true) { _, called in called >= number }
    }

    /// Strikes at the next call that fits.
    package static func next(
        _ effect: Effect, where fits: @escaping @Sendable (FileSystemCall) -> Bool
    ) -> Fault {
        Fault(effect) { call, _ in fits(call) }
    }
}
