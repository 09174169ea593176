// SPDX-License-Identifier: Apache-2.0
// NightTests, the real machine. Judges what processes left behind (invariants 1, 3, 4, 7, 8): in
// these tests the event at position p of any fork says p, so that every history is known.
import ForkEngine
import SegmentStore

/// The forks of a store, each with the number of its events.
typealias Histories = [String: UInt64]

struct StoreJudge {
    let store: Store

    init(_ path: String) throws(MachineFailure) {
        store = try Self.told("the store opens") { () throws(ForkError) in
            try Store.open(at: path)
        }
    }

    init(_ store: Store) { self.store = store }

    /// What the event at `position` says.
    static func data(_ position: UInt64) -> String { "{\"number\":\(position)}" }

    /// An event line for import.
    static func line(_ position: UInt64) -> String {
        "{\"stream\":\"s-\(position % 7)\",\"type\":\"counted\",\"data\":\(data(position))}\n"
    }

    /// All forks with their number of events, each event of which was read and is the right one.
    /// Events below `from` are trusted, where an earlier look saw them.
    func histories(from: Histories = [:]) throws(MachineFailure) -> Histories {
        try Self.told("every history is read") { () throws(ForkError) in
            var histories: Histories = [:]
            for fork in try store.list().forks {
                let name = try Self.forkName(fork.name)
                histories[fork.name] = try count(name, from: from[fork.name] ?? 0)
            }
            return histories
        }
    }

    /// How many events a fork has; nil where there is no such fork.
    func history(_ name: String, from: UInt64 = 0) throws(MachineFailure) -> UInt64? {
        try Self.told("the history of \(name) is read") { () throws(ForkError) -> UInt64? in
            do throws(ForkError) {
                return try count(try Self.forkName(name), from: from)
            } catch {
                guard error.code == .notFound else { throw error }
                return nil
            }
        }
    }

    private func count(_ name: ForkName, from: UInt64) throws(ForkError) -> UInt64 {
        let view = try store.view(at: Point(.named(name)))
        var next = from
        guard from <= view.head.rawValue else {
            throw ForkError(.damaged, "\(name) ends at \(view.head), below \(from) seen before")
        }
        try view.scan(Position(rawValue: from)..<view.head) { (event) throws(ForkError) in
            guard event.data.elementsEqual(Self.data(next).utf8) else {
                throw ForkError(.damaged, "\(name) has another event at \(next)")
            }
            next += 1
            return true
        }
        guard next == view.head.rawValue else {
            throw ForkError(.damaged, "\(name) has \(next) events and its head is \(view.head)")
        }
        return next
    }

    func requireSound() throws(MachineFailure) {
        let report = try Self.told("the store is verified") { () throws(ForkError) in
            try store.verify()
        }
        guard report.isSound else {
            throw MachineFailure("verify: \(report.damages.map(\.description))")
        }
    }

    /// Appends the next event to a fork, which shows that it can be written.
    func requireWritable(_ name: String, head: UInt64) throws(MachineFailure) {
        try Self.told("\(name) is appended to") { () throws(ForkError) in
            let writer = try store.openWriter(Self.forkName(name))
            let batch = AppendBatch()
            try batch.add(
                stream: "s-\(head % 7)", type: "counted", data: Array(Self.data(head).utf8),
                time: Timestamp(nanoseconds: 1))
            let result = try writer.append(batch)
            try writer.close()
            guard result.positions.lowerBound.rawValue == head else {
                throw ForkError(
                    .damaged, "event \(head) got position \(result.positions.lowerBound)")
            }
        }
    }

    /// Invariant 7: after a collection a second one finds nothing.
    func requireCollectable() throws(MachineFailure) {
        let left = try Self.told("the store is collected") { () throws(ForkError) in
            _ = try store.collect()
            return try store.collect(isDryRun: true).candidates
        }
        guard left.isEmpty else {
            throw MachineFailure("left by a collection: \(left.map(\.path))")
        }
    }

    static func forkName(_ name: String) throws(ForkError) -> ForkName {
        do {
            return try ForkName(name)
        } catch {
            throw ForkError(.invalid, "\(name) is no name")
        }
    }

    static func told<Result>(
        _ what: String, _ body: () throws(ForkError) -> Result
    ) throws(MachineFailure) -> Result {
        do throws(ForkError) {
            return try body()
        } catch {
            throw MachineFailure("not so: \(what): \(error.message)")
        }
    }
}
