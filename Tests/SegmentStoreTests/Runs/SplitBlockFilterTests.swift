// SPDX-License-Identifier: Apache-2.0
import ForkTesting
import Testing

@testable import SegmentStore

@Suite struct SplitBlockFilterTests {
    /// A filter over keys, in one piece of memory.
    private static func filter(_ keys: [UInt64]) -> [UInt8] {
        let blocks = SplitBlockFilter.blockCount(keyCount: keys.count)
        var bytes = [UInt8](repeating: 0, count: blocks * SplitBlockFilter.blockByteCount)
        bytes.withUnsafeMutableBytes { buffer in
            for key in keys {
                let block = SplitBlockFilter.blockIndex(of: key, blockCount: blocks)
                guard let start = buffer.baseAddress else { return }
                SplitBlockFilter.insert(key, into: start + block * 32)
            }
        }
        return bytes
    }

    private static func count(_ keys: [UInt64], in filter: [UInt8]) -> Int {
        filter.withUnsafeBytes { buffer in
            keys.count { key in
                let block = SplitBlockFilter.blockIndex(of: key, blockCount: filter.count / 32)
                guard let start = buffer.baseAddress else { return false }
                return SplitBlockFilter.mayContain(key, in: start + block * 32)
            }
        }
    }

    @Test(arguments: [1, 7, 1_000, 20_000])
    func aKeyThatWasAddedIsNeverDenied(count: Int) {
        var random = SeededGenerator(seed: UInt64(count))
        let keys = (0..<count).map { _ in random.next() }
        #expect(Self.count(keys, in: Self.filter(keys)) == count)
    }

    @Test func atTenBitsAKeyOneAbsentKeyInSixtyOrFewerIsLetThrough() {
        var random = SeededGenerator(seed: 1)
        let keys = (0..<50_000).map { _ in random.next() }
        let absent = (0..<100_000).map { _ in random.next() }
        let passed = Self.count(absent, in: Self.filter(keys))
        #expect(passed < 100_000 / 60, "\(passed) of 100,000")
        // Not suspiciously few either: eight bits in 256, filled by 25.6 keys on average.
        #expect(passed > 100_000 / 200, "\(passed) of 100,000")
    }

    @Test func keysOfOneStreamNamesFamilyAreSpreadAsRandomOnesAre() {
        let names = (0..<60_000).map { "account-\($0)" }
        let keys = names.map { name in
            Array(name.utf8).withUnsafeBytes { StreamHash(of: $0).key }
        }
        let filter = Self.filter(Array(keys[..<20_000]))
        #expect(Self.count(Array(keys[..<20_000]), in: filter) == 20_000)
        #expect(Self.count(Array(keys[20_000...]), in: filter) < 40_000 / 60)
    }

    @Test func blocksAscendWithKeysAndStayBelowTheirCount() {
        var random = SeededGenerator(seed: 3)
        for count in [1, 2, 3, 1_000, 83_886_080] {
            let keys = ((0..<500).map { _ in random.next() } + [0, .max]).sorted()
            let blocks = keys.map { SplitBlockFilter.blockIndex(of: $0, blockCount: count) }
            #expect(blocks == blocks.sorted())
            #expect(blocks.allSatisfy { $0 >= 0 && $0 < count })
        }
    }
}
