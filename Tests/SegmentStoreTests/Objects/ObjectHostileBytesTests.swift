// SPDX-License-Identifier: Apache-2.0
import ForkTesting
import SegmentStore
import Testing

@Suite("Objects of hostile bytes")
struct ObjectHostileBytesTests {
    let pages = [[UInt8](repeating: 3, count: 64), ObjectFixture.random(50), [9]]

    /// Reads everything; nil where damage is reported, which must name the object.
    private func answer(_ bytes: [UInt8], at id: ObjectID) throws -> [[UInt8]]? {
        let backend = MemoryObjectBackend()
        backend[id] = bytes
        do throws(StorageError) {
            return try ObjectFixture.read(id, in: ObjectFixture.store(backend))
        } catch {
            #expect(error.isDamage && error.description.contains(id.path), "\(error)")
            return nil
        }
    }

    private func whole() throws -> (ObjectID, [UInt8]) {
        let backend = MemoryObjectBackend()
        let id = try ObjectFixture.write(pages, in: ObjectFixture.store(backend)).id
        return (id, try #require(backend[id]))
    }

    @Test("Invariant 6: every truncation is damage")
    func truncations() throws {
        let (id, bytes) = try whole()
        #expect(try answer(bytes, at: id) == pages)
        for count in 0..<bytes.count {
            #expect(try answer(Array(bytes[..<count]), at: id) == nil)
            #expect(try answer(Array(bytes[count...]) + [0], at: id) == nil)
        }
    }

    @Test("Invariant 6: every flipped bit is damage, or is in the header, which only verify reads")
    func flips() throws {
        let (id, bytes) = try whole()
        for bit in 0..<(bytes.count * 8) {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << (bit % 8)
            let answer = try answer(flipped, at: id)
            #expect(answer == (bit < 16 * 8 ? pages : nil))
            let backend = MemoryObjectBackend()
            backend[id] = flipped
            let store = ObjectFixture.store(backend)
            #expect(throws: StorageError.self) { try store.open(id).verify() }
        }
    }

    @Test("A page that does not exist is damage, not a trap")
    func pageOutOfRange() throws {
        let store = ObjectFixture.store(MemoryObjectBackend())
        let reader = try store.open(ObjectFixture.write(pages, in: store).id)
        for index in [-1, 3, Int(UInt32.max), .max, .min] {
            #expect(throws: StorageError.self) { try reader.page(index, role: .node) }
            #expect(reader.rawByteCount(ofPage: index) == 0)
        }
    }

    @Test("Bytes of another object, or of none, at an address are damage")
    func nonsense() throws {
        let (id, bytes) = try whole()
        let other = ObjectID(address: id.address, kind: .segment)
        #expect(try answer(bytes, at: other) == nil, "the kind differs")
        for count in [0, 1, 63, 64, 96, 97, 5000] {
            #expect(try answer([UInt8](repeating: 0, count: count), at: id) == nil)
            #expect(try answer(ObjectFixture.random(count), at: id) == nil)
        }
    }
}
