// SPDX-License-Identifier: Apache-2.0
// Streams sorted by name, out of stores that keep them in another order, in bounded memory.
import ForkTesting
import SegmentStore
import Testing

@testable import ForkEngine

@Suite struct StreamListingTests {
    @Test func aWindowHoldsTwiceItsLimitsAtMost() throws {
        var generator = SeededGenerator(seed: 8)
        let names = (0..<5_000).map { _ in "stream-\(generator.next() % 100_000)" }
        let sorted = Set(names).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        for limits in [
            StreamWindow.Limits(count: 1, byteCount: 1_000),
            StreamWindow.Limits(count: 100, byteCount: 1_000_000),
            StreamWindow.Limits(count: 1_000_000, byteCount: 300),
        ] {
            for floor in [nil, sorted[2_000], sorted[sorted.count - 1]] {
                var window = StreamWindow(after: floor.map { Array($0.utf8) }, limits: limits)
                var most = 0
                for name in Set(names) {
                    name.utf8CString.withUnsafeBytes { bytes in
                        window.add(
                            .init(rebasing: bytes.dropLast()), partition: Partition(0),
                            eventCount: 1)
                    }
                    most = max(most, window.count)
                }
                window.shrink()
                #expect(most <= 2 * limits.count && most <= 2 * limits.byteCount / 8)
                var kept: [String] = []
                _ = try window.forEach { (stream) throws(ForkError) in
                    kept.append(stream.name)
                    return true
                }
                let expected = sorted.filter { name in
                    floor.map { $0.utf8.lexicographicallyPrecedes(name.utf8) } ?? true
                }
                #expect(kept == Array(expected.prefix(kept.count)))
                #expect(window.isCut == (kept.count < expected.count))
                #expect(kept.isEmpty == expected.isEmpty)
            }
        }
    }

    @Test func aListingIsTheSameInAnyNumberOfParts() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let writer = try process.store.openWriter(.main)
        // Some streams are flushed, some are not, some are both.
        try writer.appendMany(0..<400, streamCount: 150, prefix: "s")
        try writer.flush()
        try writer.appendMany(100..<130, streamCount: 400, prefix: "s")
        try writer.appendMany(0..<90, streamCount: 90, prefix: "tail-")
        let view = try #require(try writer.view())
        func listed(
            _ prefix: String = "", after: String? = nil, limit: Int = .max, in count: Int
        ) throws -> [StreamSummary] {
            var streams: [StreamSummary] = []
            try view.forEachStream(
                prefix: prefix, after: after, limit: limit,
                in: StreamWindow.Limits(count: count, byteCount: 1 << 20)
            ) { (stream) throws(ForkError) in
                streams.append(stream)
                return true
            }
            return streams
        }
        let all = try view.streams()
        #expect(all.count == 240)
        #expect(
            all.map(\.name)
                == all.map(\.name).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        #expect(all.reduce(0) { $0 + $1.eventCount } == 520)
        for count in [1, 7, 239, 240, 241] {
            #expect(try listed(in: count) == all, "\(count) at a time")
            let some = all.filter { $0.name.hasPrefix("s1") }
            #expect(try listed("s1", in: count) == some)
            #expect(
                try listed("s1", after: "s13", limit: 5, in: count)
                    == Array(some.filter { $0.name > "s13" }.prefix(5)))
            #expect(try listed("none", in: count).isEmpty)
            #expect(try listed(after: "zzz", in: count).isEmpty)
        }
        var seen = 0
        try view.forEachStream { (_) throws(ForkError) in
            seen += 1
            return seen < 3
        }
        #expect(seen == 3)
        withExtendedLifetime(writer) {}
    }
}
