// SPDX-License-Identifier: Apache-2.0
// NightTests, the real machine. Every system call of every command fails once, and kills once
// (invariant 8): the command answers with one sentence, and the store is as before or as after.
import ForkEngine

/// All cases of some commands, with the stores that they begin from.
final class InjectionSitting: Sendable {
    let cases: [InjectionCase]
    private let folder: MachineFolder
    /// What is judged.
    private let forkctl: String
    private let templates: [InjectionStore: String]

    /// Makes the stores, and runs each command once to see its calls.
    init(
        _ commands: [InjectionCommand], forkctl: String = Program.forkctl
    ) throws(MachineFailure) {
        self.forkctl = forkctl
        folder = try MachineFolder()
        var templates: [InjectionStore: String] = [:]
        for store in InjectionStore.allCases
        where commands.contains(where: { $0.store == store }) {
            let path = try folder.folder(store.rawValue)
            try store.make(in: path, scratch: folder.path)
            templates[store] = path
        }
        self.templates = templates
        var cases: [InjectionCase] = []
        for command in commands {
            let work = try Self.begin(command, templates)
            defer { withExtendedLifetime(work) {} }
            let trace = "\(work.path)/trace"
            let outcome = try Self.run(
                Program.forkctl, command, in: work,
                options: [
                    "-y", "-o", trace, "-e",
                    "trace=\(InjectionCase.calls.joined(separator: ","))",
                ])
            guard outcome.ending == .exited(0) else {
                throw MachineFailure("\(command.name): \(outcome.ending), \(outcome.error)")
            }
            let found = InjectionCase.cases(
                of: command, trace: TextFile.read(trace), store: "\(work.path)/store")
            guard !found.isEmpty else {
                throw MachineFailure("\(command.name): no call was seen in its trace")
            }
            cases += found
        }
        self.cases = cases
    }

    private static func begin(
        _ command: InjectionCommand, _ templates: [InjectionStore: String]
    ) throws(MachineFailure) -> MachineFolder {
        let work = try MachineFolder()
        defer { withExtendedLifetime(work) {} }
        guard let template = templates[command.store] else {
            throw MachineFailure("\(command.name): its store was not made")
        }
        _ = try work.copy(template, to: "store")
        if let lines = command.lines {
            try TextFile.write(lines.map(StoreJudge.line).joined(), to: "\(work.path)/lines")
        }
        return work
    }

    private static func run(
        _ forkctl: String, _ command: InjectionCommand, in work: MachineFolder, options: [String]
    ) throws(MachineFailure) -> ProgramOutcome {
        let arguments = command.arguments(
            store: "\(work.path)/store", lines: "\(work.path)/lines")
        return try Program(
            arguments: ["/usr/bin/strace", "-f"] + options + [forkctl] + arguments,
            folder: work.path
        ).run()
    }

    /// Runs one case; throws with how to repeat it.
    func run(_ injected: InjectionCase) throws(MachineFailure) {
        do throws(MachineFailure) {
            let work = try Self.begin(injected.command, templates)
            defer { withExtendedLifetime(work) {} }
            let outcome = try Self.run(
                forkctl, injected.command, in: work,
                options: ["-o", "/dev/null", "-e", "trace=\(injected.call)", "-e", injected.inject])
            try judge(outcome, injected)
            try judgeStore("\(work.path)/store", injected, isDone: outcome.ending == .exited(0))
        } catch {
            throw MachineFailure("\(injected): \(error)")
        }
    }

    /// A proper exit status and one clear sentence, or the kill that was asked for.
    private func judge(
        _ outcome: ProgramOutcome, _ injected: InjectionCase
    ) throws(MachineFailure) {
        switch outcome.ending {
        case .exited(0):
            return
        case .signalled(9) where injected.fault == .kill:
            return
        case .exited(let status) where [2, 5, 7, 8, 9, 10, 11, 12].contains(status):
            guard injected.command.isTold(outcome, status) else {
                throw MachineFailure(
                    "exit \(status) with \"\(outcome.error)\", output \"\(outcome.output)\"")
            }
        default:
            throw MachineFailure("\(outcome.ending) with \"\(outcome.error)\"")
        }
    }

    private func judgeStore(
        _ path: String, _ injected: InjectionCase, isDone: Bool
    ) throws(MachineFailure) {
        let command = injected.command
        if command.store == .absent, !isDone, TextFile.read("\(path)/.forkctl/format").isEmpty {
            // Nothing was made; the next init makes it, over what was left.
            try Program(
                arguments: [Program.forkctl, "init", path], folder: path
            ).succeed()
        }
        let judge = try StoreJudge(path)
        let histories = try judge.histories()
        guard command.allows(histories, isDone: isDone) else {
            throw MachineFailure("exit 0 is \(isDone), and it has \(histories)")
        }
        try judge.requireSound()
        try judge.requireWritable("main", head: histories["main"] ?? 0)
        try judge.requireCollectable()
    }
}
