// SPDX-License-Identifier: Apache-2.0
// forkstress: the roles of child processes.
import ForkEngine
import Glibc
import SegmentStore

enum Actor {
    /// The fork that appender `number` writes.
    static func forkName(_ number: Int) throws -> ForkName { try ForkName("writer-\(number)") }

    /// Appends events 0, 1, 2 … to its own fork until there are `count`, going on where an earlier
    /// process was killed, and logs a byte for each acknowledgement.
    static func append(_ arguments: ActorArguments) throws {
        let store = try Store.open(at: arguments.store)
        let log = open(arguments.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard log >= 0 else { throw StressFailure("\(arguments.log) cannot be opened") }
        let writer = try openWriter(store, forkName(arguments.number))
        let base = try store.describe(forkName(arguments.number)).base
        var next = Int(base.distance(to: writer.head))
        while next < arguments.count {
            let batch = AppendBatch()
            try batch.add(
                stream: "stream-\(next % 97)", type: "counted", data: data(next),
                time: Timestamp(nanoseconds: Int64(next)))
            let result = try writer.append(batch)
            guard result.positions.lowerBound == base.advanced(by: UInt64(next)) else {
                throw StressFailure("event \(next) got position \(result.positions.lowerBound)")
            }
            guard write(log, "a", 1) == 1 else { throw StressFailure("the log cannot be written") }
            next += 1
            if next % 2_000 == 0 { try writer.flush() }
        }
        try writer.close()
    }

    /// What event `number` says.
    static func data(_ number: Int) -> [UInt8] { Array("{\"number\":\(number)}".utf8) }

    /// A killed predecessor's lock goes a moment after its process.
    private static func openWriter(_ store: Store, _ name: ForkName) throws -> Writer {
        for _ in 0..<500 {
            do throws(ForkError) {
                return try store.openWriter(name)
            } catch {
                guard error.code == .busy else { throw error }
                usleep(10_000)
            }
        }
        throw StressFailure("fork \(name) stays busy")
    }

    /// Creates forks of the others' forks, appends to each, reads it, and drops it.
    static func churn(_ arguments: ActorArguments) throws {
        let store = try Store.open(at: arguments.store)
        let parents = try store.list().forks.map(\.name).filter { $0.hasPrefix("writer-") }
        for round in 0..<arguments.count {
            let name = try ForkName("churn-\(arguments.number)-\(round)")
            let parent = try ForkName(parents[round % parents.count])
            let fork = try store.create(NewFork(name: name, from: Point(.named(parent)))).fork
            if round % 4 == 0 {
                let writer = try store.openWriter(name)
                let batch = AppendBatch()
                try batch.add(
                    stream: "churn", type: "counted", data: data(round),
                    time: Timestamp(nanoseconds: 1))
                _ = try writer.append(batch)
                try writer.close()
                let head = try store.view(at: Point(.named(name))).head
                guard head == fork.head.advanced(by: 1) else {
                    throw StressFailure("fork \(name) has head \(head), made at \(fork.head)")
                }
            }
            try store.drop(name)
        }
    }

    /// Collects again and again.
    static func collect(_ arguments: ActorArguments) throws {
        let store = try Store.open(at: arguments.store)
        for _ in 0..<arguments.count {
            _ = try store.collect()
            usleep(20_000)
        }
    }
}
