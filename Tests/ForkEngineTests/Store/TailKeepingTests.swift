// SPDX-License-Identifier: Apache-2.0
// What happens to events that wait in memory: buffered ones become durable, idle tails and those
// that are too much together are flushed.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct TailKeepingTests {
    private func batch(_ numbers: Range<Int>, byteCount: Int = 8) throws -> AppendBatch {
        let batch = AppendBatch()
        for number in numbers {
            try batch.add(
                stream: "s\(number % 7)", type: "t",
                data: Array(repeating: 0x31, count: byteCount),
                time: Timestamp(nanoseconds: Int64(number)))
        }
        return batch
    }

    private func rootEnd(of fork: String, _ process: RuleProcess) throws -> UInt64? {
        try process.store.catalog.read { catalog throws(ForkError) in
            try catalog.fork(named: fork)?.snapshot.rootEnd.rawValue
        }
    }

    // MARK: Buffered

    @Test func invariant2BufferedIsVisibleOnceDurable() throws {
        let world = try RuleWorld()
        let runner = ManualRunner()
        let process = try world.start(background: runner)
        let writer = try process.store.openWriter(.main)
        for number in 0..<3 {
            let result = try writer.append(
                .numbered(number, stream: "s"), acknowledged: .buffered)
            #expect(result.positions == Position(UInt64(number))..<Position(UInt64(number + 1)))
        }
        #expect(runner.waitingCount == 1, "one thread drains for all")
        #expect(writer.head == .zero)
        try process.fork("early")
        #expect(try process.history(of: "early").isEmpty)
        #expect(try process.history(of: "main").isEmpty)
        #expect(try world.afterPowerCut().start().history(of: "main").isEmpty)
        runner.runAll()
        #expect(writer.head == Position(3))
        #expect(try process.history(of: "main").count == 3)
        #expect(try world.afterPowerCut().start().history(of: "main").count == 3)
        // One that waits makes everything before it durable too.
        _ = try writer.append(.numbered(3, stream: "s"), acknowledged: .buffered)
        _ = try writer.append(.numbered(4, stream: "s"))
        #expect(writer.head == Position(5))
        _ = try writer.append(.numbered(5, stream: "s"), acknowledged: .buffered)
        try writer.sync()
        #expect(writer.head == Position(6))
        _ = try writer.append(.numbered(6, stream: "s"), acknowledged: .buffered)
        try writer.flush()
        #expect(try rootEnd(of: "main", process) == 7)
        _ = try writer.append(.numbered(7, stream: "s"), acknowledged: .buffered)
        try writer.close()
        #expect(try world.afterPowerCut().start().history(of: "main").count == 8)
    }

    @Test func aBufferedAppendThatIsLostIsTold() throws {
        let world = try RuleWorld()
        let runner = ManualRunner()
        let process = try world.start(background: runner)
        let writer = try process.write(0..<1)
        _ = try writer.append(.numbered(1, stream: "s1"), acknowledged: .buffered)
        world.disk.add(
            .next(.fail(code: 5)) { call in
                if case .sync = call { true } else { false }
            })
        runner.runAll()
        #expect(throws: ForkError.self) { try writer.sync() }
        #expect(throws: ForkError.self) {
            try writer.append(.numbered(2, stream: "s2"), acknowledged: .buffered)
        }
        #expect(throws: ForkError.self) { try writer.close() }
        // What was not acknowledged may have reached the disk all the same.
        #expect(try process.history(of: "main").starts(with: RuleWorld.lines(0..<1)))
    }

    @Test func whoBuffersTooMuchWaits() throws {
        let world = try RuleWorld()
        let process = try world.start(background: ManualRunner())
        let writer = try process.store.openWriter(.main)
        for number in 0..<12 {
            _ = try writer.append(
                batch(number..<number + 1, byteCount: 1 << 20), acknowledged: .buffered)
        }
        #expect(writer.head > .zero)
    }

    // MARK: Idle tails

    @Test func anIdleTailIsFlushedAfterASecond() throws {
        let world = try RuleWorld()
        let runner = ManualRunner()
        let process = try world.start(background: runner)
        let writer = try process.store.openWriter(.main)
        _ = try writer.append(batch(0..<4_096))
        #expect(runner.repeatedCount == 0, "a small tail is left alone")
        _ = try writer.append(batch(4_096..<4_097))
        #expect(runner.repeatedCount == 1)
        for _ in 0..<4 { runner.tick() }
        _ = try writer.append(batch(4_097..<4_098))
        for _ in 0..<4 { runner.tick() }
        runner.runAll()
        #expect(try rootEnd(of: "main", process) == 0, "it grew within the second")
        runner.tick()
        runner.runAll()
        #expect(try rootEnd(of: "main", process) == 4_098)
        // Nothing large is left: nobody looks any more, until there is again.
        runner.tick()
        #expect(runner.repeatedCount == 0)
        _ = try writer.append(batch(0..<5_000))
        #expect(runner.repeatedCount == 1)
        #expect(try process.history(of: "main").count == 9_098)
        try writer.close()
        runner.tick()
        #expect(runner.repeatedCount == 0)
    }

    // MARK: Memory

    @Test func allTailsTogetherStayWithinTheLimit() throws {
        let world = try RuleWorld()
        let tails = TailBudget(byteCountMax: 256 << 10)
        let process = try world.start(tails: tails)
        let writers = try (0..<5).map { number in
            try process.fork("f\(number)")
            return try process.store.openWriter(named("f\(number)"))
        }
        var largestByteCount = 0
        for round in 0..<40 {
            for writer in writers {
                _ = try writer.append(batch(round * 16..<round * 16 + 16, byteCount: 200))
                largestByteCount = max(largestByteCount, tails.byteCount)
            }
        }
        #expect(largestByteCount > 200 << 10)
        #expect(tails.byteCount <= 256 << 10)
        for (number, writer) in writers.enumerated() {
            #expect(try process.history(of: "f\(number)").count == 640)
            #expect(try rootEnd(of: "f\(number)", process) ?? 0 > 0)
            try writer.close()
        }
        #expect(tails.byteCount == 0, "closed writers take no memory")
        #expect(try world.start().store.verify().isSound)
    }

    @Test func theLargestTailIsFlushedFirst() throws {
        let world = try RuleWorld()
        let runner = ManualRunner()
        let tails = TailBudget(byteCountMax: 1 << 20)
        let process = try world.start(background: runner, tails: tails)
        try process.fork("small")
        let main = try process.store.openWriter(.main)
        let small = try process.store.openWriter(named("small"))
        _ = try main.append(batch(0..<90, byteCount: 10_000))
        #expect(runner.waitingCount == 0)
        _ = try small.append(batch(0..<20, byteCount: 10_000))
        #expect(runner.waitingCount == 1)
        _ = try small.append(batch(20..<21, byteCount: 10_000))
        #expect(runner.waitingCount == 1, "one flush at a time")
        runner.runAll()
        #expect(try rootEnd(of: "main", process) == 90)
        #expect(try rootEnd(of: "small", process) == 0)
        #expect(tails.byteCount < 1 << 20)
    }

    @Test func aWriterThatIsLetGoTakesNoMemory() throws {
        let world = try RuleWorld()
        let tails = TailBudget(byteCountMax: 1 << 20)
        let process = try world.start(tails: tails)
        var writer: Writer? = try process.write(0..<5)
        #expect(tails.byteCount > 0)
        withExtendedLifetime(writer) {}
        writer = nil
        #expect(tails.byteCount == 0)
    }
}
