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
            #expect(try listed(a) == [3, 2, 50])
            #expect(try listed(b) == [60, 61, 3])
            #expect(a.movedCount == 3 && b.movedCount == 3)
            #expect(a.eventCount == 3 && b.eventCount == 3)
            #expect(try b.streamChanges().count == 3)
        }
    }

    @Test func anEventMatchesOneEventOfTheOtherSide() throws {
        let process = try RuleWorld().start()
        try process.fork("child")
        try append([1], to: "main", in: process)
        try append([1, 1], to: "child", in: process)
        for (first, second) in [("main", "child"), ("child", "main")] {
            let difference = try process.store.difference(from: point(first), to: point(second))
            #expect(!difference.isEmpty)
            #expect(difference.left.movedCount == 1 && difference.right.movedCount == 1)
            let longer = first == "child" ? difference.left : difference.right
            #expect(try listed(longer) == [1])
        }
        try append([1], to: "main", in: process)
        #expect(try process.store.difference(from: point("main"), to: point("child")).isEmpty)
    }

    /// As where somebody chose contents for their hashes.
    @Test func equalFingerprintsAreNoProof() throws {
        let process = try RuleWorld().start()
        try append([900], to: "main", in: process)
        try process.fork("a")
        try process.fork("b")
        try append([1, 2, 3, 4, 2, 2, 50], to: "a", in: process)
        try append([2, 4, 60, 61, 2, 1], to: "b", in: process)
        try append([3], to: "b", in: process, data: "[]")
        try append([5], to: "a", in: process, withIDs: false)
        try append([5], to: "b", in: process, withIDs: false)
        for (first, second) in [("a", "b"), ("b", "a")] {
            let found = try process.store.difference(from: point(first), to: point(second))
            var difference = found
            try difference.findMoved { _, _ in EventFingerprint(high: 1, low: 2) }
            let a = first == "a" ? difference.left : difference.right
            #expect(try listed(a) == [3, 2, 50, 5])
            #expect(difference.left.moved == found.left.moved)
            #expect(difference.right.moved == found.right.moved)
        }
    }

    @Test func oneOfManyEqualEventsIsFoundAtOnce() throws {
        let fingerprint = EventFingerprint(high: 1, low: 2)
        let count: UInt64 = 2_000
        var candidates = MovedCandidates(count: count)
        for number in 0..<count { candidates.add(fingerprint, at: Position(number)) }
        candidates.sort()
        var asked = 0
        for number in 0..<count + 2 {
            let isFound = try candidates.match(fingerprint) { (_) throws(ForkError) in
                asked += 1
                return true
            }
            #expect(isFound == (number < count))
        }
        #expect(asked == count)
        #expect(candidates.matched == (0..<count).map { Position($0) })
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
