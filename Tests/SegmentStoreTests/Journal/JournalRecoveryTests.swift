// SPDX-License-Identifier: Apache-2.0
import Glibc
import SegmentStore
import Synchronization
import Testing

@Suite struct JournalRecoveryTests {
    @Test func everythingIsReadBackWithItsPositions() throws {
        let sample = try JournalSample.small()
        let (kept, frames) = try sample.recover()
        #expect(frames == sample.frames)
        #expect(kept.byteEnd == sample.ends.last)
        #expect(kept.positions == Position(1000)..<Position(1006))
        #expect(kept.epoch == 9)
        #expect(!kept.wasClosed)

        var positions: [Position] = []
        try sample.journal.read(upTo: kept.byteEnd) { (frame) throws(StorageError) in
            try frame.forEachEvent { (event) throws(StorageError) in
                positions.append(event.position)
            }
        }
        #expect(positions == (1000..<1006).map { Position($0) })
    }

    /// Rule 4: what recovery must answer for `bytes` is worked out from the sample alone.
    private func check(
        _ sample: JournalSample, changedAt offset: Int, statedEnd: UInt64, isClosed: Bool = false
    ) throws {
        // The frame that the change hits, or none when it lies in the zeros behind.
        let hit = sample.ends.firstIndex { UInt64(offset) < $0 } ?? sample.ends.count
        let bad = offset < 64 ? 0 : (hit == 0 ? 64 : sample.ends[hit - 1])
        let firstKept = offset < 64 ? 0 : hit
        // Frames behind the one hit are still valid, and state their durable ends.
        let firstStating = offset < 64 ? 0 : hit + 1
        var stated = sample.statedEnds.dropFirst(firstStating).max() ?? 0
        if isClosed, offset < Int(sample.ends.last ?? 0) { stated = sample.ends.last ?? 0 }
        let isDamage = hit < sample.ends.count && max(stated, statedEnd) > bad

        do throws(StorageError) {
            let (kept, frames) = try sample.recover(statedEnd: statedEnd)
            #expect(!isDamage, "a change at \(offset) passed for a torn tail")
            #expect(frames == Array(sample.frames[0..<firstKept]))
            #expect(kept.byteEnd == (firstKept == 0 ? 0 : sample.ends[firstKept - 1]))
        } catch {
            #expect(isDamage, "a torn tail at \(offset) passed for damage: \(error)")
            #expect(error.isDamage)
        }
    }

    @Test(arguments: [false, true])
    func rule4EveryBitFlipIsDamageOrATornTail(isClosed: Bool) throws {
        let sample = try JournalSample.small(isClosed: isClosed)
        let whole = sample.system.bytes
        let end = Int(sample.ends.last ?? 0)
        for statedEnd in [0, sample.ends[0], sample.ends[2], sample.ends[3]] {
            for bit in 0..<(end * 8) {
                var flipped = whole
                flipped[bit / 8] ^= 1 << (bit % 8)
                sample.system.bytes = flipped
                try check(sample, changedAt: bit / 8, statedEnd: statedEnd, isClosed: isClosed)
            }
        }
        // Behind the last frame nothing is believed, and nothing lost.
        for byte in end..<whole.count where !isClosed {
            var flipped = whole
            flipped[byte] ^= 0xff
            sample.system.bytes = flipped
            #expect(try sample.recover().frames == sample.frames)
        }
    }

    @Test func rule4EveryTruncationIsATornTailUnlessStated() throws {
        let sample = try JournalSample.small()
        let whole = sample.system.bytes
        for statedEnd in [0, sample.ends[0], sample.ends[3]] {
            for count in 0..<whole.count {
                sample.system.bytes = Array(whole[0..<count])
                let kept = sample.ends.filter { $0 <= UInt64(count) }
                do throws(StorageError) {
                    let (recovered, frames) = try sample.recover(statedEnd: statedEnd)
                    #expect(recovered.byteEnd == kept.last ?? 0)
                    #expect(frames == Array(sample.frames[0..<kept.count]))
                    #expect(statedEnd <= recovered.byteEnd)
                } catch {
                    #expect(error.isDamage)
                    #expect(statedEnd > kept.last ?? 0)
                }
            }
        }
    }

    @Test func belowASealedEndEveryBitFlipAndTruncationIsDamage() throws {
        let sample = try JournalSample.small()
        let whole = sample.system.bytes
        func read(upTo end: UInt64) throws(StorageError) -> [[SampleEvent]] {
            var frames: [[SampleEvent]] = []
            try sample.journal.read(upTo: end) { (frame) throws(StorageError) in
                frames.append(try JournalSample.events(of: frame))
            }
            return frames
        }
        for (index, end) in sample.ends.enumerated() {
            #expect(try read(upTo: end) == Array(sample.frames[0...index]))
            for bit in 0..<(Int(end) * 8) {
                var flipped = whole
                flipped[bit / 8] ^= 1 << (bit % 8)
                sample.system.bytes = flipped
                #expect(throws: StorageError.self) { try read(upTo: end) }
            }
            for count in 0..<Int(end) {
                sample.system.bytes = Array(whole[0..<count])
                #expect(throws: StorageError.self) { try read(upTo: end) }
            }
            sample.system.bytes = whole
        }
        // An end inside a frame was never sealed by anybody.
        for end in 1..<(sample.ends.last ?? 0) where !sample.ends.contains(end) && end != 64 {
            #expect(throws: StorageError.self) { try read(upTo: end) }
        }
        #expect(try read(upTo: 0) == [])
        #expect(try read(upTo: 64) == [])
    }

