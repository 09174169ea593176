// SPDX-License-Identifier: Apache-2.0
import ForkTesting
import SegmentStore
import Testing

@Suite("Segments of hostile bytes")
struct SegmentHostileBytesTests {
    let id: ObjectID
    let bytes: [UInt8]
    let pages: [[UInt8]]
    let whole: SmallSegment.Answers

    init() throws {
        let backend = MemoryObjectBackend()
        let store = ObjectFixture.store(backend)
        id = try SegmentFixture.build(
            SmallSegment.events, context: SmallSegment.context, in: store
        ).object.id
        bytes = try #require(backend[id])
        pages = try ObjectFixture.read(id, in: store)
        whole = try SmallSegment.answers(of: id, in: store)
        #expect(whole.events == SmallSegment.events)
    }

    /// What a segment of these bytes answers; nil where it reports damage.
    private func answers(_ bytes: [UInt8]) -> SmallSegment.Answers? {
        let backend = MemoryObjectBackend()
        backend[id] = bytes
        do throws(StorageError) {
            return try SmallSegment.answers(of: id, in: ObjectFixture.store(backend))
        } catch {
            #expect(error.isDamage && error.description.contains(id.path), "\(error)")
            return nil
        }
    }

    @Test("Invariant 6: every truncation of a segment is damage")
    func truncations() {
        for count in 0..<bytes.count { #expect(answers(Array(bytes[..<count])) == nil) }
    }

    @Test("Invariant 6: every flipped bit of a segment is damage, or changes no answer")
    func flips() {
        var undetected = 0
        for bit in 0..<(bytes.count * 8) {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << (bit % 8)
            if let answers = answers(flipped) {
                #expect(answers == whole)
                undetected += 1
            }
        }
        #expect(undetected == 16 * 8, "only those of the header, which nothing reads")
    }

    /// Writes pages that were changed under checksums that hold, as a forger would, and asks
    /// everything: any answer will do, and any damage, but no trap and no other error.
    private func askForged(_ pages: [[UInt8]]) throws {
        let store = ObjectFixture.store(MemoryObjectBackend())
        let forged = try ObjectFixture.write(pages, kind: .segment, compress: false, in: store).id
        do throws(StorageError) {
            _ = try SmallSegment.answers(of: forged, in: store)
            try Segment.open(store.open(forged)).verify()
        } catch {
            if case .newerFormat = error { return }
            #expect(error.isDamage, "\(error)")
        }
    }

    @Test("Every bit of every page changed under a checksum that holds: never a trap")
    func forgedBits() throws {
        for page in pages.indices {
            for bit in 0..<(pages[page].count * 8) {
                var forged = pages
                forged[page][bit / 8] ^= 1 << (bit % 8)
                try askForged(forged)
            }
        }
    }

    @Test("Every byte of every page set to its extremes, and every page cut: never a trap")
    func forgedBytes() throws {
        for page in pages.indices {
            for offset in pages[page].indices {
                for value in [0, 0x7f, 0xff] as [UInt8] {
                    var forged = pages
                    forged[page][offset] = value
                    try askForged(forged)
                }
                var wide = pages
                for place in offset..<min(offset + 8, pages[page].count) { wide[page][place] = 255 }
                try askForged(wide)
                if offset > 0 {
                    var cut = pages
                    cut[page] = Array(pages[page][..<offset])
                    try askForged(cut)
                }
            }
        }
    }

    @Test("Pages that are missing, doubled or swapped under a checksum that holds: never a trap")
    func forgedPages() throws {
        for page in pages.indices {
            var forged = pages
            forged.remove(at: page)
            try askForged(forged)
            forged = pages
            forged.insert(pages[page], at: page)
            try askForged(forged)
            for other in pages.indices where other != page {
                forged = pages
                forged.swapAt(page, other)
                try askForged(forged)
            }
        }
    }

    @Test("Invariant 6: totals that no history has are damage when the segment is opened")
    func impossibleTotals() throws {
        let footer = pages.count - 1
        typealias Change = (what: String, offset: Int, value: UInt64)
        let changes: [Change] = [
            ("bytes before", 64, .max), ("bytes before, above those after", 64, 1 << 40),
            ("latest time before, above that after", 72, UInt64(Int64.max)),
            ("streams before", 80, .max), ("streams before, above the events", 80, 4),
            ("bytes after", 88, .max), ("bytes after, above the most", 88, 1 << 63),
            ("streams after", 104, .max), ("streams after, more than it has", 104, 9),
            ("sequence of partition 0", 240, .max), ("sequence of partition 31", 240 + 31 * 8, 2),
        ]
        for change in changes {
            var forged = pages
            forged[footer].withUnsafeMutableBytes { bytes in
                bytes.storeBytes(
                    of: change.value.littleEndian, toByteOffset: change.offset, as: UInt64.self)
            }
            let store = ObjectFixture.store(MemoryObjectBackend())
            let id = try ObjectFixture.write(forged, kind: .segment, in: store).id
            do throws(StorageError) {
                _ = try Segment.open(store.open(id))
                Issue.record("\(change.what) is taken for true")
            } catch {
                #expect(error.isDamage, "\(error)")
            }
        }
    }

    @Test("Totals whose sums leave 64 bits, or that no history has, are refused by the builder")
    func impossibleContext() throws {
        let store = ObjectFixture.store(MemoryObjectBackend())
        var contexts: [SegmentContext] = []
        func change(_ body: (inout HistoryTotals) -> Void) {
            var context = SmallSegment.context
            body(&context.before)
            contexts.append(context)
        }
        change { $0.bytes = .max }
        change { $0.bytes = UInt64(Int64.max) }
        change { $0.streams = .max }
        change {
            $0.sequences[0] = .max; $0.sequences[1] = 1
        }
        change { $0.sequences.removeLast() }
        change { $0.types?[0].count = .max }
        change {
            $0.types?[0].count = .max; $0.types?[1].count = 4
        }
        change { $0.types?.reverse() }
        for context in contexts {
            #expect(throws: StorageError.self) {
                try SegmentFixture.build(SmallSegment.events, context: context, in: store)
            }
        }
    }

    @Test("A row that is out of range is damage, not a trap")
    func rows() throws {
        let backend = MemoryObjectBackend()
        backend[id] = bytes
        let segment = try Segment.open(ObjectFixture.store(backend).open(id))
        for row in [4, 5, UInt32.max] {
            #expect(throws: StorageError.self) { try segment.withEvent(row: row) { _ in } }
            #expect(throws: StorageError.self) { try segment.position(ofRow: row) }
        }
    }

    @Test("An object of another kind is no segment")
    func kind() throws {
        let store = ObjectFixture.store(MemoryObjectBackend())
        let run = try ObjectFixture.write(pages, kind: .run, in: store).id
        #expect(throws: StorageError.self) { try Segment.open(store.open(run)) }
    }

    @Test("A segment of a newer format says so")
    func newer() throws {
        var newer = pages
        newer[newer.count - 1][8] = 2
        let store = ObjectFixture.store(MemoryObjectBackend())
        let id = try ObjectFixture.write(newer, kind: .segment, in: store).id
        #expect(throws: StorageError.newerFormat(path: id.path, version: 2, supported: 1)) {
            try Segment.open(store.open(id))
        }
    }
}
