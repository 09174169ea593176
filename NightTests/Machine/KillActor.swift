// SPDX-License-Identifier: Apache-2.0
// NightTests, the real machine. One of the processes that are killed: which command it runs next,
// and what that command must, or may, have done when it ended.
import ForkEngine
import ForkTesting
import SegmentStore

/// What a command does to the forks of its actor.
enum KillStep: CaseIterable {
    case append, appendBatch, importLines, create, appendToChild, drop, collect, verify, diff, list

    static let batchCount: UInt64 = 5
    /// More than 1,000, so that the end of the import flushes, and no whole number of batches.
    static let importCount: UInt64 = 1_050
}

/// Owns the forks `writer-N` and `child-N`; nobody else changes them.
struct KillActor {
    let number: Int
    let store: String
    /// What is judged.
    let forkctl: String
    /// Where its input and output lie.
    let folder: String
    /// Acknowledged events of its fork.
    var head: UInt64 = 0
    /// Acknowledged events of its child, where it has one.
    var childHead: UInt64?
    var step = KillStep.list
    var running: RunningProgram?
    /// When it is killed, on the clock since boot; nil: never.
    var killAt: UInt64?

    var fork: String { "writer-\(number)" }
    var child: String { "child-\(number)" }

    init(number: Int, store: String, forkctl: String, folder: String) {
        self.number = number
        self.store = store
        self.forkctl = forkctl
        self.folder = folder
    }

    /// Starts a command that makes sense now.
    mutating func start(_ random: inout SeededGenerator) throws(MachineFailure) {
        step = KillStep.allCases[Int.random(in: 0..<KillStep.allCases.count, using: &random)]
        switch step {
        case .create where childHead != nil: step = .appendToChild
        case .appendToChild where childHead == nil, .drop where childHead == nil: step = .create
        // Enough to be flushed and merged some times, and no more.
        case .importLines where head > 5_000: step = .append
        default: break
        }
        var program = Program(
            arguments: [forkctl] + arguments + ["--store", store], folder: folder)
        if let lines {
            program.input = "\(folder)/lines"
            try TextFile.write(lines.map(StoreJudge.line).joined(), to: program.input)
        }
        running = try program.start()
    }

    private var lines: Range<UInt64>? {
        switch step {
        case .appendBatch: head..<head + KillStep.batchCount
        case .importLines: head..<head + KillStep.importCount
        default: nil
        }
    }

    private var arguments: [String] {
        // Who recovers a fork, as a verification does, holds it for a moment.
        let wait = ["--wait", "20s"]
        return switch step {
        case .append: InjectionStore.append(head, to: fork) + wait
        case .appendBatch: ["append", "--batch", "--fork", fork] + wait
        case .importLines: ["import", "-", "--fork", fork] + wait
        case .create: ["create", child, "--from", fork]
        case .appendToChild: InjectionStore.append(childHead ?? 0, to: child) + wait
        case .drop: ["drop", child]
        case .collect: ["gc"]
        case .verify: ["verify"]
        case .diff: ["diff", fork, "writer-0"]
        case .list: ["list"]
        }
    }

    /// The events that the fork may have, now that the command ended.
    private func heads(isDone: Bool) -> [UInt64] {
        switch step {
        case .append: isDone ? [head + 1] : [head, head + 1]
        case .appendBatch:
            isDone ? [head + KillStep.batchCount] : [head, head + KillStep.batchCount]
        case .importLines:
            isDone
                ? [head + KillStep.importCount]
                : [head, head + 1_000, head + KillStep.importCount]
        default: [head]
        }
    }

    /// The events that the child may have; nil: that there is none.
    private func childHeads(isDone: Bool) -> [UInt64?] {
        switch step {
        case .create: isDone ? [head] : [nil, head]
        case .appendToChild:
            isDone ? [childHead.map { $0 + 1 }] : [childHead, childHead.map { $0 + 1 }]
        case .drop: isDone ? [nil] : [childHead, nil]
        default: [childHead]
        }
    }

    /// Looks at the forks after the command ended, and takes what is there as the truth.
    mutating func settle(_ outcome: ProgramOutcome) throws(MachineFailure) {
        running = nil
        let command = arguments.joined(separator: " ")
        switch outcome.ending {
        case .exited(0), .signalled(9): break
        // Another collection runs.
        case .exited(9) where step == .collect: break
        default: throw MachineFailure("\(command): \(outcome.ending), \(outcome.error)")
        }
        // What was printed before the kill is an acknowledgement, too.
        let isDone = outcome.ending == .exited(0) || !outcome.output.isEmpty
        let judge = try StoreJudge(store)
        let found = try judge.history(fork, from: head)
        guard let found, heads(isDone: isDone).contains(found) else {
            throw MachineFailure(
                "\(command): \(outcome.ending); \(fork) has \(found.map { "\($0)" } ?? "no")"
                    + " events, \(heads(isDone: isDone)) are right")
        }
        let foundChild = try judge.history(child, from: childHead ?? 0)
        guard childHeads(isDone: isDone).contains(foundChild) else {
            throw MachineFailure(
                "\(command): \(outcome.ending); \(child): \(foundChild.map { "\($0)" } ?? "none"),"
                    + " right are \(childHeads(isDone: isDone))")
        }
        (head, childHead) = (found, foundChild)
        if outcome.ending == .signalled(9) { try judge.requireSound() }
    }
}
