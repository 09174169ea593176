// SPDX-License-Identifier: Apache-2.0
// NightTests, the real machine. A process stopped at each of its calls while others work (invariants
// 1, 4, 7, 8; rules 1, 8, 10): they wait, work or are told, and nobody loses anything.
import ForkEngine

/// All moments at which the command of a scenario can be stopped, with the store it begins from.
final class StopSitting: Sendable {
    let scenario: StopScenario
    let cases: [InjectionCase]
    private let folder: MachineFolder
    private let template: String
    /// What the fork that is exported is, untouched.
    private let exported: String

    /// How long others may wait before who is stopped goes on.
    private static let patienceSeconds = 3

    init(_ scenario: StopScenario) throws(MachineFailure) {
        self.scenario = scenario
        folder = try MachineFolder()
        template = try folder.folder("template")
        try scenario.store.make(in: template, scratch: folder.path)
        if let lines = scenario.lines {
            try TextFile.write(lines.map(StoreJudge.line).joined(), to: "\(folder.path)/lines")
        }
        exported =
            if let fork = scenario.exported {
                try Program(
                    arguments: [Program.forkctl, "export", "--at", fork, "--store", template],
                    folder: folder.path
                ).succeed()
            } else { "" }
        // Every call that changes something, locks something or opens a file: those that may kill.
        let command = InjectionCommand(
            stopping: scenario.name, scenario.store, scenario.stopped)
        let store = try folder.copy(template, to: "traced")
        let trace = "\(folder.path)/trace"
        try Program(
            arguments: [
                "/usr/bin/strace", "-f", "-y", "-o", trace, "-e",
                "trace=\(InjectionCase.calls.joined(separator: ","))", Program.forkctl,
            ] + Self.arguments(scenario, store: store, folder: folder), folder: folder.path
        ).succeed()
        cases = InjectionCase.cases(of: command, trace: TextFile.read(trace), store: store)
            .filter { $0.fault == .kill }
            .map {
                InjectionCase(
                    command: command, call: $0.call, occurrence: $0.occurrence, fault: .stop)
            }
        guard !cases.isEmpty else { throw MachineFailure("\(scenario.name): no call was seen") }
    }

    private static func arguments(
        _ scenario: StopScenario, store: String, folder: MachineFolder
    ) -> [String] {
        scenario.stopped.map { $0 == "LINES" ? "\(folder.path)/lines" : $0 } + ["--store", store]
    }

    /// Runs one case; true where the process was stopped. Throws with how to repeat it.
    func run(_ injected: InjectionCase) throws(MachineFailure) -> Bool {
        do throws(MachineFailure) {
            let work = try MachineFolder()
            defer { withExtendedLifetime(work) {} }
            let store = try work.copy(template, to: "store")
            let stopped = try StoppedProgram(
                [Program.forkctl] + Self.arguments(scenario, store: store, folder: folder),
                inject: injected, folder: try work.folder("stopped"))
            let isStopped = try stopped.waitUntilStopped()
            if isStopped, let held = scenario.held {
                try requireRefusal(held, stopped, store: store, work)
            }
            let others = try startOthers(store: store, work)
            let outcome = try stopped.goOn()
            for other in others { try judge(other.running.wait(), of: other.arguments) }
            try judgeStopped(outcome)
            try judgeStore(store)
            return isStopped
        } catch {
            throw MachineFailure("\(scenario.name), \(injected): \(error)")
        }
    }

    /// Starts what others do, one after another; returns those that wait for who is stopped.
    private func startOthers(
        store: String, _ work: MachineFolder
    ) throws(MachineFailure) -> [(running: RunningProgram, arguments: [String])] {
        var waiting: [(running: RunningProgram, arguments: [String])] = []
        for (number, arguments) in scenario.others.enumerated() {
            let running = try Program(
                arguments: [Program.forkctl] + arguments + ["--store", store],
                folder: try work.folder("other-\(number)")
            ).start()
            var outcome: ProgramOutcome?
            while outcome == nil, running.seconds < Self.patienceSeconds {
                MachineClock.sleep(microseconds: 1_000)
                outcome = running.poll()
            }
            if let outcome {
                try judge(outcome, of: arguments)
            } else {
                waiting.append((running, arguments))
            }
        }
        return waiting
    }

    /// Rule 1: where the fork is held a second writer is refused, and told by whom.
    private func requireRefusal(
        _ fork: String, _ stopped: StoppedProgram, store: String, _ work: MachineFolder
    ) throws(MachineFailure) {
        let shown = try Program(
            arguments: [Program.forkctl, "show", fork, "--store", store], folder: work.path
        ).run()
        guard shown.output.contains("open for writing") else { return }
        let head = scenario.store.histories[fork] ?? 0
        let refused = try Program(
            arguments: [Program.forkctl] + InjectionStore.append(head, to: fork)
                + ["--store", store], folder: work.path
        ).run()
        guard let process = stopped.process, refused.ending == .exited(9),
            refused.error.contains("by process \(process) ")
        else {
            throw MachineFailure(
                "a second writer was to be refused, and \(refused.ending): \(refused.error)")
        }
    }
}

extension StopSitting {
    /// Done, or one sentence and nothing else that says why not: waited, gone, conflict, busy.
    private func judge(
        _ outcome: ProgramOutcome, of arguments: [String]
    ) throws(MachineFailure) {
        let command = InjectionCommand(stopping: scenario.name, scenario.store, arguments)
        switch outcome.ending {
        case .exited(0): return
        case .exited(let status) where [2, 6, 7, 9].contains(status):
            if command.isTold(outcome, status) { return }
        default: break
        }
        throw MachineFailure(
            "\(arguments.joined(separator: " ")): \(outcome.ending), \(outcome.error)")
    }

    private func judgeStopped(_ outcome: ProgramOutcome) throws(MachineFailure) {
        try judge(outcome, of: scenario.stopped)
        guard scenario.exported != nil else { return }
        let expected = outcome.ending == .exited(0) ? exported : ""
        guard outcome.output == expected else {
            throw MachineFailure(
                "\(outcome.ending): \(outcome.output.utf8.count) bytes were exported,"
                    + " \(expected.utf8.count) are right")
        }
    }

    private func judgeStore(_ path: String) throws(MachineFailure) {
        let judge = try StoreJudge(path)
        let histories = try judge.histories()
        guard scenario.allows(histories) else {
            throw MachineFailure("when all have ended it has \(histories)")
        }
        try judge.requireSound()
        try judge.requireWritable("main", head: histories["main"] ?? 0)
        try judge.requireCollectable()
    }
}
