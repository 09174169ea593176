// SPDX-License-Identifier: Apache-2.0
// forkbench: the comparisons. Cases are measured in turn, so that a noisy neighbour meets both.
import ForkEngine
import SegmentStore

extension Bench {
    /// Create from a head whose writer lives with 50,000 pending events, and drop: small and large.
    func compareCreateAndDrop(_ small: Store, _ large: Store, _ yard: Yardstick) throws {
        let writers = try [small, large].map { store in
            let writer = try store.openWriter(.main)
            try Workload.append(50_000, to: writer, seed: 7)
            return writer
        }
        var creates: [[Double]] = [[], []]
        var drops: [[Double]] = [[], []]
        for round in 0..<200 {
            for (index, store) in [small, large].enumerated() {
                let name = try ForkName("bench-\(round)")
                creates[index].append(
                    try Times.median(count: 1) { _ in
                        _ = try store.create(NewFork(name: name))
                    })
                drops[index].append(try Times.median(count: 1) { _ in _ = try store.drop(name) })
            }
        }
        let y = yard.median()
        show("create, dirty parent, 10 k / \(scale) events", creates.map(middle), y)
        show("drop, 10 k / \(scale) events", drops.map(middle), y)
        for writer in writers { try writer.close() }
    }

    /// A diff of 1,000 changes over both bases, the cut in the middle of a segment.
    func compareDiff(_ small: Store, _ large: Store) throws {
        var times: [[Double]] = [[], []]
        for (store, cut) in [(small, 5_000), (large, scale / 2)] {
            let fork = try ForkName("changed")
            _ = try store.create(
                NewFork(
                    name: fork, from: Point(.named(.main), at: .position(Position(UInt64(cut))))))
            let writer = try store.openWriter(fork)
            try Workload.append(1_000, to: writer, seed: 9)
            try writer.flush()
            try writer.close()
        }
        for _ in 0..<50 {
            for (index, (store, cut)) in [(small, 5_000), (large, scale / 2)].enumerated() {
                times[index].append(
                    try Times.median(count: 1) { _ in
                        let difference = try store.difference(
                            from: Point(.named(.main), at: .position(Position(UInt64(cut)))),
                            to: Point(.named(ForkName("changed"))))
                        var count = 0
                        try difference.right.forEachEvent { _ in
                            count += 1
                            return count < 1_000
                        }
                    })
            }
        }
        show("diff, 1,000 changes, 10 k / \(scale) events", times.map(middle), nil)
    }

    /// Forks of forks, each with one event: reads and appends at depth 200 against depth 1.
    func compareDepth(_ store: Store) throws {
        var parent = ForkName.main
        for depth in 1...200 {
            let name = try ForkName("depth-\(depth)")
            _ = try store.create(NewFork(name: name, from: Point(.named(parent))))
            let writer = try store.openWriter(name)
            let batch = AppendBatch()
            try batch.add(
                stream: "account-\(depth)", type: "credited", data: [0x31],
                time: Timestamp(nanoseconds: 1))
            _ = try writer.append(batch)
            try writer.close()
            parent = name
        }
        let views = try ["depth-1", "depth-200"].map {
            try store.view(at: Point(.named(try ForkName($0))))
        }
        var reads: [[Double]] = [[], []]
        for round in 0..<20 {
            for (index, view) in views.enumerated() {
                reads[index].append(try readOnce(view, round))
            }
        }
        show("point read, depth 1 / 200", reads.map(middle), nil)
        var appends: [[Double]] = [[], []]
        let writers = try ["depth-1", "depth-200"].map {
            try store.openWriter(try ForkName($0))
        }
        for round in 0..<200 {
            for (index, writer) in writers.enumerated() {
                let batch = AppendBatch()
                try batch.add(
                    stream: "account-\(round)", type: "credited", data: [0x31],
                    time: Timestamp(nanoseconds: 1))
                appends[index].append(
                    try Times.median(count: 1) { _ in _ = try writer.append(batch) })
            }
        }
        show("append of one event, depth 1 / 200", appends.map(middle), nil)
        for writer in writers { try writer.close() }
    }

    /// A thousand point reads; microseconds for each.
    private func readOnce(_ view: View, _ round: Int) throws -> Double {
        let start = Times.now()
        for number in 0..<1_000 {
            let stream = Array("account-\((round * 1_000 + number * 7) % 10_000)".utf8)
            try stream.withUnsafeBytes { stream in
                _ = try view.withEvent(of: stream, version: .zero) { $0.data.count }
            }
        }
        return (Times.now() - start) / 1_000
    }

    /// Create and drop beside few forks and many.
    func compareForkCount(_ store: Store, _ yard: Yardstick) throws {
        func measure(_ prefix: String) throws -> Double {
            try Times.median(count: 200) { round in
                _ = try store.create(NewFork(name: ForkName("\(prefix)-\(round)")))
            }
        }
        let few = try measure("few")
        for number in 0..<20_000 {
            _ = try store.create(NewFork(name: ForkName("many-\(number)")))
        }
        let many = try measure("beside-many")
        show("create, 400 / 20,400 forks", [few, many], yard.median())
    }

    private func middle(_ times: [Double]) -> Double { times.sorted()[times.count / 2] }

    private func show(_ what: String, _ values: [Double], _ y: Double?) {
        let inYards = y.map {
            " (\(Times.ratio(values[0], $0)) y, \(Times.ratio(values[1], $0)) y)"
        }
        print(
            "  \(what): \(Times.text(values[0])) / \(Times.text(values[1])) µs, ratio"
                + " \(Times.ratio(values[1], values[0]))\(inYards ?? "")")
    }
}
