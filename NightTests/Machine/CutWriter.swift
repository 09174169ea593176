// SPDX-License-Identifier: Apache-2.0
// NightTests, the real machine. The process that works while the power is cut: it first judges what
// the cut before left (invariants 1, 4, 8), then does anything until it is killed.
import ForkEngine
import ForkTesting
import Glibc
import SegmentStore

struct CutWriter {
    private let store: Store
    private var ledger: Ledger
    private var writers: [String: Writer] = [:]
    private var random: SeededGenerator

    /// What it exits with where something was lost, and where it could not go on.
    static let lostStatus: Int32 = 3
    static let stoppedStatus: Int32 = 4

    /// As a process: `machine-writer STORE LEDGER SEED FAILURES`. After so many failures it ends.
    static func main(_ arguments: [String]) -> Int32 {
        guard arguments.count == 4, let seed = UInt64(arguments[2]),
            let failureCount = Int(arguments[3])
        else { return 64 }
        var writer: CutWriter
        do throws(MachineFailure) {
            writer = try CutWriter(arguments[0], try Ledger(arguments[1]), seed)
        } catch {
            MachineRole.complain("\(error)")
            return lostStatus
        }
        for failure in 0..<failureCount {
            do {
                if failure > 0 { try writer.lookAgain() }
                // A round of work is far shorter.
                for _ in 0..<1_000_000 { try writer.work() }
            } catch {
                MachineRole.complain("\(error)")
            }
        }
        return stoppedStatus
    }

    /// After a failure: what is visible now must be durable (invariant 2).
    private mutating func lookAgain() throws {
        writers = [:]
        try ledger.settle(try StoreJudge(store).histories(), isFinal: false)
    }

    /// Opens and judges the store; makes it where none was acknowledged.
    private init(_ path: String, _ ledger: Ledger, _ seed: UInt64) throws(MachineFailure) {
        self.ledger = ledger
        random = SeededGenerator(seed: seed)
        if !ledger.hasStore, access("\(path)/.forkctl", F_OK) != 0 {
            try self.ledger.begin("main", 0)
            do throws(ForkError) {
                store = try Store.initialize(at: path)
            } catch {
                throw MachineFailure("no store can be made: \(error)")
            }
            try self.ledger.acknowledge("main", 0)
            return
        }
        let judge = try StoreJudge(path)
        store = judge.store
        try self.ledger.settle(try judge.histories(), isFinal: true)
        try judge.requireSound()
        // Not each time: what a cut leaves over must not hinder the next one.
        if seed % 4 == 0 { try judge.requireCollectable() }
    }

    private func writer(_ fork: String) throws -> Writer {
        if let writer = writers[fork] { return writer }
        return try store.openWriter(ForkName(fork))
    }

    private mutating func work() throws {
        let child = "child"
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<4: try writer("main").flush()
        case 4..<8:
            try writers["main"]?.close()
            writers["main"] = nil
        case 8..<12: _ = try store.collect()
        case 12..<24:
            if ledger.head(child) == nil {
                let head = ledger.head("main") ?? 0
                try ledger.begin(child, head)
                let new = NewFork(
                    name: try ForkName(child), from: Point(.named(try ForkName("main"))))
                _ = try store.create(new)
                try ledger.acknowledge(child, head)
            } else {
                try writers[child]?.close()
                writers[child] = nil
                try ledger.begin(child, nil)
                _ = try store.drop(ForkName(child))
                try ledger.acknowledge(child, nil)
            }
        case 24..<40 where ledger.head(child) != nil: try append(to: child)
        default: try append(to: "main")
        }
    }

    private mutating func append(to fork: String) throws {
        let writer = try writer(fork)
        writers[fork] = writer
        let head = ledger.head(fork) ?? 0
        let isLarge = Int.random(in: 0..<20, using: &random) == 0
        let end = head + UInt64.random(in: 1...(isLarge ? 800 : 8), using: &random)
        let batch = AppendBatch()
        for position in head..<end {
            try batch.add(
                stream: "s-\(position % 7)", type: "counted",
                data: Array(StoreJudge.data(position).utf8), time: Timestamp(nanoseconds: 1))
        }
        try ledger.begin(fork, end)
        let result = try writer.append(batch)
        guard result.positions.upperBound.rawValue == end else {
            throw MachineFailure("\(fork): \(head) to \(end) went to \(result.positions)")
        }
        try ledger.acknowledge(fork, end)
    }
}
