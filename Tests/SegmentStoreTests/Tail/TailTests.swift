// SPDX-License-Identifier: Apache-2.0
import ForkTesting
import SegmentStore
import Testing

@Suite struct TailTests {
    private func randomBatches(
        _ chance: inout SeededGenerator, streamCount: Int, eventCount: Int
    ) -> [[SampleEvent]] {
        var batches: [[SampleEvent]] = []
        var left = eventCount
        while left > 0 {
            let count = Int.random(in: 1...min(left, 90), using: &chance)
            batches.append(
                (0..<count).map { _ in SampleEvent.random(&chance, streamCount: streamCount) })
            left -= count
        }
        return batches
    }

    @Test(arguments: [1, 3, 40, 2000])
    func everyAnswerIsThatOfAPlainArrayAtEveryCut(streamCount: Int) throws {
        for seed in 0..<6 {
            var chance = SeededGenerator(seed: UInt64(seed))
            var model = TailModel(versionsBefore: UInt64(seed % 3))
            for _ in 0..<4 {
                try model.append(
                    randomBatches(
                        &chance, streamCount: streamCount,
                        eventCount: Int.random(in: 1...300, using: &chance)))
                try model.check(model.tail, Position(TailModel.start)..<model.end, &chance)
                let cut = Position(
                    TailModel.start
                        + UInt64.random(in: 0...UInt64(model.entries.count), using: &chance))
                let start = Position(
                    UInt64.random(in: TailModel.start...cut.rawValue, using: &chance))
                try model.check(
                    model.tail.prefix(below: cut), Position(TailModel.start)..<cut, &chance)
                try model.check(
                    model.tail.suffix(from: start).prefix(below: cut), start..<cut, &chance)
            }
        }
    }

    @Test func differentNamesOfOneHashStayApart() throws {
        var chance = SeededGenerator(seed: 3)
        // Every name has one of three hashes, all in one partition.
        var model = TailModel { name in StreamHash(rawValue: 32 * UInt64(name[name.count - 1] % 3))
        }
        for _ in 0..<8 {
            try model.append(randomBatches(&chance, streamCount: 50, eventCount: 100))
            try model.check(model.tail, Position(TailModel.start)..<model.end, &chance)
        }
    }

    @Test func invariant4ForksShareTheirParentsTailAndGoTheirOwnWay() throws {
        for seed in 0..<4 {
            var chance = SeededGenerator(seed: UInt64(100 + seed))
            var family = [TailModel()]
            for step in 0..<14 {
                let member = Int.random(in: 0..<family.count, using: &chance)
                if step % 2 == 1 {
                    let cut = Position(
                        TailModel.start
                            + UInt64.random(
                                in: 0...UInt64(family[member].entries.count), using: &chance))
                    family.append(family[member].fork(at: cut))
                }
                let writer = Int.random(in: 0..<family.count, using: &chance)
                try family[writer].append(
                    randomBatches(
                        &chance, streamCount: 30,
                        eventCount: Int.random(in: 1...700, using: &chance)))
            }
            for model in family {
                try model.check(model.tail, Position(TailModel.start)..<model.end, &chance)
                let start = Position(
                    UInt64.random(in: TailModel.start...model.end.rawValue, using: &chance))
                try model.check(model.flushed(to: start), start..<model.end, &chance)
            }
        }
    }

    @Test func twoHundredForksOfForksStayInOneLayer() throws {
        var model = TailModel()
        for depth in 0..<200 {
            try model.append([[SampleEvent("s\(depth)")]])
            model = model.fork(at: model.end)
        }
        #expect(model.tail.slices.count == 1)
        try model.append([[SampleEvent("s0")]])
        var chance = SeededGenerator(seed: 1)
        try model.check(model.tail, Position(TailModel.start)..<model.end, &chance)
    }

    @Test func aLayerOf1024EventsIsPutUnderAndOneFewerIsCopied() throws {
        for (count, layers) in [(1023, 1), (1024, 2)] {
            var model = TailModel()
            try model.append([(0..<count).map { SampleEvent("s\($0 % 10)") }])
            let child = model.fork(at: model.end)
            #expect(child.tail.slices.count == layers)
            var chance = SeededGenerator(seed: 1)
            try child.check(child.tail, Position(TailModel.start)..<child.end, &chance)
        }
    }

    @Test func framesOfAJournalAreClippedToTheExtent() throws {
        let events = (0..<10).map { SampleEvent("s\($0 % 2)", data: "\($0)") }
        let batch = try EventBatch(events)
        batch.assignVersionsFromZero()
        var chain = FrameChain(
            journal: JournalSample.id, seed: 1, epoch: 1, firstPosition: Position(100))
        let frame = chain.seal([batch], durableEnd: 0).frames[0]
        let layer = TailLayer(start: Position(103))
        try layer.append(frame, within: Position(103)..<Position(107))
        var found: [SampleEvent] = []
        try Tail(layer).scan(.zero..<Position(1000)) { (event) throws(StorageError) in
            found.append(SampleEvent(event))
            return true
        }
        #expect(found == Array(events[3..<7]))
        #expect(layer.end == Position(107))
    }

    @Test func framesThatDoNotFollowAreDamage() throws {
        func frame(at position: UInt64, version: UInt64) throws -> JournalFrame {
            let batch = try EventBatch([SampleEvent("s")])
            [Version(version)].withUnsafeBufferPointer { batch.assignVersions(first: $0) }
            var chain = FrameChain(
                journal: JournalSample.id, seed: 1, epoch: 1, firstPosition: Position(position))
            return chain.seal([batch], durableEnd: 0).frames[0]
        }
        func append(_ frames: [JournalFrame]) -> StorageError? {
            let layer = TailLayer(start: .zero)
            do throws(StorageError) {
                for frame in frames { try layer.append(frame) }
                return nil
            } catch {
                return error
            }
        }
        #expect(append([try frame(at: 0, version: 4), try frame(at: 1, version: 5)]) == nil)
        for bad in [try frame(at: 2, version: 5), try frame(at: 1, version: 6)] {
            #expect(append([try frame(at: 0, version: 4), bad])?.isDamage == true)
        }
    }

    @Test func aStreamOf100000EventsIsFoundAtAnyVersion() throws {
        var model = TailModel()
        for _ in 0..<10 {
            try model.append([(0..<10_000).map { _ in SampleEvent("s") }])
        }
        let hash = TailModel.realHash(Array("s".utf8))
        for version in stride(from: 0, to: 100_000, by: 997) {
            let found = Array("s".utf8).withUnsafeBytes {
                model.tail.find(hash, name: $0, version: Version(UInt64(version)))
            }
            #expect(found == Position(TailModel.start + UInt64(version)))
            let cut = Position(TailModel.start + UInt64(version) + 1)
            let head = Array("s".utf8).withUnsafeBytes {
                model.tail.prefix(below: cut).latest(hash, name: $0)
            }
            #expect(head?.version == Version(UInt64(version)))
        }
    }
}
