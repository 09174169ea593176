// SPDX-License-Identifier: Apache-2.0
// A scrub reads what live writers have acknowledged, goes on among journals, and asks once what is
// reached still, however much is damaged.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct ScrubResumeTests {
    @Test func whatALiveWriterHasAcknowledgedIsReadToItsEnd() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.write(0..<5)
        let first = try world.start().store.scrub()
        #expect(first.journalCount == 1 && first.damageCount == 0)
        try process.append(5..<9, with: main)
        let next = try world.start().store.scrub()
        #expect(next.byteCount > first.byteCount && next.damageCount == 0)
        try world.damageEvent(8)
        let report = try world.start().store.scrub()
        #expect(report.damageCount == 1 && report.isComplete)
        #expect(report.damages.first?.contains("journals/1.0") == true)
        withExtendedLifetime(main) {}
    }

    @Test func aPassThatWasStoppedAmongJournalsGoesOnThere() throws {
        let world = try RuleWorld()
        let process = try world.start()
        try process.write(0..<10).flush()
        for name in ["a", "b", "c"] {
            try process.fork(name)
            try process.write(10..<13, to: name).close()
        }
        let whole = try process.store.scrub()
        #expect(whole.journalCount == 3)
        for readCount in 0..<3 {
            var left = whole.objectCount + readCount
            let first = try process.store.scrub(isInterrupted: {
                left -= 1
                return left < 0
            })
            #expect(!first.isComplete && first.journalCount == readCount)
            #expect(first.objectCount == whole.objectCount)
            let next = try world.start().store.scrub()
            #expect(next.isResumed && next.isComplete)
            #expect(next.objectCount == 0 && next.journalCount == 3 - readCount)
        }
    }

    @Test func damageOfASittingIsKeptOverAStop() throws {
        let world = try RuleWorld()
        let process = try world.start(publishLimits: .tiny)
        try process.write(0..<60).flush()
        let segments = try world.files(in: StoreLayout.objects).filter {
            $0.hasSuffix(".segment")
        }
        for path in segments { try world.disk.flipBit(1, of: path, at: 50) }
        let count = try world.start().store.scrub().objectCount
        for stop in 0..<count {
            var left = stop
            let first = try world.start().store.scrub(isInterrupted: {
                left -= 1
                return left < 0
            })
            let next = try world.start().store.scrub()
            #expect(next.damageCount == UInt64(segments.count))
            #expect(first.damages.count + next.damages.count == segments.count)
        }
    }

    @Test func everythingDamagedCostsOneWalkMoreThanNothing() throws {
        let world = try RuleWorld()
        let process = try world.start(publishLimits: .tiny)
        let main = try process.write(0..<60)
        try main.flush()
        try main.close()
        func nodesUsed(_ damaged: Int) throws -> UInt64 {
            let segments = try world.files(in: StoreLayout.objects).filter {
                $0.hasSuffix(".segment")
            }
            #expect(segments.count >= 3)
            for path in segments.prefix(damaged) { try world.disk.flipBit(1, of: path, at: 50) }
            defer {
                for path in segments.prefix(damaged) {
                    do { try world.disk.flipBit(1, of: path, at: 50) } catch { Issue.record(error) }
                }
            }
            let reader = try world.start()
            let report = try reader.store.scrub()
            #expect(report.damageCount == UInt64(min(damaged, segments.count)))
            return reader.store.segments.objects.readCounts().nodes.used
        }
        let (none, one, all) = (try nodesUsed(0), try nodesUsed(1), try nodesUsed(.max))
        #expect(one > none)
        #expect(all == one)
    }
}
