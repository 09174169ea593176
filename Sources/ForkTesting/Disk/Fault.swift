// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, simulated disk. What goes wrong, and at which call.

/// One thing that goes wrong on a simulated disk.
package struct Fault: Sendable {
    package enum Effect: Sendable {
        /// The call fails with this errno and does nothing.
        case fail(code: Int32)
        /// A write puts the first half of its bytes, then fails; another call fails and does
        /// nothing.
        case failHalfway(code: Int32)
        /// A sync fails, and what was dirty counts as clean: the next sync succeeds without it. Of
        /// the dirty pages none has reached the disk, or with a seed other than 0 those that
        /// chance says. Another call fails and does nothing.
        case failLosingDirtyPages(code: Int32, seed: UInt64 = 0)
        /// A write, resize or sync reports success and never reaches the disk.
        case lose
        /// A write reports success and lands this many bytes further on.
        case misdirect(by: Int)
        /// The calling process is killed before the call.
        case kill

        /// Whether the effect means something to the call. A fault waits for the first call that it
        /// strikes and that its effect means something to.
        func canStrike(_ call: FileSystemCall) -> Bool {
            switch self {
            case .fail, .failHalfway, .failLosingDirtyPages: return call.canFail
            case .kill: return true
            case .misdirect: return call.isWrite
            case .lose:
                if case .resize = call { return true }
                return call.isWrite || call.isSync
            }
        }
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
