// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, manifest. One node: it exists only if every check of the format passed, so
// that its readers need none (invariant 6).

/// An immutable node of the tree, read in place: it keeps its page alive, and copies nothing.
package struct ManifestNode: Sendable {
    package let reference: NodeReference
    package let height: Int
    package let count: Int
    private let page: Page

    /// Checks all of the page's bytes the first time, O(bytes), and marks the page: while it stays
    /// cached it is not checked again. Throws `.damaged` naming the object and the page.
    init(_ page: Page, at reference: NodeReference) throws(StorageError) {
        let isNode = page.isNode
        (height, count) = try page.withBytes { (bytes) throws(StorageError) in
            if !isNode, let fault = ManifestNodeFormat.fault(in: bytes, page: reference.page) {
                throw .damaged(reference, fault)
            }
            return (
                Int(bytes[ManifestNodeFormat.heightOffset]),
                Int(bytes.uint16(at: ManifestNodeFormat.countOffset))
            )
        }
        if !isNode { page.markAsNode() }
        self.reference = reference
        self.page = page
    }

    package func key(_ index: Int) -> [UInt8] {
        page.withBytes { Array($0.slice(keyRange(index, in: $0))) }
    }

    package func value(_ index: Int) -> [UInt8] {
        page.withBytes { Array($0.slice(valueRange(index, in: $0))) }
    }

    package func entry(_ index: Int) -> ManifestEntry {
        ManifestEntry(key: key(index), value: value(index))
    }

    /// The child of an inner node, with "this object" resolved.
    func child(_ index: Int) -> NodeReference {
        page.withBytes { bytes in
            // The values of an inner node were found to be references when the page was checked.
            var child = NodeReference(bytes, at: valueRange(index, in: bytes).lowerBound)
            if child.object == .thisObject { child.object = reference.object }
            return child
        }
    }

    /// Negative, zero or positive as key `index` sorts before, equal to or after `key`.
    func compareKey(_ index: Int, to key: some ContiguousBytesArray) -> Int {
        page.withBytes { bytes in
            key.withUnsafeBytes {
                ByteOrder.compare(bytes.slice(keyRange(index, in: bytes)), $0)
            }
        }
    }

    /// The same for a key of another node.
    func compareKey(_ index: Int, toKey otherIndex: Int, of other: ManifestNode) -> Int {
        page.withBytes { bytes in
            other.page.withBytes { otherBytes in
                ByteOrder.compare(
                    bytes.slice(keyRange(index, in: bytes)),
                    otherBytes.slice(other.keyRange(otherIndex, in: otherBytes)))
            }
        }
    }

    /// The number of keys below `key`: where it stands, or would. O(log count).
    func lowerBound(_ key: some ContiguousBytesArray) -> Int {
        bound(key, isUpper: false)
    }

    /// The number of keys that are `key` or below it. O(log count).
    func upperBound(_ key: some ContiguousBytesArray) -> Int {
        bound(key, isUpper: true)
    }

    private func bound(_ key: some ContiguousBytesArray, isUpper: Bool) -> Int {
        page.withBytes { bytes in
            key.withUnsafeBytes { key in
                var low = 0
                var high = count
                while low < high {
                    let middle = (low + high) / 2
                    let order = ByteOrder.compare(bytes.slice(keyRange(middle, in: bytes)), key)
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

    @inline(__always)
    private func keyRange(_ index: Int, in bytes: UnsafeRawBufferPointer) -> Range<Int> {
        precondition(index >= 0 && index < count)
        let slot = ManifestNodeFormat.headerByteCount + ManifestNodeFormat.slotByteCount * index
        // A key begins where the value before it ends, the first where the slots end.
        let start =
            index == 0
            ? ManifestNodeFormat.headerByteCount + ManifestNodeFormat.slotByteCount * count
            : Int(bytes.uint16(at: slot - 2))
        return start..<Int(bytes.uint16(at: slot))
    }

    @inline(__always)
    private func valueRange(_ index: Int, in bytes: UnsafeRawBufferPointer) -> Range<Int> {
        precondition(index >= 0 && index < count)
        let slot = ManifestNodeFormat.headerByteCount + ManifestNodeFormat.slotByteCount * index
        return Int(bytes.uint16(at: slot))..<Int(bytes.uint16(at: slot + 2))
    }
}

extension UnsafeRawBufferPointer {
    @inline(__always)
    fileprivate func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        slice(range.lowerBound, range.count)
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
