// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, manifest. The persistent tree: a root and where its nodes are.
//
// Invariants, checked by `Manifest+Invariants.swift`:
// - all leaves are at the same depth; the height of a child is one below its parent's, so a walk
//   down ends whatever the bytes say;
// - the key of a child reference is the first key in that child; keys ascend over the whole tree;
// - every node but the root is at least 40 % full; the root of an inner tree has two children.

/// An ordered map of byte keys to byte values that never changes: `apply` makes another, sharing
/// all the nodes that it did not touch. Old roots stay readable as long as their objects are kept.
package struct Manifest: Sendable {
    package let store: any NodeStore
    /// Nil where the map is empty.
    package let root: ManifestRoot?
    package let limits: NodeLimits

    package init(store: any NodeStore, root: ManifestRoot?, limits: NodeLimits = .standard) {
        self.store = store
        self.root = root
        self.limits = limits
    }

    /// The value of `key`. O(height) nodes.
    package func lookup(_ key: [UInt8]) throws(StorageError) -> [UInt8]? {
        guard let (node, index) = try floorPlace(key), node.compareKey(index, to: key) == 0
        else { return nil }
        return node.value(index)
    }

    /// The last entry whose key is `key` or below it. O(height) nodes.
    package func floor(_ key: [UInt8]) throws(StorageError) -> ManifestEntry? {
        try floorPlace(key).map { $0.node.entry($0.index) }
    }

    /// The leaf that holds the last key at `key` or below it, and where.
    private func floorPlace(
        _ key: [UInt8]
    ) throws(StorageError) -> (node: ManifestNode, index: Int)? {
        guard var node = try topNode() else { return nil }
        while true {
            // Separators are first keys: if any key in a subtree is at or below, the first is.
            let index = node.upperBound(key) - 1
            if index < 0 { return nil }
            if node.height == 0 { return (node, index) }
            node = try store.child(of: node, at: index)
        }
    }

    /// The first entry whose key is `key` or above it. O(height) nodes.
    package func ceiling(_ key: [UInt8]) throws(StorageError) -> ManifestEntry? {
        var cursor = try cursor(before: key)
        return try cursor.next()
    }

    /// A cursor in the gap before the first key that is `key` or above it. O(height) nodes.
    package func cursor(before key: [UInt8]) throws(StorageError) -> ManifestCursor {
        var cursor = ManifestCursor(store: store)
        guard let top = try topNode() else { return cursor }
        try cursor.descend(from: top, before: key)
        return cursor
    }

    /// A cursor after the last entry. O(height) nodes.
    package func cursorAtEnd() throws(StorageError) -> ManifestCursor {
        var cursor = ManifestCursor(store: store)
        guard let top = try topNode() else { return cursor }
        try cursor.descendToEnd(from: top)
        return cursor
    }

    /// Calls `body` with each entry whose key is at or above `from` and below `to`, ascending,
    /// until it returns false.
    package func forEach(
        from: [UInt8], to: [UInt8]?,
        _ body: (ManifestEntry) throws(StorageError) -> Bool
    ) throws(StorageError) {
        var cursor = try cursor(before: from)
        while let entry = try cursor.next() {
            if let to, !entry.key.sortsBefore(to) { return }
            if try !body(entry) { return }
        }
    }

    func topNode() throws(StorageError) -> ManifestNode? {
        guard let root else { return nil }
        let node = try store.node(at: root.node)
        guard node.height == Int(root.height) else {
            throw .damaged(root.node, "height \(node.height), and the root says \(root.height)")
        }
        return node
    }
}

extension NodeStore {
    /// The child of an inner node, checked against what its parent says of it.
    func child(of node: ManifestNode, at index: Int) throws(StorageError) -> ManifestNode {
        let child = try self.node(at: node.child(index))
        guard child.height == node.height - 1 else {
            throw .damaged(child.reference, "height \(child.height) below \(node.height)")
        }
        guard child.compareKey(0, toKey: index, of: node) == 0 else {
            throw .damaged(child.reference, "its first key is not its parent's")
        }
        if index + 1 < node.count {
            guard child.compareKey(child.count - 1, toKey: index + 1, of: node) < 0 else {
                throw .damaged(child.reference, "its last key is not below the next node's")
            }
        }
        return child
    }
}
