// SPDX-License-Identifier: Apache-2.0
// forkbench: a fork of a fork, 200 deep, each with one event, held against depth 1.
import ForkEngine
import SegmentStore

struct DepthGroup: Group {
    static let title = "Depth: forks of forks, each with one event"

    private let store: Store
    private let views: [View]
    private let writers: [Writer]
    private let building: Comparison
    private var round = 0

    /// Fork `level` is of fork `level - 1`, and its own event is the newest of stream `level`.
    init(_ options: Options, _ scratch: Scratch) throws {
        let path = scratch.path("depth")
        try Workload.makeStore(at: path, eventCount: options.depthEventCount)
        let store = try Store.open(at: path)
        var building = Comparison(
            "the first append, of each fork once", limit: nil, ["levels 1 to 200"])
        for level in 1...Options.levelCount {
            let name = try Self.name(level)
            let parent = Point(.named(try Self.name(level - 1)))
            _ = try store.create(NewFork(name: name, from: parent))
            let writer = try building.cases[0].samples.time {
                let writer = try store.openWriter(name)
                try writer.appendOne(to: level)
                return writer
            }
            try writer.close()
        }
        building.cases[0].note = "slowest \(building.cases[0].samples.slowest.text(0)) µs"
        self.building = building
        self.store = store
        let ends = try [1, Options.levelCount].map { try Self.name($0) }
        views = try ends.map { try store.view(at: Point(.named($0))) }
        writers = try ends.map { try store.openWriter($0) }
    }

    private static func name(_ level: Int) throws -> ForkName {
        level == 0 ? .main : try ForkName("level-\(level)")
    }

    mutating func measure() throws -> [Comparison] {
        round += 1
        return try [
            readMany(), readOne(lastWrittenAt: 0), readOne(lastWrittenAt: 100),
            readOne(lastWrittenAt: 199), append(eventCount: 1), append(eventCount: 1_000),
            firstAppends(), building,
        ]
    }
}

// MARK: Reads

extension DepthGroup {
    private static let ends = ["depth 1", "depth \(Options.levelCount)"]

    private func readMany() throws -> Comparison {
        var comparison = Comparison(
            "newest event of 9,000 streams last written at depth 0", Self.ends)
        try comparison.measure(rounds: 45) { round, index, samples in
            let view = views[index]
            let first = 1_000 + round % 9 * 1_000
            try samples.time(per: 1_000) {
                for stream in first..<first + 1_000 { try Self.readNewest(stream, view) }
            }
        }
        return comparison
    }

    private func readOne(lastWrittenAt depth: Int) throws -> Comparison {
        var comparison = Comparison(
            "newest event of a stream last written at depth \(depth)", Self.ends)
        let stream = depth == 0 ? Options.levelCount + 1 : depth
        try comparison.measure(rounds: 50) { _, index, samples in
            let view = views[index]
            try samples.time(per: 1_000) {
                for _ in 0..<1_000 { try Self.readNewest(stream, view) }
            }
        }
        return comparison
    }

    private static func readNewest(_ stream: Int, _ view: View) throws {
        try Array(Workload.name(stream).utf8).withUnsafeBytes { name in
            let count = try view.eventCount(of: name).rawValue
            let newest = Version(count &- 1)
            guard try view.withEvent(of: name, version: newest, { $0.data.count }) != nil else {
                throw BenchFailure("stream \(stream) is not there")
            }
        }
    }
}

// MARK: Appends

extension DepthGroup {
    private func append(eventCount: Int) throws -> Comparison {
        let what = eventCount == 1 ? "one event" : "\(eventCount.grouped) events in a batch"
        var comparison = Comparison("append of \(what), in steady state", Self.ends)
        var workloads = views.map { _ in Workload(streamCount: 10_000, seed: UInt64(round)) }
        try comparison.measure(rounds: eventCount == 1 ? 500 : 50) { _, index, samples in
            let batch = try workloads[index].batch(0..<eventCount)
            try samples.time { _ = try writers[index].append(batch) }
        }
        return comparison
    }

    /// Opening a fork and making its first event durable, of forks beside the chain's.
    private func firstAppends() throws -> Comparison {
        let depths = [1, 10, 50, 100, 150, 200]
        var comparison = Comparison(
            "the first append of a fork", limit: nil, depths.map { "depth \($0)" })
        try comparison.measure(rounds: 15) { sample, index, samples in
            let name = try ForkName("first-\(round)-\(sample)-\(depths[index])")
            let parent = try Self.name(depths[index] - 1)
            _ = try store.create(NewFork(name: name, from: Point(.named(parent))))
            let writer = try samples.time {
                let writer = try store.openWriter(name)
                try writer.appendOne(to: depths[index])
                return writer
            }
            try writer.close()
            try store.drop(name)
        }
        return comparison
    }
}
