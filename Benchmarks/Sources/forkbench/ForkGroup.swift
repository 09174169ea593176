// SPDX-License-Identifier: Apache-2.0
// forkbench: create and drop, in stores of few and of many events, beside few forks and many.
import ForkEngine

struct ForkGroup: Group {
    static let title = "Create and drop"
    private static let pendingEventCount = 50_000

    private struct Corner {
        let name: String
        let path: String
        let store: Store
        /// Lives while forks are made from its head, with events that no flush has taken.
        let writer: Writer
    }

    private let corners: [Corner]
    private var round = 0

    /// Makes the four corners, with a live writer of `main` each.
    init(_ stores: BaseStores, _ options: Options, _ scratch: Scratch) throws {
        var corners: [Corner] = []
        for forkCount in [1, options.forkCount] {
            for base in stores.all {
                let path = try scratch.copy(base.name, to: "\(base.name)-\(forkCount)-forks")
                let store = try Store.open(at: path)
                let writer = try store.openWriter(.main)
                var pending = Workload(streamCount: base.eventCount / 10, seed: 7)
                try pending.append(Self.pendingEventCount, to: writer)
                try Self.makeForks(1..<forkCount, in: store)
                corners.append(
                    Corner(
                        name: "\(base.eventCount.grouped) events, \(forkCount.grouped)"
                            + (forkCount == 1 ? " fork" : " forks"),
                        path: path, store: store, writer: writer))
            }
        }
        self.corners = corners
    }

    private static func makeForks(_ numbers: Range<Int>, in store: Store) throws {
        if numbers.isEmpty { return }
        var samples = Samples()
        try samples.time {
            for number in numbers {
                _ = try store.create(NewFork(name: ForkName("run-\(number)")))
            }
        }
        Console.line("  \(numbers.count.grouped) forks made in \((samples.median / 1e6).text()) s")
    }

    mutating func measure() throws -> [Comparison] {
        let names = corners.map(\.name)
        var create = Comparison("create, of a head with 50,000 pending events", names)
        var drop = Comparison("drop of that fork", names)
        for _ in 0..<500 {
            round += 1
            for turn in corners.indices {
                let index = (round + turn) % corners.count
                let store = corners[index].store
                let name = try ForkName("bench-\(round)")
                try create.cases[index].samples.time {
                    _ = try store.create(NewFork(name: name))
                }
                _ = try drop.cases[index].samples.time { try store.drop(name) }
            }
        }
        return [create, drop]
    }
}
