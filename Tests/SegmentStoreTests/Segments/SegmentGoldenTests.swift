// SPDX-License-Identifier: Apache-2.0
// The bytes of format version 1, fixed by files: what was written once is read for ever.
import ForkTesting
import SegmentStore
import Testing

@Suite("Golden files of objects and segments")
struct SegmentGoldenTests {
    /// Puts a fixture where its address says it lies.
    private func fixture(
        _ name: String, kind: ObjectKind
    ) throws -> (ObjectID, MemoryObjectBackend) {
        let bytes = try Project.read("Tests/Fixtures/\(name)")
        let backend = MemoryObjectBackend()
        let id = ObjectID(
            address: bytes.withUnsafeBytes { ObjectAddress(of: $0) }, kind: kind)
        backend[id] = bytes
        return (id, backend)
    }

    @Test("An object of version 1 has these bytes, and is read for ever")
    func object() throws {
        let pages = [Array("The first page.".utf8), [0], Array("The last page.".utf8)]
        let (id, backend) = try fixture("object-1.bin", kind: .nodes)
        let store = ObjectFixture.store(backend)
        #expect(try ObjectFixture.read(id, in: store) == pages)
        try store.open(id).verify()
        let written = try ObjectFixture.write(pages, kind: .nodes, compress: false, in: store)
        #expect(written.id == id && written.wasReused)
    }

    @Test("A segment of version 1 has these pages, and is read for ever")
    func segment() throws {
        let (id, backend) = try fixture("segment-1.bin", kind: .segment)
        let store = ObjectFixture.store(backend)
        let segment = try Segment.open(store.open(id))
        try segment.verify()
        try segment.reader.verify()
        #expect(try SegmentFixture.scan(segment, 0..<100) == SmallSegment.events)
        #expect(segment.totalsBefore == SmallSegment.context.before)
        // Pages are compared raw: how far LZ4 gets may differ from one release of it to the next.
        let built = try SegmentFixture.build(
            SmallSegment.events, context: SmallSegment.context, in: store)
        #expect(
            try ObjectFixture.read(built.object.id, in: store)
                == ObjectFixture.read(id, in: store))
    }
}
