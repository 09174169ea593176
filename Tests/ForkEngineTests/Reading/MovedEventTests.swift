// SPDX-License-Identifier: Apache-2.0
// Events that stand on both sides of a difference, and what it takes to find them.
import ForkTesting
import SegmentStore
import Testing

@testable import ForkEngine

@Suite struct MovedEventTests {
    /// `numbers` as events with ids of their own, or without.
    private func append(
        _ numbers: [Int], to fork: String, in process: RuleProcess, withIDs: Bool = true,
        data: String = "{}"
    ) throws {
        let writer = try process.store.openWriter(named(fork))
        let batch = AppendBatch()
        for number in numbers {
            try batch.add(
                stream: "s\(number % 7)", type: "t", data: Array(data.utf8),
                time: Timestamp(rawValue: Int64(number)),
                id: withIDs ? EventID(high: UInt64(number), low: 1) : nil)
        }
        _ = try writer.append(batch)
        try writer.flush()
        try writer.close()
    }

    private func listed(_ side: Difference.Side) throws -> [Int64] {
        var times: [Int64] = []
        try side.forEachEvent { (event) throws(ForkError) in
            times.append(event.time.rawValue)
            return true
        }
        return times
    }

    @Test func whatIsOnBothSidesIsCountedAndNotListed() throws {
        let process = try RuleWorld().start()
        try append([900], to: "main", in: process)
        try process.fork("a")
        try process.fork("b")
        // On both sides, in another order; one twice on one side; equal ids with other content.
        try append([1, 2, 3, 4, 2, 50], to: "a", in: process)
        try append([4, 60, 61, 2, 1], to: "b", in: process)
        try append([3], to: "b", in: process, data: "[]")
        for (first, second) in [("a", "b"), ("b", "a")] {
            let difference = try process.store.difference(from: point(first), to: point(second))
            let (a, b) =
                first == "a"
                ? (difference.left, difference.right) : (difference.right, difference.left)
            #expect(try listed(a) == [3, 50])
            #expect(try listed(b) == [60, 61, 3])
            #expect(a.movedCount == 4 && b.movedCount == 3)
            #expect(a.eventCount == 2 && b.eventCount == 3)
            #expect(try b.streamChanges().count == 3)
        }
    }

    @Test func oneSideWithoutChangesIsNotReadForMoves() throws {
        let world = try RuleWorld()
        let process = try world.start()
        try append([900], to: "main", in: process)
        try process.fork("a")
        try append(Array(0..<3_000), to: "a", in: process, withIDs: false)
        let reader = try world.start(cacheByteCountMax: 8 << 20)
        func blocks(_ body: () throws -> Void) throws -> UInt64 {
            let before = reader.store.segments.objects.readCounts()
            try body()
            return (reader.store.segments.objects.readCounts() - before).blocks.used
        }
        for (left, right) in [("main", "a"), ("a", "main")] {
            let used = try blocks {
                let difference = try reader.store.difference(
                    from: point(left), to: point(right))
                #expect(difference.left.eventCount + difference.right.eventCount == 3_000)
            }
            #expect(used == 0, "\(used) blocks were read to find out how much differs")
        }
    }
}
