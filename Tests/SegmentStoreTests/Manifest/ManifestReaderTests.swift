// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import SegmentStore

@Suite("Manifest, its segments and runs")
struct ManifestReaderTests {
    private static func segment(_ first: UInt64, _ end: UInt64) -> SegmentEntry {
        SegmentEntry(
            first: Position(first), end: Position(end),
            address: ObjectAddress(high: first + 1, low: end), overlay: OverlayID(3),
            byteCount: 1_000 + first, bytesBefore: first * 100,
            latestTimeBefore: Timestamp(rawValue: -Int64(first)), streamsBefore: first / 2)
    }

    private static func run(_ first: UInt64, _ end: UInt64) -> RunEntry {
        RunEntry(
            first: Position(first), end: Position(end),
            address: ObjectAddress(high: end, low: first), streamCount: 5, byteCount: end,
            hasFilter: first > 0)
    }

    private static let bounds: [UInt64] = [0, 4, 9, 300, 70_000, 70_001, 90_000]
    private static let segments = zip(bounds, bounds.dropFirst()).map { segment($0, $1) }
    private static let runs = [run(0, 300), run(300, 70_001), run(70_001, 90_000)]

    private static func reader() throws -> ManifestReader {
        let empty = Manifest(store: MemoryNodeStore(), root: nil, limits: .tiny(3))
        let edits = runs.map(\.put) + segments.map(\.put)
        return ManifestReader(try empty.apply(edits).manifest)
    }

    private static let cuts: [UInt64] =
        (bounds + bounds.map { $0 + 1 } + bounds.map { $0 == 0 ? 2 : $0 - 1 }).filter {
            $0 <= 90_000
        }

