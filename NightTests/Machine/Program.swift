// SPDX-License-Identifier: Apache-2.0
// NightTests, the real machine. A program run as a process of its own, with a limit to how long:
// what hangs is a failure, as what traps is.
import Glibc

/// Why a run on the real machine is not a good one.
struct MachineFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// How a process ended, and what it said.
struct ProgramOutcome {
    enum Ending: Equatable {
        case exited(Int32)
        case signalled(Int32)
    }

    let ending: Ending
    let output: String
    let error: String

    init(waitStatus: Int32, output: String, error: String) {
        let signal = waitStatus & 0x7f
        ending = signal == 0 ? .exited((waitStatus >> 8) & 0xff) : .signalled(signal)
        self.output = output
        self.error = error
    }
}

/// A program, its arguments, and the folder that takes its output.
struct Program {
    let arguments: [String]
    /// Where `output` and `error` are written; each program that runs needs one of its own.
    let folder: String
    var input = "/dev/null"
    /// It hangs where it takes longer.
    var secondsMax = RunningProgram.secondsMax

    /// This program's own path.
    static let own: String = {
        var path = [CChar](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/exe", &path, path.count)
        return String(
            decoding: path.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }()

    /// The forkctl that was built beside this program.
    static let forkctl: String =
        own.split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/forkctl"

    /// The full path of a tool, or nil where it is not installed.
    static func find(_ tool: String) -> String? {
        ["/usr/bin", "/bin", "/usr/sbin", "/sbin"].map { "\($0)/\(tool)" }
            .first { access($0, X_OK) == 0 }
    }

    func start() throws(MachineFailure) -> RunningProgram {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let flags = O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "\(folder)/output", flags, 0o644)
        posix_spawn_file_actions_addopen(&actions, 2, "\(folder)/error", flags, 0o644)
        var argumentPointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        argumentPointers.append(nil)
        // Nothing of the machine decides what is said; no back-traces of what traps.
        let environment: [String] = [
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "SWIFT_BACKTRACE=enable=no",
        ]
        var environmentPointers: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) }
        environmentPointers.append(nil)
        defer { for pointer in argumentPointers + environmentPointers { free(pointer) } }
        var process: pid_t = 0
        let result = posix_spawn(
            &process, arguments[0], &actions, nil, &argumentPointers, &environmentPointers)
        guard result == 0 else {
            throw MachineFailure("\(arguments[0]) cannot be started: error \(result)")
        }
        return RunningProgram(process: process, program: self)
    }

    /// Runs the program to its end.
    func run() throws(MachineFailure) -> ProgramOutcome { try start().wait() }

    /// Runs a program that must end well; returns what it said.
    @discardableResult
    func succeed() throws(MachineFailure) -> String {
        let outcome = try run()
        guard outcome.ending == .exited(0) else {
            throw MachineFailure(
                "\(arguments.joined(separator: " ")): \(outcome.ending), \(outcome.error)")
        }
        return outcome.output
    }
}

/// A program that was started and not yet waited for.
struct RunningProgram {
    let process: pid_t
    let program: Program
    private let start = MachineClock.now()

    static let secondsMax = 60

    init(process: pid_t, program: Program) {
        self.process = process
        self.program = program
    }

    /// How long it has run.
    var seconds: Int { Int((MachineClock.now() - start) / 1_000_000_000) }

    func kill(_ signal: Int32 = SIGKILL) { _ = Glibc.kill(process, signal) }

    /// The outcome once the program has ended; nil while it runs.
    func poll() -> ProgramOutcome? {
        var status: Int32 = 0
        guard waitpid(process, &status, WNOHANG) == process else { return nil }
        return ProgramOutcome(
            waitStatus: status, output: TextFile.read("\(program.folder)/output"),
            error: TextFile.read("\(program.folder)/error"))
    }

    func wait() throws(MachineFailure) -> ProgramOutcome {
        var pause: UInt32 = 200
        while true {
            if let outcome = poll() { return outcome }
            MachineClock.sleep(microseconds: pause)
            pause = min(4_000, pause * 2)
            guard seconds >= program.secondsMax else { continue }
            kill()
            var status: Int32 = 0
            waitpid(process, &status, 0)
            throw MachineFailure(
                "\(program.arguments.joined(separator: " ")): no end in \(program.secondsMax) s")
        }
    }
}
