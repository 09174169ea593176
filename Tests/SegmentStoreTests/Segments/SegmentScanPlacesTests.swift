// SPDX-License-Identifier: Apache-2.0
// What a scan keeps beside the rows: as much as it touched, whatever the segment has.
import ForkTesting
import Testing

@testable import SegmentStore

@Suite("What a scan keeps")
struct SegmentScanPlacesTests {
    @Test("places equal a dictionary's, and take slots for the blocks touched alone")
    func places() {
        for (blockCount, touched) in [(1 << 18, 3), (1 << 18, 500), (40, 40), (8_000, 8_000)] {
            var random = SeededGenerator(seed: UInt64(blockCount))
            var places = SegmentScanPlaces()
            var model: [Int: UInt32] = [:]
            for step in 0..<touched {
                let block = Int.random(in: 0..<blockCount, using: &random)
                #expect(places[block] == model[block] ?? 0)
                places[block] = UInt32(step)
                model[block] = UInt32(step)
            }
            for (block, value) in model { #expect(places[block] == value) }
            for block in 0..<min(blockCount, 2_000) { #expect(places[block] == model[block] ?? 0) }
            #expect(places.slotCount <= max(32, 8 * model.count))
        }
    }

    @Test("blocks are decoded as a whole only by a scan that asks for a good part of their rows")
    func wholeBlocks() {
        let most = SegmentFormat.eventCountMax
        for count in [1, 256, 257, 4_096, most / 8 - 1] {
            #expect(!SegmentScanRows.decodesBlocks(count, of: most))
        }
        #expect(SegmentScanRows.decodesBlocks(most / 8, of: most))
        #expect(SegmentScanRows.decodesBlocks(300, of: 2_000))
        #expect(!SegmentScanRows.decodesBlocks(256, of: 256))
    }

    @Test("scratch memory is zero, whatever its size and what was freed before")
    func scratch() {
        for count in [0, 1, 100, 1 << 16, 1 << 17, 1 << 18, 1 << 16] {
            let scratch = ScratchArray<UInt64>(count: count)
            var sum: UInt64 = 0
            for index in stride(from: 0, to: count, by: 97) {
                sum |= scratch[index]
                scratch[index] = .max
            }
            #expect(sum == 0)
        }
    }

    @Test("a segment of more types than a scan keeps gives the name of each, both ways")
    func manyTypes() throws {
        let store = ObjectFixture.store(MemoryObjectBackend())
        let events = SegmentFixture.events(
            .init(count: 2_000, typeCount: 900, dataByteCountMax: 9), seed: 7)
        let segment = try SegmentFixture.segment(events, in: store)
        #expect(segment.footer.typeCount > 600)
        #expect(try SegmentFixture.scan(segment, 0..<2_000) == events)
        #expect(try SegmentFixture.scan(segment, 0..<2_000, reverse: true) == events.reversed())
        #expect(try SegmentFixture.scan(segment, 50..<150) == Array(events[50..<150]))
    }
}
