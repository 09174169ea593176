// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, the ground. A value behind a lock, for threads that may block.
// Why not `Synchronization.Mutex`: docs/decisions/locks.md.
import Glibc

/// A value that one thread at a time may touch. The lock is the system's own, not recursive.
package struct Locked<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    // Safety: the value is touched only between lock and unlock, and both lie at one address on
    // the heap from init to deinit.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let value: UnsafeMutablePointer<Value>

    package init(_ initial: consuming sending Value) {
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        let code = pthread_mutex_init(mutex, nil)
        precondition(code == 0, "a mutex without attributes can always be made")
        value = .allocate(capacity: 1)
        value.initialize(to: initial)
    }

    deinit {
        value.deinitialize(count: 1)
        value.deallocate()
        pthread_mutex_destroy(mutex)
        mutex.deinitialize(count: 1)
        mutex.deallocate()
    }

    /// Runs `body` alone.
    @inline(__always)
    package borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value.pointee)
    }
}
