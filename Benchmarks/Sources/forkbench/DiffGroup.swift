// SPDX-License-Identifier: Apache-2.0
// forkbench: the difference of a fork with 1,000 changes, over a small base and a large one.
import ForkEngine
import SegmentStore

struct DiffGroup: Group {
    static let title = "Difference of a fork with 1,000 changes"
    private static let changeCount = 1_000

    /// Two histories to compare.
    private struct Pair {
        let name: String
        let path: String
        let store: Store
        let left: Point
        let right: Point
    }

    private var pairs: [Pair] = []
    private var pairsWithBothSides: [Pair] = []

    /// Makes a fork at the last segment's end of each base, and one in the middle of a segment.
    init(_ stores: BaseStores) throws {
        for (cutName, isEdge) in [("on a segment's edge", true), ("in its middle", false)] {
            for base in stores.all {
                let store = try Store.open(at: base.path)
                let cut = isEdge ? base.eventCount : base.eventCount / 2
                let fork = try ForkName(isEdge ? "edge" : "middle")
                _ = try store.create(NewFork(name: fork, from: Self.main(at: cut)))
                let writer = try store.openWriter(fork)
                // As many streams in each: those that both bases have.
                var changes = Workload(streamCount: Options.smallEventCount / 10, seed: 9)
                try changes.append(Self.changeCount, to: writer)
                try writer.flush()
                try writer.close()
                func pair(_ left: Int) -> Pair {
                    Pair(
                        name: "\(base.eventCount.grouped) events, the cut \(cutName)",
                        path: base.path, store: store, left: Self.main(at: left),
                        right: Point(.named(fork)))
                }
                pairs.append(pair(cut))
                if !isEdge { pairsWithBothSides.append(pair(cut + Self.changeCount)) }
            }
        }
    }

    private static func main(at position: Int) -> Point {
        Point(.named(.main), at: .position(Position(UInt64(position))))
    }

    func measure() throws -> [Comparison] {
        var warm = Comparison("pages in the cache", pairs.map(\.name))
        try measure(&warm, rounds: 100, pairs, isOpenedAnew: false)
        var cold = Comparison("store opened anew, nothing in its cache", pairs.map(\.name))
        try measure(&cold, rounds: 30, pairs, isOpenedAnew: true)
        var both = Comparison(
            "the same, where main went on by 1,000 events", limit: nil,
            pairsWithBothSides.map(\.name))
        try measure(&both, rounds: 20, pairsWithBothSides, isOpenedAnew: false)
        return [warm, cold, both]
    }

    private func measure(
        _ comparison: inout Comparison, rounds: Int, _ pairs: [Pair], isOpenedAnew: Bool
    ) throws {
        for (index, pair) in pairs.enumerated() {
            let before = pair.store.segments.objects.readCounts()
            try Self.compare(pair, in: pair.store)
            let used = pair.store.segments.objects.readCounts() - before
            comparison.cases[index].note =
                "\(used.nodes.used) nodes, \(used.blocks.used) blocks"
        }
        try comparison.measure(rounds: rounds) { _, index, samples in
            let pair = pairs[index]
            let store = isOpenedAnew ? try Store.open(at: pair.path) : pair.store
            try samples.time { try Self.compare(pair, in: store) }
        }
    }

    /// What `forkctl diff --stat` does.
    private static func compare(_ pair: Pair, in store: Store) throws {
        let difference = try store.difference(from: pair.left, to: pair.right)
        _ = try difference.left.streams()
        let changes = try difference.right.streams()
        guard difference.right.eventCount == changeCount, !changes.isEmpty else {
            throw BenchFailure("the fork has \(difference.right.eventCount) changes")
        }
    }
}
