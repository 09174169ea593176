// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, manifest. The bytes of one B-tree node: a page of a `nodes` object.
//
// Integers are little-endian. docs/format/manifest.md carries the same drawing.
//
// DRAWING node
//   byte   0       1       2       3       4       5       6       7
//        +-------+-------+-------+-------+-------+-------+-------+-------+
//      0 | height| zero  | count n >= 1  | byte count of the node        |  header
//        +-------+-------+-------+-------+-------+-------+-------+-------+
//      8 | key end 0     | value end 0   | key end 1     | value end 1   |  slots,
//        ~                                                               ~  4 bytes an entry
//        +-------+-------+-------+-------+-------+-------+-------+-------+
//   8+4n | key 0, value 0, key 1, value 1, ... without padding           |  entries
//        ~                                                               ~
//        +-------+-------+-------+-------+-------+-------+-------+-------+
//
//   A node has at most 4,096 bytes. Ends count from its start: a key begins where the value before
//   it ends (the first at 8+4n), a value where its key ends, and the last value ends the node. So
//   one list of entries has one encoding. Keys are 1 to 64 bytes, strictly ascending in byte order.
//
//   Height 0 is a leaf: values are 0 to 256 bytes. Height h, at most 15, is an inner node: a value
//   is the 20-byte reference of a child of height h-1, and its key is that child's first key.
//
//   A reference whose address is all zeros means "this object", whose address is not known while
//   it is written. Such a child is an earlier page, children being written before their parents,
//   so no chain of references is a circle.
// END DRAWING

package enum ManifestNodeFormat {
    static let heightOffset = 0
    static let zeroOffset = 1
    static let countOffset = 2
    static let byteCountOffset = 4
    static let headerByteCount = 8
    static let slotByteCount = 4
    package static let byteCountMax = 4_096
    package static let keyByteCountMax = 64
    package static let valueByteCountMax = 256

    /// What one entry takes of a node: its slot, key and value.
    static func entryByteCount(key: Int, value: Int) -> Int { slotByteCount + key + value }

    /// Encodes a node from entries in order. The caller keeps the limits above: entries come
    /// from `Manifest.apply`, which checks them, or from decoded nodes.
    static func encode(height: Int, entries: [(key: [UInt8], value: [UInt8])]) -> [UInt8] {
        let slotsEnd = headerByteCount + slotByteCount * entries.count
        let byteCount = entries.reduce(slotsEnd) { $0 + $1.key.count + $1.value.count }
        precondition(!entries.isEmpty && byteCount <= byteCountMax, "a node must fit its page")
        var bytes: [UInt8] = []
        bytes.reserveCapacity(byteCount)
        bytes.append(UInt8(height))
        bytes.append(0)
        bytes.appendLittleEndian(UInt16(entries.count))
        bytes.appendLittleEndian(UInt32(byteCount))
        var end = slotsEnd
        for entry in entries {
            bytes.appendLittleEndian(UInt16(end + entry.key.count))
            end += entry.key.count + entry.value.count
            bytes.appendLittleEndian(UInt16(end))
        }
        for entry in entries {
            bytes.append(contentsOf: entry.key)
            bytes.append(contentsOf: entry.value)
        }
        return bytes
    }

    /// The first thing wrong with `bytes` as the node at `page`; nil where it is a node.
    /// O(bytes); reads nothing outside `bytes`.
    static func fault(in bytes: UnsafeRawBufferPointer, page: UInt32) -> String? {
        guard bytes.count >= headerByteCount, bytes.count <= byteCountMax else {
            return "a node of \(bytes.count) bytes"
        }
        let height = Int(bytes[heightOffset])
        let count = Int(bytes.uint16(at: countOffset))
        guard height <= ManifestRoot.heightMax, bytes[zeroOffset] == 0, count >= 1,
            bytes.uint32(at: byteCountOffset) == UInt32(bytes.count)
        else { return "header of a node" }
        var start = headerByteCount + slotByteCount * count
        guard start <= bytes.count else { return "\(count) entries do not fit" }
        var previousKey = bytes.slice(start, 0)
        for index in 0..<count {
            let slot = headerByteCount + slotByteCount * index
            let keyEnd = Int(bytes.uint16(at: slot))
            let valueEnd = Int(bytes.uint16(at: slot + 2))
            guard keyEnd > start, keyEnd - start <= keyByteCountMax, valueEnd >= keyEnd,
                valueEnd <= bytes.count
            else { return "bounds of entry \(index)" }
            let key = bytes.slice(start, keyEnd - start)
            // The empty bytes before the first key are below any key.
            guard ByteOrder.compare(previousKey, key) < 0 else { return "order of key \(index)" }
            let value = bytes.slice(keyEnd, valueEnd - keyEnd)
            let isGood =
                height == 0
                ? value.count <= valueByteCountMax : isReference(value, page: page)
            guard isGood else { return "value of entry \(index)" }
            previousKey = key
            start = valueEnd
        }
        return start == bytes.count ? nil : "bytes after the last entry"
    }

    private static func isReference(_ bytes: UnsafeRawBufferPointer, page: UInt32) -> Bool {
        guard bytes.count == ManifestRootFormat.referenceByteCount else { return false }
        let object = ObjectAddress(bytes, at: 0)
        return object != .thisObject || bytes.uint32(at: ManifestRootFormat.pageOffset) < page
    }
}

extension ObjectAddress {
    /// Stands in a node for the object that holds it.
    static let thisObject = ObjectAddress(high: 0, low: 0)
}
