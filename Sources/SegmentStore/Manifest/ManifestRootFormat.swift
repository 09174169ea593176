// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, manifest. How a root is written wherever a root is kept.
//
// Integers are little-endian, the address is big-endian, as it is printed.
// docs/format/manifest.md carries the same drawing.
//
// DRAWING root
//   byte   0       1       2       3       4       5       6       7
//        +-------+-------+-------+-------+-------+-------+-------+-------+
//      0 | address of the object that holds the top node,                |
//      8 | big-endian                                                    |
//     16 | page                          | height| zero                  |
//        +-------+-------+-------+-------+-------+-------+-------+-------+
//
//   The first 20 bytes are a node reference, as inner nodes hold for their children.
// END DRAWING

package enum ManifestRootFormat {
    static let pageOffset = 16
    static let heightOffset = 20
    static let referenceByteCount = 20
    package static let byteCount = 24
}

extension NodeReference {
    /// The 20 bytes of `ManifestRootFormat`.
    func encode(into bytes: inout [UInt8]) {
        object.encode(into: &bytes)
        bytes.appendLittleEndian(page)
    }

    /// Reads 20 bytes at `offset`; the caller has checked that they lie within.
    init(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        object = ObjectAddress(bytes, at: offset)
        page = bytes.uint32(at: offset + ManifestRootFormat.pageOffset)
    }

    /// Decodes the 20 bytes at the start of `bytes`; nil where there are fewer.
    init?(decoding bytes: ArraySlice<UInt8>) {
        guard bytes.count >= ManifestRootFormat.referenceByteCount else { return nil }
        let start = bytes.startIndex
        object = ObjectAddress(bytes, at: start)
        page = bytes.littleEndian32(at: start + ManifestRootFormat.pageOffset)
    }
}

extension ManifestRoot {
    /// The 24 bytes of `ManifestRootFormat`.
    package var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(ManifestRootFormat.byteCount)
        node.encode(into: &bytes)
        bytes.append(height)
        bytes.append(contentsOf: [0, 0, 0])
        return bytes
    }

    /// Decodes exactly 24 bytes; nil where they are not a root (another length, a height out of
    /// bounds, bytes that must be zero).
    package init?(decoding bytes: [UInt8]) {
        guard bytes.count == ManifestRootFormat.byteCount,
            let node = NodeReference(decoding: bytes[...]),
            bytes[ManifestRootFormat.heightOffset] <= Self.heightMax,
            bytes[(ManifestRootFormat.heightOffset + 1)...].allSatisfy({ $0 == 0 })
        else { return nil }
        self.init(node: node, height: bytes[ManifestRootFormat.heightOffset])
    }
}
