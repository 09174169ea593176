// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, store. The real background: one detached thread for each piece of work.
import Glibc

/// Starts a thread for each piece of work: a flush every 262,144 events does not repay a pool.
/// Where no thread can be had the work is done at once, by the caller.
package final class ThreadRunner: BackgroundRunner {
    package init() {}

    private final class Box: Sendable {
        let work: @Sendable () -> Void
        init(_ work: @escaping @Sendable () -> Void) { self.work = work }
    }

    package func run(_ work: @escaping @Sendable () -> Void) {
        let box = Unmanaged.passRetained(Box(work))
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Box>.fromOpaque(context).takeRetainedValue().work()
                return nil
            }, box.toOpaque())
        if result == 0 {
            pthread_detach(thread)
        } else {
            box.takeRetainedValue().work()
        }
    }
}

/// Does the work at once, in the caller's thread.
package final class InlineRunner: BackgroundRunner {
    package init() {}
    package func run(_ work: @escaping @Sendable () -> Void) { work() }
}