    @Test("the bytes of entries are fixed, and what no entry can be is refused")
    func golden() {
        guard case .put(let key, let value) = Self.segment(0x0102, 0x0203).put else { return }
        #expect(key == [0x53, 0, 0, 0, 0, 0, 0, 1, 2])
        #expect(
            value == [
                0, 0, 0, 0, 0, 0, 1, 3, 0, 0, 0, 0, 0, 0, 2, 3,  //
                3, 2, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0xea, 4, 0, 0, 0, 0, 0, 0,  //
                0xc8, 0x64, 0, 0, 0, 0, 0, 0, 0xfe, 0xfe, 255, 255, 255, 255, 255, 255,  //
                0x81, 0, 0, 0, 0, 0, 0, 0,
            ])
        guard case .put(let runKey, let runValue) = Self.run(0, 7).put else { return }
        #expect(runKey == [0x52, 0, 0, 0, 0, 0, 0, 0, 0])
        #expect(
            runValue == [
                0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0,  //
                7, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0,  //
                0, 0, 0, 0, 0, 0, 0, 0,
            ])
        #expect(RunEntry(ManifestEntry(key: key, value: runValue)) == nil)
        #expect(SegmentEntry(ManifestEntry(key: runKey, value: value)) == nil)
    }

    @Test("every truncation and flipped bit of an entry is refused or is that other entry")
    func mutations() {
        guard case .put(let key, let value) = Self.segment(5, 9).put,
            case .put(let runKey, let runValue) = Self.run(5, 9).put
        else { return }
        func expectCanonical(_ entry: ManifestEntry) {
            if let segment = SegmentEntry(entry) {
                #expect(segment.put == .put(key: entry.key, value: entry.value))
            }
            if let run = RunEntry(entry) {
                #expect(run.put == .put(key: entry.key, value: entry.value))
            }
        }
        for (key, value) in [(key, value), (runKey, runValue)] {
            for count in 0..<value.count {
                let cut = ManifestEntry(key: key, value: Array(value[..<count]))
                #expect(SegmentEntry(cut) == nil && RunEntry(cut) == nil)
            }
            for bit in 0..<(8 * value.count) {
                var flipped = value
                flipped[bit / 8] ^= 1 << UInt8(bit % 8)
                expectCanonical(ManifestEntry(key: key, value: flipped))
            }
            for bit in 0..<(8 * key.count) {
                var flipped = key
                flipped[bit / 8] ^= 1 << UInt8(bit % 8)
                expectCanonical(ManifestEntry(key: flipped, value: value))
            }
        }
    }

    @Test("the segment that holds a position is found, and none at the end")
    func holding() throws {
        let reader = try Self.reader()
        #expect(try reader.end() == Position(90_000))
        for cut in Self.cuts {
            let expected = Self.segments.first { $0.range.contains(Position(cut)) }
            #expect(try reader.segment(holding: Position(cut)) == expected)
        }
        #expect(try reader.runs() == Self.runs.reversed())
        let empty = ManifestReader(store: MemoryNodeStore(), root: nil)
        #expect(try empty.end() == .zero)
        #expect(try empty.segment(holding: .zero) == nil)
        #expect(try empty.runs().isEmpty)
    }

    @Test("segments of every range are listed, both ways, and no others")
    func ranges() throws {
        let reader = try Self.reader()
        for from in Self.cuts {
            for to in Self.cuts where from <= to {
                let range = Position(from)..<Position(to)
                let expected = Self.segments.filter { $0.range.overlaps(range) }
                for reverse in [false, true] {
                    var listed: [SegmentEntry] = []
                    try reader.forEachSegment(in: range, reverse: reverse) {
                        (segment) throws(StorageError) in
                        listed.append(segment)
                        return true
                    }
                    #expect(listed == (reverse ? expected.reversed() : expected))
                }
            }
        }
    }

    /// A root of these segments and runs, whatever they say.
    private static func reader(
        segments: [SegmentEntry], runs: [RunEntry]
    ) throws -> ManifestReader {
        let empty = Manifest(store: MemoryNodeStore(), root: nil, limits: .tiny(3))
        return ManifestReader(try empty.apply(runs.map(\.put) + segments.map(\.put)).manifest)
    }

    private static func list(
        _ reader: ManifestReader, _ range: Range<UInt64>, reverse: Bool
    ) throws(StorageError) -> [SegmentEntry] {
        var listed: [SegmentEntry] = []
        try reader.forEachSegment(
            in: Position(range.lowerBound)..<Position(range.upperBound), reverse: reverse
        ) { (segment) throws(StorageError) in
            listed.append(segment)
            return true
        }
        return listed
    }

    @Test("Invariant 2: a gap or an overlap of segments is damage to every walk over it, both ways")
    func gaps() throws {
        let gaps: [[SegmentEntry]] = [
            [Self.segment(0, 10), Self.segment(20, 30)],
            [Self.segment(5, 10), Self.segment(10, 30)],
            [Self.segment(0, 15), Self.segment(10, 30)],
            [Self.segment(0, 4), Self.segment(4, 12), Self.segment(14, 22), Self.segment(22, 30)],
        ]
        // Which positions nobody holds, or two do.
        let holes: [Range<UInt64>] = [10..<20, 0..<5, 10..<15, 12..<14]
        for (segments, hole) in zip(gaps, holes) {
            let reader = try Self.reader(segments: segments, runs: [Self.run(0, 30)])
            for from in UInt64(0)..<30 {
                for to in (from + 1)...35 {
                    let asked = from..<min(to, 30)
                    let sound = segments.filter {
                        $0.range.overlaps(Position(asked.lowerBound)..<Position(asked.upperBound))
                    }
                    for reverse in [false, true] {
                        do throws(StorageError) {
                            let listed = try Self.list(reader, from..<to, reverse: reverse)
                            let isCovered =
                                listed == (reverse ? sound.reversed() : sound)
                                && !asked.overlaps(hole)
                            // Who asks for one side of an overlap alone gets the one segment.
                            let isOneOfTwo = hole == 10..<15 && listed.count == 1
                            #expect(isCovered || isOneOfTwo, "\(from)..<\(to) \(hole) \(reverse)")
                        } catch {
                            #expect(
                                error.isDamage
                                    && asked.overlaps(
                                        hole.lowerBound - min(1, hole.lowerBound)..<hole.upperBound
                                            + 1)
                            )
                        }
                    }
                }
            }
        }
    }

    @Test("A root whose runs and segments end apart is damage to a trim, not a trap")
    func trimOfRunsAboveSegments() throws {
        let segments = [Self.segment(0, 10)]
        for runEnd in [5, 20] as [UInt64] {
            let reader = try Self.reader(segments: segments, runs: [Self.run(0, runEnd)])
            for cut in [0, 3, 7, 12, 25] as [UInt64] {
                #expect(throws: StorageError.self) { try reader.trim(at: Position(cut)) }
            }
        }
    }

    @Test("a trim at every cut keeps just what is below it, and the old root everything")
    func trims() throws {
        let reader = try Self.reader()
        for cut in Self.cuts {
            let edits = try reader.trim(at: Position(cut))
            let trimmed = ManifestReader(try reader.manifest.apply(edits).manifest)
            _ = try trimmed.manifest.checkInvariants()
            #expect(try trimmed.end() == Position(cut))
            #expect((trimmed.manifest.root == nil) == (cut == 0))
            var segments: [SegmentEntry] = []
            try trimmed.forEachSegment(in: .zero..<Position(90_000)) {
                (segment) throws(StorageError) in
                segments.append(segment)
                return true
            }
            let expected = Self.segments.filter { $0.first < Position(cut) }.map { segment in
                var segment = segment
                segment.end = min(segment.end, Position(cut))
                return segment
            }
            #expect(segments == expected)
            #expect(try trimmed.runs().allSatisfy { $0.end <= Position(cut) })
            #expect(try trimmed.runs().first?.end == expected.last?.end)
        }
        #expect(try reader.trim(at: Position(90_000)).isEmpty)
        #expect(try reader.trim(at: Position(100_000)).isEmpty)
        #expect(try reader.end() == Position(90_000))
    }
}
