// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, manifest. Walks entries in order, both ways.

/// A place between two entries of an immutable tree. A step costs O(1) nodes amortised, and one
/// forward then one backward return the same entry.
package struct ManifestCursor: Sendable {
    /// A node on the path, and where the path goes on: the child taken, or in the leaf the number
    /// of entries before the cursor.
    private struct Step {
        var node: ManifestNode
        var index: Int
    }

    private let store: any NodeStore
    /// From the top to a leaf; empty for an empty tree.
    private var path: [Step] = []

    init(store: any NodeStore) {
        self.store = store
    }

    /// The entry after the cursor, which moves beyond it; nil at the end.
    package mutating func next() throws(StorageError) -> ManifestEntry? {
        guard let leaf = path.last else { return nil }
        if leaf.index == leaf.node.count {
            guard let level = path.dropLast().lastIndex(where: { $0.index + 1 < $0.node.count })
            else { return nil }
            try turn(at: level, to: path[level].index + 1, toEnd: false)
        }
        let index = path[path.count - 1].index
        path[path.count - 1].index = index + 1
        return path[path.count - 1].node.entry(index)
    }

    /// The entry before the cursor, which moves back over it; nil at the start.
    package mutating func previous() throws(StorageError) -> ManifestEntry? {
        guard let leaf = path.last else { return nil }
        if leaf.index == 0 {
            guard let level = path.dropLast().lastIndex(where: { $0.index > 0 })
            else { return nil }
            try turn(at: level, to: path[level].index - 1, toEnd: true)
        }
        let index = path[path.count - 1].index - 1
        path[path.count - 1].index = index
        return path[path.count - 1].node.entry(index)
    }

    /// Leaves the path at `level` for another child and goes down to one end of it. On an error
    /// the cursor is where it was.
    private mutating func turn(
        at level: Int, to index: Int, toEnd: Bool
    ) throws(StorageError) {
        var turned = self
        turned.path.removeSubrange((level + 1)...)
        turned.path[level].index = index
        let child = try store.child(of: path[level].node, at: index)
        if toEnd {
            try turned.descendToEnd(from: child)
        } else {
            try turned.descend(from: child, before: child.key(0))
        }
        self = turned
    }

    mutating func descend(
        from top: ManifestNode, before key: [UInt8]
    ) throws(StorageError) {
        var node = top
        while node.height > 0 {
            let index = max(0, node.upperBound(key) - 1)
            path.append(Step(node: node, index: index))
            node = try store.child(of: node, at: index)
        }
        path.append(Step(node: node, index: node.lowerBound(key)))
    }

    mutating func descendToEnd(from top: ManifestNode) throws(StorageError) {
        var node = top
        while node.height > 0 {
            path.append(Step(node: node, index: node.count - 1))
            node = try store.child(of: node, at: node.count - 1)
        }
        path.append(Step(node: node, index: node.count))
    }
}
