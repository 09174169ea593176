// SPDX-License-Identifier: Apache-2.0
// NightTests, the real machine. The stores that commands with a failing call begin from.
import ForkEngine

/// A store as a command finds it.
enum InjectionStore: String, CaseIterable, Sendable {
    /// No store yet.
    case absent
    /// Just made.
    case fresh
    /// Some events in pending journals, and the fork `side`.
    case used
    /// As `used`, and the last writer of `main` was killed in its work: it is to be recovered.
    case killed
    /// Flushed events and pending ones, `doomed` with events of its own, and what a dropped fork
    /// left for a collection.
    case large

    var histories: Histories {
        switch self {
        case .absent: [:]
        case .fresh: ["main": 0]
        case .used: ["main": 3, "side": 4]
        case .killed: ["main": 4, "side": 4]
        case .large: ["main": 1_203, "side": 4, "doomed": 1_103]
        }
    }

    /// Makes the store in `folder`, which is there and empty.
    func make(in folder: String, scratch: String) throws(MachineFailure) {
        func forkctl(_ arguments: [String]) throws(MachineFailure) {
            try Program(
                arguments: [Program.forkctl] + arguments + ["--store", folder], folder: scratch
            ).succeed()
        }
        if self == .absent { return }
        try Program(arguments: [Program.forkctl, "init", folder], folder: scratch).succeed()
        if self == .fresh { return }
        for position in 0..<3 { try forkctl(Self.append(UInt64(position), to: "main")) }
        try forkctl(["create", "side"])
        try forkctl(Self.append(3, to: "side"))
        if self == .killed { try kill(in: folder, scratch: scratch) }
        guard self == .large else { return }
        for (fork, first) in [("doomed", 3), ("gone", 3), ("main", 3)] {
            if fork != "main" { try forkctl(["create", fork]) }
            let count = fork == "main" ? 1_200 : 1_100
            let lines = "\(scratch)/lines"
            try TextFile.write(
                (first..<first + count).map { StoreJudge.line(UInt64($0)) }.joined(), to: lines)
            try forkctl(["import", lines, "--fork", fork])
        }
        try forkctl(["drop", "gone"])
    }

    static func append(_ position: UInt64, to fork: String) -> [String] {
        [
            "append", "s-\(position % 7)", "-t", "counted", "--data", StoreJudge.data(position),
            "--fork", fork,
        ]
    }

    /// Appends to `main` and kills the process when the event is durable, before it says so.
    private func kill(in folder: String, scratch: String) throws(MachineFailure) {
        let outcome = try Program(
            arguments: [
                "/usr/bin/strace", "-f", "-o", "/dev/null", "-e", "trace=write", "-e",
                "inject=write:signal=KILL:when=1", Program.forkctl,
            ] + Self.append(3, to: "main") + ["--store", folder], folder: scratch
        ).run()
        guard outcome.ending == .signalled(9) else {
            throw MachineFailure("the writer was to be killed, and \(outcome.ending)")
        }
    }
}
