// SPDX-License-Identifier: Apache-2.0
// forknight: the conductor's side of a worker: this program once more, so that a trap in the engine
// ends a round and not the night.
import Glibc
import SegmentStore

/// A worker process, doing a round or waiting for one.
final class Worker {
    /// Where reports come from.
    let output: Int32
    private let input: Int32
    private let process: pid_t
    private let errorPath: String
    private var lines = LineBuffer()
    private(set) var order: RoundName?
    private var orderStart: UInt64 = 0

    init() throws {
        let (inputEnd, input) = try Self.pipe()
        let (output, outputEnd) = try Self.pipe()
        defer { for descriptor in [inputEnd, outputEnd] { close(descriptor) } }
        (self.input, self.output) = (input, output)
        var template = Array("/tmp/forknight-worker-XXXXXX".utf8CString)
        let error = mkstemp(&template)
        guard error >= 0 else { throw NightFailure("no file for errors: errno \(errno)") }
        defer { close(error) }
        errorPath = String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self)
        process = try Self.spawn(input: inputEnd, output: outputEnd, error: error)
    }

    private static func pipe() throws -> (Int32, Int32) {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else { throw NightFailure("no pipe: errno \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private static func spawn(input: Int32, output: Int32, error: Int32) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (from, to) in [(input, 0), (output, 1), (error, 2)] as [(Int32, Int32)] {
            posix_spawn_file_actions_adddup2(&actions, from, to)
        }
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("forknight"), strdup("--worker")]
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var process: pid_t = 0
        let result = posix_spawn(&process, "/proc/self/exe", &actions, nil, &arguments, environ)
        guard result == 0 else { throw NightFailure("no worker: errno \(result)") }
        return process
    }

    func start(_ order: RoundName) {
        self.order = order
        orderStart = SystemTime().sinceBoot()
        // Where the worker is gone, its end is seen on the other pipe.
        Descriptors.write("\(order.part) \(order.round)\n", to: input)
    }

    /// Seconds since its round began.
    var secondsInRound: Int {
        order == nil ? 0 : Int((SystemTime().sinceBoot() - orderStart) / 1_000_000_000)
    }

    enum Answer {
        case nothing
        case report(ReportLine)
        /// The worker ended within a round, or before one.
        case ended
    }

    /// What came on the pipe, which has something to read.
    func read() throws -> Answer {
        let isOpen = lines.read(output)
        guard let line = lines.next() else { return isOpen ? .nothing : .ended }
        guard let report = ReportLine(line), let order, report.part == order.part,
            report.round == order.round
        else { throw NightFailure("a worker answered \(line.prefix(200))") }
        self.order = nil
        return .report(report)
    }

    /// Ends the process; returns how it ended and what it said last.
    func end(killing: Bool) -> String {
        if killing { kill(process, SIGKILL) }
        close(input)
        close(output)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        let said = String(
            decoding: (Descriptors.contents(of: errorPath) ?? []).prefix(16_000), as: UTF8.self)
        unlink(errorPath)
        let signal = status & 0x7F
        let how = signal == 0 ? "status \((status >> 8) & 0xFF)" : "signal \(signal)"
        let trace = said.split(separator: "\n").prefix { $0 != "Registers:" }
        return "the process ended with \(how)\n" + trace.joined(separator: "\n")
    }
}
