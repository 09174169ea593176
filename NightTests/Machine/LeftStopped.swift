// SPDX-License-Identifier: Apache-2.0
// NightTests, the real machine. A process that is stopped for good with a lock in its hands (rules 8
// and 13): nobody waits for it for ever, everybody is told its number, and once it is killed all goes on.
import ForkEngine
import Glibc

enum LeftStopped: Int, CaseIterable {
    /// In a batch of a collection: publishers and readers wait.
    case collection
    /// In a commit: all who write the catalog wait.
    case commit

    /// What is stopped, and at which of its calls.
    private var stopped: (arguments: [String], call: String) {
        switch self {
        case .collection: (["gc"], "unlinkat")
        case .commit: (["create", "new"], "fdatasync")
        }
    }

    /// What others do at once meanwhile, and the statuses that they may end with.
    private var others: [(arguments: [String], statuses: Set<Int32>)] {
        switch self {
        case .collection:
            [
                (["export", "--at", "main"], [2]), (["gc"], [9]),
                (InjectionStore.append(1_203, to: "main"), [0]),
            ]
        case .commit:
            // Two of them need the writer lock of `main`: who has it waits for the commit, and the
            // other for the lock.
            [
                (["create", "other"], [2, 9]), (InjectionStore.append(1_203, to: "main"), [2, 9]),
                (["gc"], [2]), (["list"], [0]),
            ]
        }
    }

    private var ends: [Histories] {
        var before = InjectionStore.large.histories
        before["doomed"] = nil
        switch self {
        case .collection: return [before.merging(["main": 1_204]) { $1 }]
        case .commit: return [before, before.merging(["new": 1_203]) { $1 }]
        }
    }

    func run() throws(MachineFailure) {
        let folder = try MachineFolder()
        defer { withExtendedLifetime(folder) {} }
        let store = try folder.folder("store")
        try InjectionStore.large.make(in: store, scratch: folder.path)
        let forkctl = { (arguments: [String]) in
            [Program.forkctl] + arguments + ["--store", store]
        }
        try Program(arguments: forkctl(["drop", "doomed"]), folder: folder.path).succeed()
        let command = InjectionCommand(
            stopping: "\(self)", .large, stopped.arguments)
        let program = try StoppedProgram(
            forkctl(stopped.arguments),
            inject: InjectionCase(
                command: command, call: stopped.call, occurrence: 1, fault: .stop),
            folder: try folder.folder("stopped"))
        guard try program.waitUntilStopped(), let process = program.process else {
            throw MachineFailure("\(self): it was not stopped")
        }
        var running: [RunningProgram] = []
        for (number, other) in others.enumerated() {
            running.append(
                try Program(
                    arguments: forkctl(other.arguments), folder: try folder.folder("\(number)")
                ).start())
        }
        let named = Set([process] + running.map(\.process))
        for (other, program) in zip(others, running) {
            let outcome = try program.wait()
            guard case .exited(let status) = outcome.ending, other.statuses.contains(status),
                status == 0 || isTold(outcome, of: other.arguments, status, by: named)
            else {
                throw MachineFailure(
                    "\(self), held by \(process): \(other.arguments): \(outcome.ending),"
                        + " \(outcome.error)")
            }
        }
        try program.endForGood()
        try judge(store)
    }

    /// Told in one sentence by which of the processes it was held up.
    private func isTold(
        _ outcome: ProgramOutcome, of arguments: [String], _ status: Int32, by processes: Set<pid_t>
    ) -> Bool {
        InjectionCommand(stopping: "\(self)", .large, arguments).isTold(outcome, status)
            && processes.contains { outcome.error.contains("process \($0)") }
    }

    private func judge(_ path: String) throws(MachineFailure) {
        let judge = try StoreJudge(path)
        let histories = try judge.histories()
        guard ends.contains(histories) else {
            throw MachineFailure("\(self): in the end it has \(histories)")
        }
        try judge.requireSound()
        try judge.requireWritable("main", head: histories["main"] ?? 0)
        try judge.requireCollectable()
    }
}
