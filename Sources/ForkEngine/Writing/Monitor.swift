// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, writing. A mutex that can be waited in: what group commit needs.
import Glibc

/// Mutual exclusion with one condition, over the system's own primitives.
///
/// `Locked` with a condition to wait for: followers of a group commit sleep until their leader has
/// synced.
package final class Monitor<State>: @unchecked Sendable {
    // Safety: `state` is touched only between lock and unlock of `mutex`; both C objects live at
    // one heap address from init to deinit.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var state: State

    package init(_ state: State) {
        self.state = state
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Runs `body` alone.
    package func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state)
    }

    /// Runs `body` alone, again after each `notifyAll`, until it answers something.
    package func waitUntil<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result?
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = try body(&state) { return result }
            pthread_cond_wait(condition, mutex)
        }
    }

    /// Wakes all that wait. Called with or without the lock.
    package func notifyAll() { pthread_cond_broadcast(condition) }
}
