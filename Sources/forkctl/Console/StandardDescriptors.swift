// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. Descriptors 0, 1 and 2 are never a file of a store.
import Glibc

enum StandardDescriptors {
    /// Takes the places of those of standard input, output and error that are closed, before
    /// anything else is opened: else a store's file would get such a number, and what is printed
    /// would be written into it. What takes a place is open the wrong way round, so that using it
    /// fails as using a closed descriptor does. False where that cannot be had.
    static func fillGaps() -> Bool {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
            guard fcntl(descriptor, F_GETFD) < 0, errno == EBADF else { continue }
            // The lowest free number is taken, which this one is: those below it are open by now.
            let mode = descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY
            guard open("/dev/null", mode) == descriptor else { return false }
        }
        return true
    }
}
