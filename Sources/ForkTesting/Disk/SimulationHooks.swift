// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, simulated disk. Where schedulers and explorers take part.

/// Where a test puts its own hand in.
package struct SimulationHooks: Sendable {
    /// Called on the calling thread before each call of each process, outside the disk's lock: a
    /// scheduler hands its baton over here.
    package var beforeCall: (@Sendable (_ process: Int, FileSystemCall) -> Void)?

    /// Called when a lock that may be waited for is taken by another, outside the disk's lock.
    /// Returns whether to ask again: false ends a wait that has a deadline, and is EDEADLK to one
    /// that has none. A wait also ends by the disk's clock where it was given one; without the hook
    /// it follows that, or the machine's.
    package var whileBlocked: (@Sendable (_ process: Int, FileSystemCall) -> Bool)?

    package init() {}
}
