// SPDX-License-Identifier: Apache-2.0
// NightTests, the real machine. A program under strace that is stopped at one of its calls, and goes
// on when it is told to.
import Glibc

final class StoppedProgram {
    let running: RunningProgram
    private let trace: String
    private var outcome: ProgramOutcome?

    /// Starts a program; its output and its trace go to `folder`.
    init(
        _ arguments: [String], inject: InjectionCase, folder: String
    ) throws(MachineFailure) {
        trace = "\(folder)/trace"
        running = try Program(
            arguments: [
                "/usr/bin/strace", "-f", "-o", trace, "-e", "trace=\(inject.call)", "-e",
                inject.inject,
            ] + arguments, folder: folder
        ).start()
    }

    /// Whoever is stopped would stay for ever.
    deinit {
        if outcome != nil { return }
        if let process { kill(process, SIGKILL) }
        _ = running.poll()
        running.kill()
        var status: Int32 = 0
        waitpid(running.process, &status, 0)
    }

    /// The process that is traced, while it is there: any of its threads says the first line.
    var process: pid_t? {
        guard let thread = TextFile.read(trace).split(separator: " ", maxSplits: 1).first else {
            return nil
        }
        let status = TextFile.read("/proc/\(thread)/status").split(separator: "\n")
        return status.first { $0.hasPrefix("Tgid:\t") }.flatMap { pid_t($0.dropFirst(6)) }
    }

    /// True once it is stopped, false where it ended and was not.
    func waitUntilStopped() throws(MachineFailure) -> Bool {
        while true {
            if TextFile.read(trace).contains("--- stopped by SIGSTOP ---") { return true }
            outcome = outcome ?? running.poll()
            if outcome != nil { return false }
            guard running.seconds < RunningProgram.secondsMax else {
                throw MachineFailure("it was neither stopped nor did it end")
            }
            MachineClock.sleep(microseconds: 1_000)
        }
    }

    /// Kills it where it stands.
    func endForGood() throws(MachineFailure) {
        if let process { kill(process, SIGKILL) }
        outcome = try running.wait()
    }

    /// Lets it go on to its end. Other threads may be stopped at a call of the same number.
    func goOn() throws(MachineFailure) -> ProgramOutcome {
        let start = MachineClock.now()
        while true {
            outcome = outcome ?? running.poll()
            if let outcome { return outcome }
            if let process { kill(process, SIGCONT) }
            guard (MachineClock.now() - start) / 1_000_000_000 < RunningProgram.secondsMax else {
                throw MachineFailure("it was continued, and did not end")
            }
            MachineClock.sleep(microseconds: 5_000)
        }
    }
}
