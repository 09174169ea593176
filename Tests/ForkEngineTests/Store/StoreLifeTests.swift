// SPDX-License-Identifier: Apache-2.0
// The spine: make a store, append, fork, read, diff, drop, collect, on the real disk.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct StoreLifeTests {
    @Test func appendedEventsAreReadBack() throws {
        let temporary = try TemporaryStore()
        let writer = try temporary.store.openWriter(.main)
        for number in 0..<10 {
            let result = try writer.append(.numbered(number, stream: "s\(number % 3)"))
            #expect(result.positions == Position(UInt64(number))..<Position(UInt64(number + 1)))
        }
        let expected = try temporary.store.view(at: point("main")).transcript()
        #expect(expected.count == 10)
        #expect(expected[4] == "4 s1/1 {\"n\":4}")
        try writer.close()
        let again = try temporary.reopen()
        #expect(try again.view(at: point("main")).transcript() == expected)
    }

    @Test func invariant4AForkKeepsItsHistoryWhateverItsParentDoes() throws {
        let temporary = try TemporaryStore()
        let store = temporary.store
        let main = try store.openWriter(.main)
        for number in 0..<5 { _ = try main.append(.numbered(number, stream: "a")) }
        let created = try store.create(NewFork(name: named("trial")))
        #expect(created.fork.base == Position(5))
        for number in 5..<9 { _ = try main.append(.numbered(number, stream: "a")) }
        let trial = try store.openWriter(named("trial"))
        let result = try trial.append(.numbered(100, stream: "a"))
        #expect(result.positions.lowerBound == Position(5))
        #expect(try store.view(at: point("trial")).transcript().last == "5 a/5 {\"n\":100}")
        #expect(try store.view(at: point("main")).head == Position(9))
        try main.close()
        try trial.close()
        let again = try temporary.reopen()
        #expect(try again.view(at: point("trial")).transcript().count == 6)
        #expect(try again.view(at: point("main@3")).transcript().count == 3)
    }

    @Test func flushedEventsAreReadFromSegments() throws {
        let temporary = try TemporaryStore()
        let store = temporary.store
        let main = try store.openWriter(.main)
        for number in 0..<50 { _ = try main.append(.numbered(number, stream: "s\(number % 7)")) }
        let before = try store.view(at: point("main")).transcript()
        try main.flush()
        #expect(try store.view(at: point("main")).transcript() == before)
        for number in 50..<60 { _ = try main.append(.numbered(number, stream: "s\(number % 7)")) }
        try main.flush()
        let after = try store.view(at: point("main")).transcript()
        #expect(after.count == 60)
        #expect(Array(after[..<50]) == before)
        try main.close()
        _ = try store.collect()
        #expect(try temporary.reopen().view(at: point("main")).transcript() == after)
    }

    @Test func aForkOfADirtyParentFlushesApart() throws {
        let temporary = try TemporaryStore()
        let store = temporary.store
        let main = try store.openWriter(.main)
        for number in 0..<20 { _ = try main.append(.numbered(number, stream: "s\(number % 3)")) }
        _ = try store.create(NewFork(name: named("child"), from: point("main@15")))
        let child = try store.openWriter(named("child"))
        for number in 0..<5 { _ = try child.append(.numbered(100 + number, stream: "s1")) }
        let before = try store.view(at: point("child")).transcript()
        try child.flush()
        #expect(try store.view(at: point("child")).transcript() == before)
        try main.flush()
        try child.close()
        try main.close()
        _ = try store.collect()
        #expect(try store.view(at: point("child")).transcript() == before)
        #expect(before.count == 20)
    }

    @Test func wrongVersionsConflictAndRetriesSucceed() throws {
        let temporary = try TemporaryStore()
        let writer = try temporary.store.openWriter(.main)
        func batch() throws -> AppendBatch {
            let batch = AppendBatch()
            try batch.add(
                stream: "s", type: "t", data: [0x31], time: Timestamp(nanoseconds: 1),
                id: EventID(high: 7, low: 9))
            return batch
        }
        let none = [Expectation(stream: "s", version: .noEvents)]
        let first = try writer.append(batch(), expecting: none)
        let second = try writer.append(batch(), expecting: none)
        #expect(!first.wasRepeated)
        #expect(second.wasRepeated)
        #expect(second.positions == first.positions)
        let conflict = #expect(throws: ForkError.self) {
            try writer.append(.numbered(1, stream: "s"), expecting: none)
        }
        #expect(conflict?.code == .wrongVersion)
        try writer.close()
    }

    @Test func rule1ASecondWriterIsRefusedAtOnceWithWhoHoldsIt() throws {
        let temporary = try TemporaryStore()
        let writer = try temporary.store.openWriter(.main)
        let other = try temporary.reopen()
        let refused = #expect(throws: ForkError.self) { try other.openWriter(.main) }
        #expect(refused?.code == .busy)
        #expect(refused?.message.contains("process") == true)
        try writer.close()
        try other.openWriter(.main).close()
    }

    @Test func aDroppedForkIsGoneAndItsWriterFindsOut() throws {
        let temporary = try TemporaryStore()
        let store = temporary.store
        _ = try store.create(NewFork(name: named("doomed")))
        let writer = try store.openWriter(named("doomed"))
        _ = try writer.append(.numbered(1, stream: "s"))
        let view = try store.view(at: point("doomed"))
        try store.drop(named("doomed"))
        let gone = #expect(throws: ForkError.self) {
            try writer.append(.numbered(2, stream: "s"))
        }
        #expect(gone?.code == .notFound)
        #expect(try view.transcript().count == 1)
        #expect(throws: ForkError.self) { try store.view(at: point("doomed")) }
        try writer.close()
    }

    @Test func invariant1AnUnclosedWriterIsRecovered() throws {
        let temporary = try TemporaryStore()
        do {
            let writer = try temporary.store.openWriter(.main)
            _ = try writer.append(.numbered(1, stream: "s"))
            _ = try writer.append(.numbered(2, stream: "s"))
        }
        let again = try temporary.reopen()
        #expect(try again.view(at: point("main")).transcript().count == 2)
        let writer = try again.openWriter(.main)
        _ = try writer.append(.numbered(3, stream: "s"))
        #expect(try again.view(at: point("main")).transcript().last == "2 s/2 {\"n\":3}")
        try writer.close()
    }

    @Test func diffShowsBothSidesFromTheCommonPoint() throws {
        let temporary = try TemporaryStore()
        let store = temporary.store
        let main = try store.openWriter(.main)
        for number in 0..<5 { _ = try main.append(.numbered(number, stream: "a")) }
        _ = try store.create(NewFork(name: named("trial")))
        let trial = try store.openWriter(named("trial"))
        _ = try trial.append(.numbered(10, stream: "b"))
        _ = try main.append(.numbered(5, stream: "a"))
        _ = try main.append(.numbered(6, stream: "c"))
        let difference = try store.difference(from: point("main"), to: point("trial"))
        #expect(difference.common == Position(5))
        #expect(difference.left.eventCount == 2)
        #expect(difference.right.eventCount == 1)
        #expect(try difference.left.streams().map(\.stream) == ["a", "c"])
        try main.close()
        try trial.close()
    }
}
