// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, manifest. One decoded node: it exists only if every check of the format
// passed, so that its readers need none (invariant 6).

/// An immutable node of the tree, with its own copy of the page's bytes.
package struct ManifestNode: Sendable {
    package let reference: NodeReference
    package let height: Int
    package let count: Int
    let bytes: [UInt8]

    /// Checks all of `bytes`; O(bytes). Throws `.damaged` naming the object and the page.
    package init(decoding bytes: [UInt8], at reference: NodeReference) throws(StorageError) {
        let fault = bytes.withUnsafeBytes {
            ManifestNodeFormat.fault(in: $0, page: reference.page)
        }
        if let fault { throw .damaged(reference, fault) }
        self.reference = reference
        self.bytes = bytes
        height = Int(bytes[ManifestNodeFormat.heightOffset])
        count = Int(bytes.littleEndian16(at: ManifestNodeFormat.countOffset))
    }

    package func key(_ index: Int) -> ArraySlice<UInt8> {
        let range = bytes.withUnsafeBytes { keyRange(index, in: $0) }
        return bytes[range]
    }

    package func value(_ index: Int) -> ArraySlice<UInt8> {
        let start = bytes.withUnsafeBytes { keyRange(index, in: $0).upperBound }
        return bytes[start..<valueEnd(index)]
    }

    package func entry(_ index: Int) -> ManifestEntry {
        ManifestEntry(key: Array(key(index)), value: Array(value(index)))
    }

    /// The child of an inner node, with "this object" resolved.
    func child(_ index: Int) -> NodeReference {
        guard var child = NodeReference(decoding: value(index)) else {
            preconditionFailure("the values of an inner node were checked when it was decoded")
        }
        if child.object == .thisObject { child.object = reference.object }
        return child
    }

    /// The number of keys below `key`: where it stands, or would. O(log count).
    func lowerBound(_ key: ArraySlice<UInt8>) -> Int {
        bound(key, isUpper: false)
    }

    /// The number of keys that are `key` or below it. O(log count).
    func upperBound(_ key: ArraySlice<UInt8>) -> Int {
        bound(key, isUpper: true)
    }

    private func bound(_ key: ArraySlice<UInt8>, isUpper: Bool) -> Int {
        key.withUnsafeBytes { key in
            bytes.withUnsafeBytes { bytes in
                var low = 0
                var high = count
                while low < high {
                    let middle = (low + high) / 2
                    let range = keyRange(middle, in: bytes)
                    let order = ByteOrder.compare(bytes.slice(range.lowerBound, range.count), key)
                    if order < 0 || (isUpper && order == 0) {
                        low = middle + 1
                    } else {
                        high = middle
                    }
                }
                return low
            }
        }
    }

    private func keyRange(_ index: Int, in bytes: UnsafeRawBufferPointer) -> Range<Int> {
        let slot = ManifestNodeFormat.headerByteCount + ManifestNodeFormat.slotByteCount * index
        // A key begins where the value before it ends, the first where the slots end.
        let start =
            index == 0
            ? ManifestNodeFormat.headerByteCount + ManifestNodeFormat.slotByteCount * count
            : Int(bytes.uint16(at: slot - 2))
        return start..<Int(bytes.uint16(at: slot))
    }

    private func valueEnd(_ index: Int) -> Int {
        Int(
            bytes.littleEndian16(
                at: ManifestNodeFormat.headerByteCount + ManifestNodeFormat.slotByteCount * index
                    + 2))
    }
}

/// A key and its value.
package struct ManifestEntry: Hashable, Sendable {
    package var key: [UInt8]
    package var value: [UInt8]

    package init(key: [UInt8], value: [UInt8]) {
        self.key = key
        self.value = value
    }
}

extension StorageError {
    /// Damage in a node of a `nodes` object.
    static func damaged(_ reference: NodeReference, _ reason: String) -> StorageError {
        .damaged(
            Damage(
                path: ObjectID(address: reference.object, kind: .nodes).path, offset: nil,
                reason: "node \(reference.page): \(reason)"))
    }
}
