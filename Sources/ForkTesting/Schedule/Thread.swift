// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting. A thread of the system, since Swift's tasks may not block.
import Glibc

package struct Thread: Sendable {
    private let thread: pthread_t

    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    package init(_ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(Body(body)).toOpaque()
        let code = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, context)
        precondition(code == 0, "no thread could be made")
        self.thread = thread
    }

    /// Returns when the body has. Call it once.
    package func join() { pthread_join(thread, nil) }
}
