// SPDX-License-Identifier: Apache-2.0
import ForkTesting
import Testing

@testable import SegmentStore

@Suite("Manifest nodes, their bytes")
struct ManifestNodeTests {
    private static let leafReference = NodeReference(
        object: ObjectAddress(high: 1, low: 2), page: 0)
    private static let innerReference = NodeReference(
        object: ObjectAddress(high: 1, low: 2), page: 5)

    private static let leaf = ManifestNodeFormat.encode(
        height: 0, entries: [([0x41], [1, 2]), ([0x41, 0x42], []), ([0x43], [3])])

    private static let inner: [UInt8] = {
        var own: [UInt8] = []
        NodeReference(object: .thisObject, page: 3).encode(into: &own)
        var other: [UInt8] = []
        NodeReference(
            object: ObjectAddress(high: 0x0102_0304_0506_0708, low: 0x090a_0b0c_0d0e_0f10), page: 9
        ).encode(into: &other)
        return ManifestNodeFormat.encode(
            height: 1, entries: [([0x41], own), ([0x61, 0x62], other)])
    }()

    @Test("the bytes of a leaf and of an inner node are fixed")
    func golden() {
        #expect(
            Self.leaf == [
                0, 0, 3, 0, 27, 0, 0, 0,  //
                21, 0, 23, 0, 25, 0, 25, 0, 26, 0, 27, 0,  //
                0x41, 1, 2, 0x41, 0x42, 0x43, 3,
            ])
        #expect(
            Self.inner == [
                1, 0, 2, 0, 59, 0, 0, 0,  //
                17, 0, 37, 0, 39, 0, 59, 0,  //
                0x41, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0,  //
                0x61, 0x62, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 9, 0, 0, 0,
            ])
    }

    @Test("the bytes of a root are fixed, and only they are a root")
    func goldenRoot() throws {
        let root = ManifestRoot(
            node: NodeReference(
                object: ObjectAddress(high: 0x0102_0304_0506_0708, low: 0x090a_0b0c_0d0e_0f10),
                page: 0x0a0b), height: 2)
        let bytes: [UInt8] = [
            1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 0x0b, 0x0a, 0, 0, 2, 0, 0, 0,
        ]
        #expect(root.encoded == bytes)
        #expect(ManifestRoot(decoding: bytes) == root)
        for count in 0..<bytes.count {
            #expect(ManifestRoot(decoding: Array(bytes[..<count])) == nil)
        }
        #expect(ManifestRoot(decoding: bytes + [0]) == nil)
        for bit in 0..<(8 * bytes.count) {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            let decoded = ManifestRoot(decoding: flipped)
            #expect(decoded != root)
            if let decoded { #expect(decoded.encoded == flipped) }
        }
    }

    @Test("a node reads back what was encoded, its own address resolved")
    func roundTrip() throws {
        let leaf = try ManifestNode(decoding: Self.leaf, at: Self.leafReference)
        #expect(leaf.height == 0 && leaf.count == 3)
        #expect(leaf.entry(0) == ManifestEntry(key: [0x41], value: [1, 2]))
        #expect(leaf.entry(1) == ManifestEntry(key: [0x41, 0x42], value: []))
        #expect(
            leaf.lowerBound([0x42] as [UInt8]) == 2
                && leaf.upperBound([0x41, 0x42] as [UInt8]) == 2)
        let inner = try ManifestNode(decoding: Self.inner, at: Self.innerReference)
        #expect(inner.child(0) == NodeReference(object: Self.innerReference.object, page: 3))
        #expect(inner.child(1).page == 9)
    }

    @Test("every truncation is damage; every flipped bit is, or is another node's own encoding")
    func mutations() throws {
        for (bytes, reference) in [
            (Self.leaf, Self.leafReference), (Self.inner, Self.innerReference),
        ] {
            for count in 0..<bytes.count {
                #expect(throws: StorageError.self) {
                    try ManifestNode(decoding: Array(bytes[..<count]), at: reference)
                }
            }
            #expect(throws: StorageError.self) {
                try ManifestNode(decoding: bytes + [0], at: reference)
            }
            for bit in 0..<(8 * bytes.count) {
                var flipped = bytes
                flipped[bit / 8] ^= 1 << UInt8(bit % 8)
                guard let node = try? ManifestNode(decoding: flipped, at: reference) else {
                    continue
                }
                #expect(Self.encodedAgain(node) == flipped, "one list of entries, one encoding")
            }
        }
    }

    @Test("random bytes and random changes never trap, and what is accepted encodes back")
    func hostileBytes() {
        var random = SeededGenerator(seed: 11)
        for round in 0..<20_000 {
            var bytes = round % 2 == 0 ? Self.leaf : Self.inner
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                bytes[index] = UInt8.random(in: 0...255, using: &random)
            }
            if Int.random(in: 0..<4, using: &random) == 0 {
                bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
            }
            guard let node = try? ManifestNode(decoding: bytes, at: Self.innerReference) else {
                continue
            }
            #expect(Self.encodedAgain(node) == bytes)
        }
    }

    private static func encodedAgain(_ node: ManifestNode) -> [UInt8] {
        ManifestNodeFormat.encode(
            height: node.height,
            entries: (0..<node.count).map { (node.key($0), node.value($0)) })
    }

    @Test("a child that is no earlier page of its own object is damage: no circle can be written")
    func circles() {
        for page: UInt32 in [5, 6, .max] {
            var own: [UInt8] = []
            NodeReference(object: .thisObject, page: page).encode(into: &own)
            let bytes = ManifestNodeFormat.encode(height: 1, entries: [([1], own), ([2], own)])
            #expect(throws: StorageError.self) {
                try ManifestNode(decoding: bytes, at: Self.innerReference)
            }
        }
    }

    @Test("a child of another height, with another first key or beyond its bound is damage")
    func liesOfParents() throws {
        let store = MemoryNodeStore()
        func tree(_ height: Int, first: UInt8, next: UInt8) throws -> Manifest {
            let leaf = ManifestNodeFormat.encode(height: 0, entries: [([2], []), ([5], [])])
            let last = ManifestNodeFormat.encode(height: 0, entries: [([8], [])])
            var references: [[UInt8]] = []
            for page: UInt32 in [0, 1] {
                var bytes: [UInt8] = []
                NodeReference(object: .thisObject, page: page).encode(into: &bytes)
                references.append(bytes)
            }
            let top = ManifestNodeFormat.encode(
                height: height, entries: [([first], references[0]), ([next], references[1])])
            let bundle = try store.publish([leaf, last, top])
            let node = NodeReference(object: bundle.id.address, page: 2)
            return Manifest(store: store, root: ManifestRoot(node: node, height: UInt8(height)))
        }
        #expect(try tree(1, first: 2, next: 8).allEntries().count == 3)
        for (height, first, next) in [(2, 2, 8), (1, 1, 8), (1, 2, 5), (1, 2, 4), (1, 2, 9)] {
            let lying = try tree(height, first: UInt8(first), next: UInt8(next))
            #expect(throws: StorageError.self) { try lying.allEntries() }
        }
        let good = try tree(1, first: 2, next: 8)
        let root = try #require(good.root)
        let tooHigh = Manifest(store: store, root: ManifestRoot(node: root.node, height: 3))
        #expect(throws: StorageError.self) { try tooHigh.lookup([2]) }
        store.remove(root.node.object)
        #expect(throws: StorageError.self) { try good.lookup([2]) }
    }
}
