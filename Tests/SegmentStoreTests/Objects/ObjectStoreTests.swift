// SPDX-License-Identifier: Apache-2.0
import ForkTesting
import SegmentStore
import Testing

@Suite("Objects on disk")
struct ObjectStoreTests {
    let pages = [
        ObjectFixture.compressible, ObjectFixture.random(3000), [1],
        ObjectFixture.random(40_000, seed: 2),
    ]

    @Test("Pages read back as they were appended, and the address is the hash of the file")
    func roundTrip() throws {
        let (folder, backend) = try ObjectFixture.disk()
        let store = ObjectFixture.store(backend)
        let object = try ObjectFixture.write(pages, kind: .segment, in: store)
        #expect(!object.wasReused)
        #expect(try ObjectFixture.read(object.id, in: store) == pages)
        let bytes = try ObjectFixture.readFile(object.id.path, in: folder)
        #expect(UInt64(bytes.count) == object.byteCount)
        #expect(bytes.withUnsafeBytes { ObjectAddress(of: $0) } == object.id.address)
        #expect(bytes.count < pages.joined().count, "the first page compresses")
        try store.open(object.id).verify()
        #expect(try store.list(ObjectFolder(of: object.id.address)).objects == [object.id])
        #expect(try store.byteCount(of: object.id) == object.byteCount)
    }

    @Test("An object of more pages than the first read covers opens too")
    func manyPages() throws {
        let store = ObjectFixture.store(MemoryObjectBackend())
        let many = (0..<1000).map { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        let object = try ObjectFixture.write(many, in: store)
        #expect(try ObjectFixture.read(object.id, in: store) == many)
    }

    @Test("A page of 17 MiB is written and read; one byte more is refused")
    func pageLimit() throws {
        let store = ObjectFixture.store(MemoryObjectBackend())
        let largest = [UInt8](repeating: 1, count: ObjectFormat.pageByteCountMax)
        let object = try ObjectFixture.write([largest], in: store)
        #expect(try ObjectFixture.read(object.id, in: store) == [largest])
        #expect(throws: StorageError.self) {
            try ObjectFixture.write([largest + [1]], in: store)
        }
        #expect(throws: StorageError.self) {
            try store.open(object.id).page(0, role: .block, byteCountMax: 32 << 10)
        }
    }

    @Test("Rule 9: the same bytes twice are one object, reused")
    func reuse() throws {
        let (folder, backend) = try ObjectFixture.disk()
        let store = ObjectFixture.store(backend)
        let first = try ObjectFixture.write(pages, in: store)
        let second = try ObjectFixture.write(pages, in: store)
        #expect(second.id == first.id)
        #expect(second.wasReused && !first.wasReused)
        let listing = try backend.list(ObjectFolder(of: first.id.address))
        #expect(listing == ObjectListing(objects: [first.id]))
        #expect(try folder.fileSystem.status(first.id.path)?.byteCount == first.byteCount)
    }

    @Test(
        "A damaged object is replaced when its bytes are written again",
        arguments: [0, 20, 5000], [false, true])
    func replacement(offset: Int, hasLeftover: Bool) throws {
        let (folder, backend) = try ObjectFixture.disk()
        let store = ObjectFixture.store(backend)
        let object = try ObjectFixture.write(pages, in: store)
        var bytes = try ObjectFixture.readFile(object.id.path, in: folder)
        let whole = bytes
        if offset == 20 { bytes.removeLast(30) } else { bytes[offset] ^= 1 }
        try ObjectFixture.writeFile(bytes, at: object.id.path, in: folder)
        if hasLeftover {
            try ObjectFixture.writeFile([1], at: object.id.path + ".replacement", in: folder)
        }
        let again = try ObjectFixture.write(pages, in: store)
        // A collector may have listed the damaged one: the name counts as reused (rule 9).
        #expect(again.wasReused)
        #expect(try ObjectFixture.readFile(object.id.path, in: folder) == whole)
        #expect(
            try backend.list(ObjectFolder(of: object.id.address))
                == ObjectListing(objects: [object.id]))
    }

    @Test("A reader that is open sees the replacement of its damaged object")
    func replacementUnderReader() throws {
        let (folder, backend) = try ObjectFixture.disk()
        let store = ObjectFixture.store(backend)
        let object = try ObjectFixture.write(pages, in: store)
        var bytes = try ObjectFixture.readFile(object.id.path, in: folder)
        bytes[16] ^= 1
        try ObjectFixture.writeFile(bytes, at: object.id.path, in: folder)
        let reader = try store.open(object.id)
        #expect(throws: StorageError.self) { try reader.page(0, role: .node) }
        #expect(throws: StorageError.self) { try reader.verify() }
        _ = try ObjectFixture.write(pages, in: store)
        #expect(try reader.page(0, role: .node).withBytes { Array($0) } == pages[0])
    }

    @Test("Other bytes at the same address are an error, and nothing is replaced")
    func collision() throws {
        let (folder, backend) = try ObjectFixture.disk()
        let object = try ObjectFixture.write(pages, in: ObjectFixture.store(backend))
        let before = try ObjectFixture.readFile(object.id.path, in: folder)
        let upload = try backend.makeUpload()
        try [UInt8(1), 2, 3].withUnsafeBytes { try upload.append($0) }
        let error = try #require(throws: StorageError.self) { try upload.publish(as: object.id) }
        #expect(error.description.contains("same XXH3-128"))
        #expect(try ObjectFixture.readFile(object.id.path, in: folder) == before)
    }

    @Test("Invariant 10: a missing object is damage that names it")
    func missing() throws {
        let store = ObjectFixture.store(MemoryObjectBackend())
        let id = ObjectID(address: ObjectAddress(high: 1, low: 2), kind: .run)
        let error = try #require(throws: StorageError.self) { try store.open(id) }
        #expect(error.isDamage && error.description.contains(id.path))
        #expect(error.description.contains("missing"))
    }

    @Test("An object that is dropped before it is finished leaves nothing")
    func dropped() throws {
        let (folder, backend) = try ObjectFixture.disk()
        let store = ObjectFixture.store(backend)
        do {
            var writer = try store.makeWriter(.run)
            _ = try pages[3].withUnsafeBytes { try writer.appendPage($0) }
        }
        for folder in ObjectFolder.all { #expect(try store.list(folder) == ObjectListing()) }
        #expect(try folder.fileSystem.list("objects").count == 256)
    }

    @Test("Removing says whether there was something; what is not ours is listed as foreign")
    func removing() throws {
        let (folder, backend) = try ObjectFixture.disk()
        let store = ObjectFixture.store(backend)
        let object = try ObjectFixture.write(pages, in: store)
        let place = ObjectFolder(of: object.id.address)
        try ObjectFixture.writeFile([1], at: place.path + "/notes.txt", in: folder)
        try ObjectFixture.writeFile([1], at: object.id.path + ".replacement", in: folder)
        var listing = try store.list(place)
        #expect(listing.foreign == [place.path + "/notes.txt"])
        #expect(listing.leftovers == [object.id.path + ".replacement"])
        try backend.removeLeftover(object.id.path + ".replacement")
        #expect(try store.remove(object.id))
        #expect(try !store.remove(object.id))
        #expect(throws: StorageError.self) { try store.open(object.id) }
        listing = try store.list(place)
        #expect(listing.objects.isEmpty && listing.leftovers.isEmpty)
    }

    @Test("docs/format/objects.md draws what ObjectFormat draws")
    func drawing() throws {
        try FormatDrawing.expectEqual(
            source: "Objects/ObjectFormat.swift", page: "objects.md")
    }
}
