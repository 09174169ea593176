// SPDX-License-Identifier: Apache-2.0
// A scrub reads everything once at its rate, goes on where it was stopped, and finds what is damaged.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct ScrubTests {
    private func world() throws -> (RuleWorld, RuleProcess) {
        let world = try RuleWorld()
        let process = try world.start(publishLimits: .tiny)
        let main = try process.write(0..<60)
        try main.flush()
        try process.append(60..<65, with: main)
        try main.close()
        _ = try process.store.collect()
        return (world, process)
    }

    @Test func aPassThatWasStoppedGoesOnWhereItStood() throws {
        let (world, process) = try world()
        let whole = try process.store.scrub()
        #expect(whole.isComplete && !whole.isResumed && whole.damageCount == 0)
        #expect(whole.objectCount == (try world.files(in: StoreLayout.objects).count))
        #expect(whole.journalCount == 1)
        var left = 2
        let first = try process.store.scrub(isInterrupted: {
            left -= 1
            return left < 0
        })
        #expect(!first.isComplete && first.objectCount == 2)
        #expect(first.lastEnded == whole.lastEnded)
        let next = try world.start().store.scrub()
        #expect(next.isResumed && next.isComplete)
        #expect(next.objectCount + first.objectCount == whole.objectCount)
        // What it keeps is a store's own file; losing it, or part of it, means to begin again.
        #expect(try process.store.verify().unknownPaths == [])
        try world.replace("scrub", with: [1, 2, 3])
        #expect(try process.store.scrub().objectCount == whole.objectCount)
    }

    @Test func aSecondScrubIsRefusedWithWhoRuns() throws {
        let (world, process) = try world()
        let whole = try process.store.scrub().objectCount
        let other = try world.start()
        var refusals: [ForkError] = []
        var left = 3
        let first = try process.store.scrub(isInterrupted: {
            do {
                _ = try other.store.scrub()
            } catch let error as ForkError {
                refusals.append(error)
            } catch {
                Issue.record(error)
            }
            left -= 1
            return left < 0
        })
        #expect(refusals.count == 4 && refusals.allSatisfy { $0.code == .busy })
        let runner = "process \(process.fileSystem.process)"
        #expect(refusals.allSatisfy { $0.message.contains(runner) }, "\(refusals)")
        // The place is the first one's, and the lock went with it.
        #expect(first.objectCount == 3)
        #expect(try other.store.scrub().objectCount == whole - 3)
    }

    @Test func aFolderInThePlaceOfItsFileIsTold() throws {
        for name in ["scrub", "scrub.next"] {
            let (world, process) = try world()
            try world.disk.makeProcess().createFolder(name)
            let refused = #expect(throws: ForkError.self) { try process.store.scrub() }
            #expect(refused?.code == .denied)
            #expect(refused?.message.hasPrefix("'\(name)' in the store's folder") == true)
        }
    }

    @Test func itReadsNoFasterThanItsRate() throws {
        let (world, process) = try world()
        let before = world.time.sinceBoot()
        let report = try process.store.scrub(byteCountPerSecond: 1_000)
        let seconds = Double(world.time.sinceBoot() - before) / 1e9
        #expect(seconds >= Double(report.byteCount) / 1_000 - 0.001)
        #expect(seconds <= Double(report.byteCount) / 1_000 + 1)
    }

    @Test func invariant10DamageIsToldAndTheRestIsRead() throws {
        let (world, process) = try world()
        let count = try process.store.scrub().objectCount
        for path in try world.files(in: StoreLayout.objects).filter({ $0.hasSuffix(".segment") }) {
            try world.disk.flipBit(1, of: path, at: 50)
            let report = try world.start().store.scrub()
            #expect(report.damageCount == 1 && report.damages.count == 1)
            #expect(report.damages.first?.contains(path) == true)
            #expect(report.isComplete && report.objectCount == count)
            try world.disk.flipBit(1, of: path, at: 50)
        }
    }

    @Test func whatACollectionTakesAwayMeanwhileIsNoDamage() throws {
        let (world, process) = try world()
        try process.fork("gone")
        let writer = try process.write(70..<90, to: "gone")
        try writer.flush()
        try writer.close()
        let scrubber = try world.start()
        let isDone = Shared(false)
        let report = try scrubber.store.scrub(isInterrupted: {
            guard !isDone.value else { return false }
            isDone.value = true
            do {
                try process.store.drop(named("gone"))
                #expect(try process.store.collect().removedObjectCount > 0)
            } catch { Issue.record(error) }
            return false
        })
        #expect(report.isComplete && report.damageCount == 0)
    }
}
