// SPDX-License-Identifier: Apache-2.0
// forkstress: child processes, which are this same program in another role.
import Glibc

enum ProcessID {
    static var current: Int32 { getpid() }
}

/// A child process that runs, or ended.
struct Child {
    let process: Int32

    /// Starts this program anew in a role.
    static func start(_ arguments: [String]) throws -> Child {
        var process: pid_t = 0
        var pointers: [UnsafeMutablePointer<CChar>?] =
            (["forkstress"] + arguments).map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        let result = posix_spawn(&process, "/proc/self/exe", nil, nil, &pointers, environ)
        guard result == 0 else { throw StressFailure("a process cannot be started: \(result)") }
        return Child(process: process)
    }

    func kill() { _ = Glibc.kill(process, SIGKILL) }

    /// Whether it ended; throws where it ended by itself and not well.
    func hasEnded(wasKilled: Bool) throws -> Bool {
        var status: Int32 = 0
        let result = waitpid(process, &status, WNOHANG)
        guard result == process else { return false }
        if !wasKilled, status != 0 {
            throw StressFailure("process \(process) ended with status \(status)")
        }
        return true
    }
}
