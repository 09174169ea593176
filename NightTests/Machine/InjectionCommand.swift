// SPDX-License-Identifier: Apache-2.0
// NightTests, the real machine. The commands whose calls fail, with what they may leave.
import ForkEngine

/// A command, the store it runs on, and the histories that it may leave behind.
struct InjectionCommand: Sendable {
    let name: String
    let store: InjectionStore
    let arguments: [String]
    /// What it leaves when it succeeds.
    let after: Histories
    /// What it may leave besides the histories of before and after: whole batches of an import.
    var between: [Histories] = []
    /// Lines of `lines` in the scratch folder, where it imports.
    var lines: Range<UInt64>?

    /// Arguments with what is known only when it runs.
    func arguments(store folder: String, lines: String) -> [String] {
        let place = name == "init" ? [folder] : ["--store", folder]
        return arguments.map { $0 == "LINES" ? lines : $0 } + place
    }

    func allows(_ histories: Histories, isDone: Bool) -> Bool {
        if histories == after { return true }
        return !isDone && (histories == store.histories || between.contains(histories))
    }

    /// How lines on standard error begin that are no failure: only what its page says it tells.
    private var notes: [String] {
        switch arguments.first {
        case "export" where arguments.contains("--at"): ["reading "]
        case "diff": ["comparing ", "read "]
        case "verify": ["nothing reaches "]
        default: []
        }
    }

    /// Whether a failure is told by one sentence on standard error, and by nothing else there but
    /// what the command always tells. A verification that found damage says so in its report.
    func isTold(_ outcome: ProgramOutcome, _ status: Int32) -> Bool {
        let lines = outcome.error.split(separator: "\n", omittingEmptySubsequences: false)
        // The last one is ended, too.
        guard lines.last == "" else { return false }
        let others = lines.dropLast().filter { line in !notes.contains { line.hasPrefix($0) } }
        if others.count == 1, others[0].hasPrefix("error: ") { return true }
        guard status == 10, arguments.first == "verify", others.isEmpty else { return false }
        let report = outcome.output.split(separator: "\n")
        return report.contains { $0.hasPrefix("damaged: ") }
            && (report.last?.hasSuffix("found") ?? false)
    }

    /// A command that is only stopped.
    init(stopping name: String, _ store: InjectionStore, _ arguments: [String]) {
        self.init(name, store, arguments)
    }

    private init(
        _ name: String, _ store: InjectionStore, _ arguments: [String],
        changing change: (inout Histories) -> Void = { _ in }
    ) {
        self.name = name
        self.store = store
        self.arguments = arguments
        var after = store.histories
        change(&after)
        self.after = after
    }

    static let all: [InjectionCommand] = {
        var imported = InjectionCommand(
            "import", .used, ["import", "LINES", "--fork", "side"]
        ) { $0["side"] = 1_104 }
        imported.lines = 4..<1_104
        imported.between = [["main": 3, "side": 1_004]]
        return [
            InjectionCommand("init", .absent, ["init"]) { $0["main"] = 0 },
            InjectionCommand("append first", .fresh, InjectionStore.append(0, to: "main")) {
                $0["main"] = 1
            },
            InjectionCommand("append next", .used, InjectionStore.append(3, to: "main")) {
                $0["main"] = 4
            },
            InjectionCommand("append recovering", .killed, InjectionStore.append(4, to: "main")) {
                $0["main"] = 5
            },
            imported,
            InjectionCommand("create", .used, ["create", "new"]) { $0["new"] = 3 },
            InjectionCommand("create past", .large, ["create", "new", "--from", "main@700"]) {
                $0["new"] = 700
            },
            InjectionCommand("create recovering", .killed, ["create", "new"]) { $0["new"] = 4 },
            InjectionCommand("drop", .large, ["drop", "doomed"]) { $0["doomed"] = nil },
            InjectionCommand("gc", .large, ["gc"]),
            InjectionCommand("verify", .large, ["verify"]),
            InjectionCommand("list", .used, ["list"]),
            InjectionCommand("export recovering", .killed, ["export"]),
            InjectionCommand("export", .large, ["export", "--at", "doomed"]),
            InjectionCommand("diff", .large, ["diff", "main", "doomed"]),
        ]
    }()
}
