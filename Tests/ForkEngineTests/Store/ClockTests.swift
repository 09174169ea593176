// SPDX-License-Identifier: Apache-2.0
// Rule 14 and invariant 6: a clock file with a flipped bit sets no time.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@testable import ForkEngine

@Suite struct ClockTests {
    @Test func aCheckedInstantReadsBackAndNoFlippedBitDoes() {
        var generator = SeededGenerator(seed: 5)
        for round in 0..<500 {
            let instant: Int64 =
                round == 0 ? 0 : round == 1 ? .max : Int64(generator.next() >> 1)
            let word = CheckedInstant.word(for: instant)
            #expect(CheckedInstant.nanoseconds(of: word) == instant / 512 * 512)
            for bit in 0..<64 {
                #expect(CheckedInstant.nanoseconds(of: word ^ 1 << UInt64(bit)) == nil)
            }
        }
        #expect(CheckedInstant.nanoseconds(of: 0) == nil)
        #expect(CheckedInstant.nanoseconds(of: CheckedInstant.word(for: -5)) == 0)
    }

    @Test func aFlippedBitOfTheClockExpiresNothing() throws {
        for index in 0..<8 {
            for bit in stride(from: 0, to: 64, by: 7) {
                let world = try RuleWorld()
                let process = try world.start()
                try process.fork("short", expiry: .after(nanoseconds: 86_400_000_000_000))
                let before = process.store.clock.now()
                let words = try process.fileSystem.map(StoreLayout.clock, wordCount: 8)
                words.store(words.load(index) ^ 1 << UInt64(bit), at: index)
                for later in [process, try world.start()] {
                    let now = later.store.clock.now()
                    let hour = Int64(3_600_000_000_000)
                    #expect(now.rawValue <= before.rawValue + hour, "word \(index), bit \(bit)")
                    #expect(try later.store.collect().reapedForks.isEmpty)
                }
            }
        }
    }

    /// Rule 16: the footers of reachable segments are read before anything goes.
    @Test func rule16ADamagedFooterIsNotCollectedBeside() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.write(0..<20)
        try main.flush()
        try main.close()
        try process.fork("garbage")
        let garbage = try process.write(50..<60, to: "garbage")
        try garbage.flush()
        try garbage.close()
        let segment = try #require(
            try world.files(in: StoreLayout.objects).first { $0.hasSuffix(".segment") })
        try process.store.drop(named("garbage"))
        let reached = try world.start().store.collect(isDryRun: true).candidates.map(\.path)
        let path =
            reached.contains(segment)
            ? try #require(
                try world.files(in: StoreLayout.objects).first {
                    $0.hasSuffix(".segment") && $0 != segment
                }) : segment
        try world.disk.flipBit(2, of: path, at: world.bytes(of: path).count - 20)
        let before = try world.inventory()
        let refused = try failure { try world.start().store.collect() }
        #expect(refused?.code == .damaged)
        #expect(try world.inventory() == before)
    }
}
