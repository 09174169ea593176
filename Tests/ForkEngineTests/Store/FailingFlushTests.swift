// SPDX-License-Identifier: Apache-2.0
// Flushes that go on failing while appends go on: no fork comes out of reach (invariants 1, 8, 10).
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct FailingFlushTests {
    /// A world in which no object can be made.
    private func world(
        tails: TailBudget
    ) throws -> (RuleWorld, RuleProcess, Writer) {
        let world = try RuleWorld()
        let process = try world.start(tails: tails)
        let writer = try process.store.openWriter(.main)
        world.disk.add(
            Fault(.fail(code: 28), isPermanent: true) { call, _ in
                if case .createTemporary = call { true } else { false }
            })
        return (world, process, writer)
    }

    private func pieceCount(_ process: RuleProcess) throws -> Int {
        try process.store.catalog.read { catalog throws(ForkError) in
            try catalog.fork(named: "main")?.snapshot.pieces.count ?? 0
        }
    }

    /// Everything acknowledged is read, and once the disk has room all goes on.
    private func check(_ world: RuleWorld, _ process: RuleProcess, _ count: Int) throws {
        #expect(try pieceCount(process) <= SnapshotRecord.rotatedPieceCountMax)
        world.disk.removeFaults()
        process.kill()
        for image in [world.afterKill(), world.afterPowerCut()] {
            let next = try image.start()
            #expect(try next.history(of: "main") == RuleWorld.lines(0..<count))
            try next.fork("child")
            let writer = try next.write(count..<count + 2)
            try writer.flush()
            try writer.close()
            _ = try next.store.collect()
            #expect(try next.store.verify().isSound)
            #expect(try next.history(of: "main") == RuleWorld.lines(0..<count + 2))
            #expect(try next.history(of: "child") == RuleWorld.lines(0..<count))
        }
    }

    @Test func flushesForMemoryThatFailDoNotPileJournalsUp() throws {
        let (world, process, writer) = try world(tails: TailBudget(byteCountMax: 1))
        for number in 0..<90 {
            _ = try writer.append(.numbered(number, stream: "s\(number % 3)"))
            world.time.step(nanoseconds: 2_000_000_000)
        }
        #expect(try pieceCount(process) <= SnapshotRecord.pendingPieceCountMax + 1)
        try check(world, process, 90)
    }

    @Test func flushesForMemoryPauseAfterAFailure() throws {
        let (world, _, writer) = try world(tails: TailBudget(byteCountMax: 1))
        let before = world.disk.counts
        for number in 0..<50 {
            _ = try writer.append(.numbered(number, stream: "s"))
        }
        // One attempt, since no second passed: two journals, a pin, and the file that failed.
        #expect((world.disk.counts - before).filesCreated == 4)
    }

    @Test func flushesThatAreAskedForAndFailDoNotPileJournalsUp() throws {
        let (world, process, writer) = try world(tails: TailBudget(byteCountMax: .max / 4))
        for number in 0..<90 {
            _ = try writer.append(.numbered(number, stream: "s\(number % 3)"))
            #expect(throws: ForkError.self) { try writer.flush() }
        }
        #expect(try pieceCount(process) <= SnapshotRecord.pendingPieceCountMax + 1)
        try check(world, process, 90)
    }

    @Test func aForkIsWrittenByWriterAfterWriterWhileFlushesFail() throws {
        let (world, process, writer) = try world(tails: TailBudget(byteCountMax: .max / 4))
        try writer.close()
        var count = 0
        for _ in 0..<60 {
            do {
                let next = try process.store.openWriter(.main)
                _ = try process.append(count..<count + 1, with: next)
                count += 1
                try next.close()
            } catch is ForkError {
                // Too many journals wait: none is taken beyond that.
            }
        }
        #expect(count > SnapshotRecord.pendingPieceCountMax && count < 60)
        try check(world, process, count)
    }
}