    @Test func anExtentMustBeHeldByItsFrames() throws {
        let sample = try JournalSample.small()
        func read(_ positions: Range<UInt64>) throws(StorageError) -> Int {
            var count = 0
            let extent = JournalExtent(
                journal: JournalSample.id, byteEnd: sample.ends[3],
                positions: Position(positions.lowerBound)..<Position(positions.upperBound))
            try Journal.read(extent, seed: JournalSample.seed, fileSystem: sample.system) {
                (frame) throws(StorageError) in count += frame.head.recordCount
            }
            return count
        }
        #expect(try read(1000..<1006) == 6)
        // No further than the frame that holds the last of them.
        #expect(try read(1001..<1003) == 3)
        #expect(throws: StorageError.self) { try read(999..<1006) }
        #expect(throws: StorageError.self) { try read(1000..<1007) }
    }

    @Test func aReadErrorIsNeverATornTail() throws {
        let sample = try JournalSample.small()
        sample.system.contents.withLock { $0.failingRead = EIO }
        #expect(throws: StorageError.self) { try sample.recover() }
        do throws(StorageError) {
            _ = try sample.recover()
        } catch {
            #expect(error.isDamage && "\(error)".contains("cannot be read"))
        }
    }

    @Test func recoverySyncsAndDropsTheCacheBeforeItReads() throws {
        let sample = try JournalSample.small()
        sample.system.contents.withLock { $0.calls = [] }
        _ = try sample.recover()
        #expect(sample.system.calls == ["sync", "dropCache", "syncFolder journals"])
    }

    @Test func anAbsentJournalIsDamageOnlyWhereItIsKnownToHaveStarted() throws {
        let journal = Journal(JournalSample.id, seed: 1, fileSystem: OneFileSystem())
        let kept = try journal.recover(statedEnd: 0, wasStarted: false) { _ in }
        #expect(kept.byteEnd == 0 && kept.positions == nil)
        #expect(throws: StorageError.self) {
            try journal.recover(statedEnd: 0, wasStarted: true) { _ in }
        }
        #expect(throws: StorageError.self) {
            try journal.recover(statedEnd: 64, wasStarted: false) { _ in }
        }
        #expect(throws: StorageError.self) { try journal.read(upTo: 64) { _ in } }
    }

    @Test func anotherStoresJournalIsNotRead() throws {
        let sample = try JournalSample.small()
        let other = Journal(
            JournalSample.id, seed: JournalSample.seed + 1, fileSystem: sample.system)
        #expect(throws: StorageError.self) { try other.read(upTo: sample.ends[0]) { _ in } }
    }

    @Test func aNewerFormatIsSaidToBeOne() throws {
        let sample = try JournalSample.small()
        var bytes = sample.system.bytes
        bytes[8] = 2
        let sum = JournalHeaderBytes.checksum(of: Array(bytes[0..<56]))
        bytes.replaceSubrange(56..<64, with: sum)
        sample.system.bytes = bytes
        do throws(StorageError) {
            _ = try sample.recover()
            Issue.record("a newer format was read")
        } catch {
            #expect(
                error
                    == .newerFormat(path: JournalSample.id.path, version: 2, supported: 1))
        }
    }

    @Test func aClosingFrameSaysThatAllWasDurable() throws {
        let sample = try JournalSample.small(isClosed: true)
        let (kept, frames) = try sample.recover()
        #expect(kept.wasClosed)
        #expect(kept.byteEnd == sample.ends.last)
        #expect(frames == sample.frames)
    }

    @Test func framesThatStandAcrossWindowsAreReadWhole() throws {
        var large = SampleEvent("large")
        large.data = [UInt8](repeating: 0xf7, count: 3 << 20)
        let sample = try JournalSample(groups: [
            ([[SampleEvent("a")], [large], [SampleEvent("b"), large]], true),
            ([(0..<5000).map { SampleEvent("s\($0)") }], true),
            ([[SampleEvent("c")]], true),
        ])
        #expect(try sample.recover().frames == sample.frames)
        // The second frame, bad: found out by the last one, megabytes behind it.
        sample.system.contents.withLock { $0.bytes?[Int(sample.ends[0]) + 100] ^= 1 }
        #expect(throws: StorageError.self) { try sample.recover() }
    }

    @Test func framesOfAnAbandonedGroupNeverFollowAnother() throws {
        // Two groups sealed for the same place, of the same size: the second frame of the one
        // stands right behind the first of the other, valid in itself.
        func batch(_ data: String) throws -> EventBatch {
            try EventBatch([SampleEvent("s", data: data)])
        }
        let sample = try JournalSample(groups: [([[SampleEvent("a")]], true)])
        let end = Int(sample.ends[0])
        var chain = FrameChain(
            journal: JournalSample.id, seed: JournalSample.seed, epoch: 9,
            firstPosition: JournalSample.firstPosition)
        _ = chain.seal([try EventBatch([SampleEvent("a")])], durableEnd: 0)
        var other = chain
        let abandoned = chain.seal([try batch("1"), try batch("2")], durableEnd: sample.ends[0])
        let taken = other.seal([try batch("3")], durableEnd: sample.ends[0])
        var bytes = sample.system.bytes
        bytes.replaceSubrange(end..<end + abandoned.bytes.count, with: abandoned.bytes)
        bytes.replaceSubrange(end..<end + taken.bytes.count, with: taken.bytes)
        extendLifetime((abandoned, taken))
        sample.system.bytes = bytes
        let (kept, frames) = try sample.recover()
        #expect(frames == [[SampleEvent("a")], [SampleEvent("s", data: "3")]])
        #expect(kept.byteEnd == taken.byteEnd)
        #expect(throws: StorageError.self) {
            try sample.journal.read(upTo: abandoned.byteEnd) { _ in }
        }
    }
}
