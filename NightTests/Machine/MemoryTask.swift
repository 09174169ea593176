// SPDX-License-Identifier: Apache-2.0
// NightTests, the real machine. One thing that a process does with a large store, alone, and how much
// memory it has held at most when it is done: docs/limits.md states the bounds.
import ForkEngine
import Glibc
import SegmentStore

enum MemoryTask: String, CaseIterable {
    /// A store of so many forks, one of a hundred with an event of its own.
    case makeForks = "make-forks"
    case openStore = "open"
    case createFork = "create"
    case listForks = "list"
    case collect = "gc"
    case verify = "verify"
    /// So many writers at once, each of which has appended an event.
    case writeForks = "write"
    /// A store of so many events.
    case makeEvents = "import"
    case scanEvents = "scan"

    /// As a process: `machine-memory TASK STORE COUNT`. Prints the most memory it held, in KiB.
    static func main(_ arguments: [String]) -> Int32 {
        guard arguments.count == 3, let task = MemoryTask(rawValue: arguments[0]),
            let count = Int(arguments[2])
        else { return 64 }
        return MachineRole.tell { () throws(MachineFailure) in
            try StoreJudge.told(task.rawValue) { () throws(ForkError) in
                try task.run(arguments[1], count)
            }
            return [try peakKibibytes()]
        }
    }

    /// Runs it in a process of its own; returns the most memory that it held, in KiB.
    func measure(
        _ store: String, _ count: Int, in folder: String, by own: String
    ) throws(MachineFailure) -> Int {
        var program = Program(
            arguments: [own, "machine-memory", rawValue, store, "\(count)"], folder: folder)
        program.secondsMax = 1_200
        let output = try program.succeed()
        guard let peak = output.split(separator: "\n").first.flatMap({ Int($0) }) else {
            throw MachineFailure("\(rawValue) does not say what it held: \(output)")
        }
        return peak
    }

    /// What this process has held at most: since its program began, whatever started it.
    private static func peakKibibytes() throws(MachineFailure) -> Int {
        for line in TextFile.read("/proc/self/status").split(separator: "\n")
        where line.hasPrefix("VmHWM:") {
            if let peak = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
                .flatMap({ Int($0) })
            {
                return peak
            }
        }
        throw MachineFailure("/proc/self/status does not say VmHWM")
    }
}

extension MemoryTask {
    private func run(_ path: String, _ count: Int) throws(ForkError) {
        switch self {
        case .makeForks: try Self.makeForks(try Store.initialize(at: path), count)
        case .makeEvents: try Self.makeEvents(try Store.initialize(at: path), count)
        default: try run(try Store.open(at: path), count)
        }
    }

    private func run(_ store: Store, _ count: Int) throws(ForkError) {
        switch self {
        case .makeForks, .makeEvents: break
        case .openStore: try Self.expect(try store.list(limit: 1).forks.count == 1)
        case .createFork:
            for number in 0..<100 { try Self.fork(store, "new-\(number)") }
        case .listForks: try Self.expect(try Self.listed(store) == count)
        case .collect: try Self.expect(try store.collect().reachableObjectCount > 0)
        case .verify: try Self.expect(try store.verify().damages.isEmpty)
        case .writeForks:
            var writers: [Writer] = []
            for number in 0..<count {
                let writer = try store.openWriter(try StoreJudge.forkName("fork-\(number)"))
                try Self.append(1, from: 0, to: writer)
                writers.append(writer)
            }
            withExtendedLifetime(writers) {}
        case .scanEvents:
            let view = try store.view(at: Point(.named(.main)))
            var seen = 0
            try view.scan(.zero..<view.head) { _ throws(ForkError) in
                seen += 1
                return true
            }
            try Self.expect(seen == count)
        }
    }

    private static func expect(_ holds: Bool) throws(ForkError) {
        guard holds else { throw ForkError(.system, "the store is not what was made") }
    }

    /// By pages, as the command line does.
    private static func listed(_ store: Store) throws(ForkError) -> Int {
        var count = 0
        var first: ForkID? = .main
        while let from = first {
            let page = try store.list(from: from, limit: 1_000)
            count += page.forks.count
            first = page.next
        }
        return count
    }

    private static func fork(_ store: Store, _ name: String) throws(ForkError) {
        let origin = Point(.named(.main))
        _ = try store.create(NewFork(name: try StoreJudge.forkName(name), from: origin))
    }

    private static func makeForks(_ store: Store, _ count: Int) throws(ForkError) {
        let main = try store.openWriter(.main)
        try append(2_000, from: 0, to: main)
        try main.flush()
        try append(100, from: 2_000, to: main)
        for number in 0..<count - 1 {
            let name = "fork-\(number)"
            try fork(store, name)
            guard number % 100 == 0 else { continue }
            let writer = try store.openWriter(try StoreJudge.forkName(name))
            try append(1, from: 0, to: writer)
            try writer.close()
        }
        try main.close()
    }

    private static func makeEvents(_ store: Store, _ count: Int) throws(ForkError) {
        let main = try store.openWriter(.main)
        for first in stride(from: 0, to: count, by: 1_000) {
            try append(min(1_000, count - first), from: first, to: main)
        }
        try main.close()
        _ = try store.collect()
    }

    /// JSON of some 200 bytes over many streams.
    private static func append(
        _ count: Int, from first: Int, to writer: Writer
    ) throws(ForkError) {
        let batch = AppendBatch()
        for number in first..<first + count {
            let mixed = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
            let text = String(mixed, radix: 36) + String(mixed &* mixed, radix: 36)
            let data =
                "{\"number\":\(number),\"customer\":\"\(mixed % 90_001)\",\"state\":\"open\","
                + "\"items\":[{\"sku\":\"\(text)\",\"count\":\(mixed % 9),\"price\":\(mixed % 997)},"
                + "{\"sku\":\"\(mixed >> 40)\",\"count\":1,\"price\":\(mixed % 89)}],\"note\":null}"
            try batch.add(
                stream: "order-\(mixed % 100_000)", type: "order.changed",
                data: Array(data.utf8), time: Timestamp(nanoseconds: Int64(number)))
        }
        _ = try writer.append(batch)
    }
}
