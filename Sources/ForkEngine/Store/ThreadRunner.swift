// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, store. The real background: one detached thread for each piece of work.
import Glibc
import SegmentStore

/// Starts a thread for each piece of work: a flush every 262,144 events does not repay a pool.
/// Where no thread can be had the work is done at once, by the caller.
package final class ThreadRunner: BackgroundRunner {
    package init() {}

    private final class Box: Sendable {
        let work: @Sendable () -> Void
        init(_ work: @escaping @Sendable () -> Void) { self.work = work }
    }

    package func run(_ work: @escaping @Sendable () -> Void) {
        if !start(work) { work() }
    }

    package func run(every nanoseconds: UInt64, _ work: @escaping @Sendable () -> Bool) -> Bool {
        start {
            let time = SystemTime()
            repeat { time.sleep(nanoseconds: nanoseconds) } while work()
        }
    }

    /// False where no thread can be had.
    private func start(_ work: @escaping @Sendable () -> Void) -> Bool {
        let box = Unmanaged.passRetained(Box(work))
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Box>.fromOpaque(context).takeRetainedValue().work()
                return nil
            }, box.toOpaque())
        guard result == 0 else {
            box.release()
            return false
        }
        pthread_detach(thread)
        return true
    }
}

/// Does the work at once, in the caller's thread. What is to be done again and again is not done:
/// where nothing runs beside, no time passes.
package final class InlineRunner: BackgroundRunner {
    package init() {}
    package func run(_ work: @escaping @Sendable () -> Void) { work() }
    package func run(every nanoseconds: UInt64, _ work: @escaping @Sendable () -> Bool) -> Bool {
        true
    }
}
