// SPDX-License-Identifier: Apache-2.0
// Event types that fill more than one page, read through a cache that keeps no page.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct ManyTypesTests {
    /// Names of which some 330 fill a page.
    private func type(_ number: Int) -> String {
        String("0000\(number)".suffix(4)) + String(repeating: "x", count: 90)
    }

    private func wrongTypeCount(
        _ process: RuleProcess, _ expected: [String]
    ) throws -> (events: Int, wrong: Int) {
        let view = try process.store.view(at: point("main"))
        var (events, wrong) = (0, 0)
        try view.scan(.zero..<view.head) { (event) throws(ForkError) in
            // What was let go is used by others at once.
            let noise = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 << 10, alignment: 16)
            noise.initializeMemory(as: UInt8.self, repeating: 0x2a)
            if !event.type.elementsEqual(expected[events].utf8) { wrong += 1 }
            noise.deallocate()
            events += 1
            return true
        }
        return (events, wrong)
    }

    @Test func aScanKeepsThePagesOfTheNamesItLends() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let writer = try process.store.openWriter(.main)
        var expected: [String] = []
        for round in 0..<3 {
            let batch = AppendBatch()
            for number in 0..<700 {
                let type = type(round == 1 ? 699 - number : number)
                try batch.add(
                    stream: "s\(number % 3)", type: type, data: [0x31],
                    time: Timestamp(nanoseconds: Int64(expected.count)))
                expected.append(type)
            }
            _ = try writer.append(batch)
        }
        try writer.flush()
        try writer.close()
        let (events, wrong) = try wrongTypeCount(try world.start(), expected)
        #expect(events == 2_100 && wrong == 0)
    }

    @Test func coalescingKeepsEveryType() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let writer = try process.store.openWriter(.main)
        var expected: [String] = []
        for flush in 0..<8 {
            let batch = AppendBatch()
            for index in 0..<1_400 {
                let number =
                    index < 700
                    ? (index * 7 + flush) % 700
                    : index < 1_000 ? 256 + (index * 11) % 444 : (index * 13) % 256
                try batch.add(
                    stream: "s\(expected.count % 3)", type: type(number), data: [0x31],
                    time: Timestamp(nanoseconds: Int64(expected.count)))
                expected.append(type(number))
            }
            _ = try writer.append(batch)
            try writer.flush()
        }
        try writer.close()
        let reader = try world.start(cacheByteCountMax: 256 << 20)
        let (events, wrong) = try wrongTypeCount(reader, expected)
        #expect(events == 11_200 && wrong == 0)
        #expect(try reader.store.verify().isSound)
    }
}
