// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. SIGINT and SIGTERM, for commands that end between two steps.
import Glibc
import Synchronization

/// Once `watch` was called the first signal only sets a flag; a second one ends the process.
enum Interruption {
    private static let flag = Atomic<Bool>(false)

    static var isRequested: Bool { flag.load(ordering: .relaxed) }

    static func watch() {
        // The flag exists from here on, so that the handler only stores into it.
        flag.store(false, ordering: .relaxed)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in
            Interruption.flag.store(true, ordering: .relaxed)
        }
        // Back to the default after the first; no restart, so that a read that waits ends.
        action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
        sigaction(SIGINT, &action, nil)
        sigaction(SIGTERM, &action, nil)
        // A parent that starts commands from a thread of its own may have passed on its mask.
        var watched = sigset_t()
        sigemptyset(&watched)
        sigaddset(&watched, SIGINT)
        sigaddset(&watched, SIGTERM)
        pthread_sigmask(SIG_UNBLOCK, &watched, nil)
    }
}
