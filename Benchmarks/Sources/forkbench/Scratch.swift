// SPDX-License-Identifier: Apache-2.0
// forkbench: the folder of one run, which is gone after it, also after an interrupt.
import Glibc

struct Scratch {
    let folder: String

    init(folder: String) throws {
        guard mkdir(folder, 0o755) == 0 else {
            throw BenchFailure("the folder \(folder) cannot be made, or exists already")
        }
        self.folder = folder
        removeAtInterrupt()
    }

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    /// A store with all that it holds, while nobody has it open.
    func copy(_ name: String, to copy: String) throws -> String {
        guard Self.run(["cp", "-a", path(name), path(copy)]) else {
            throw BenchFailure("\(path(name)) cannot be copied")
        }
        return path(copy)
    }

    func remove() {
        // Where another thread still makes files, the first try leaves some.
        for _ in 0..<5 where access(folder, F_OK) == 0 { _ = Self.run(["rm", "-rf", folder]) }
    }

    /// Blocks the signals in this thread and all that it starts, and waits for them in another.
    private func removeAtInterrupt() {
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, signal) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        startThread { [blocked = signals] in
            var signals = blocked
            var signal: Int32 = 0
            sigwait(&signals, &signal)
            remove()
            _exit(128 + signal)
        }
    }

    private static func run(_ arguments: [String]) -> Bool {
        let vector = arguments.map { strdup($0) } + [nil]
        defer { vector.forEach { free($0) } }
        var process = pid_t()
        guard posix_spawnp(&process, arguments[0], nil, nil, vector, environ) == 0 else {
            return false
        }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 { guard errno == EINTR else { return false } }
        return status == 0
    }
}

private final class ThreadBody {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

private func startThread(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let context = Unmanaged.passRetained(ThreadBody(body)).toOpaque()
    pthread_create(
        &thread, nil,
        { context in
            if let context {
                Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run()
            }
            return nil
        }, context)
    pthread_detach(thread)
}
