// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, manifest. The tree while a commit changes it: an arena of new nodes over
// stored ones. Nothing is written before the whole draft is right.

/// A child is stored already, or new in this commit.
enum DraftChild: Equatable {
    case stored(NodeReference)
    case draft(Int)
}

/// An entry of a new node: a leaf's value, or an inner node's child under the child's first key.
struct DraftEntry {
    enum Payload {
        case value([UInt8])
        case child(DraftChild)
    }

    var key: [UInt8]
    var payload: Payload
}

struct DraftNode {
    var height: Int
    var entries: [DraftEntry]
}

/// A child with its height.
struct DraftTop {
    var child: DraftChild
    var height: Int
}

/// Node for node, a draft takes over stored nodes (`load`), changes them, and joins and splits
/// them until the tree's invariants hold again.
struct ManifestDraft {
    let store: any NodeStore
    let limits: NodeLimits
    /// New nodes by index; those that were joined away stay here, unreachable.
    var nodes: [DraftNode] = []
    /// Stored nodes that the new tree no longer holds.
    var retired: [NodeReference] = []
    var top: DraftTop?

    init(of manifest: Manifest) {
        store = manifest.store
        limits = manifest.limits
        top = manifest.root.map {
            DraftTop(child: .stored($0.node), height: Int($0.height))
        }
    }

    mutating func add(_ node: DraftNode) -> Int {
        nodes.append(node)
        return nodes.count - 1
    }

    /// The stored node as entries, which the draft now owns.
    mutating func take(_ node: ManifestNode) -> [DraftEntry] {
        retired.append(node.reference)
        return Self.entries(of: node)
    }

    static func entries(of node: ManifestNode) -> [DraftEntry] {
        (0..<node.count).map { index in
            DraftEntry(
                key: node.key(index),
                payload: node.height == 0
                    ? .value(node.value(index))
                    : .child(.stored(node.child(index))))
        }
    }

    /// Reads a stored node that must have this height.
    func read(
        _ reference: NodeReference, height: Int
    ) throws(StorageError) -> ManifestNode {
        let node = try store.node(at: reference)
        guard node.height == height else {
            throw .damaged(reference, "height \(node.height), not \(height)")
        }
        return node
    }

    /// The index of `child` as a draft node, copied from the store where it was not yet one.
    mutating func load(_ child: DraftChild, height: Int) throws(StorageError) -> Int {
        switch child {
        case .draft(let index): return index
        case .stored(let reference):
            let node = try read(reference, height: height)
            return add(DraftNode(height: height, entries: take(node)))
        }
    }

    // MARK: Weights

    func weight(_ entry: DraftEntry) -> Int {
        switch entry.payload {
        case .value(let value): limits.weight(key: entry.key.count, value: value.count)
        case .child:
            limits.weight(key: entry.key.count, value: ManifestRootFormat.referenceByteCount)
        }
    }

    func weight(_ entries: some Sequence<DraftEntry>) -> Int {
        entries.reduce(0) { $0 + weight($1) }
    }

    /// Makes as few new nodes as hold `entries`, about equally full, and returns their entries
    /// for the level above: none, one or many.
    mutating func partition(_ entries: [DraftEntry], height: Int) -> [DraftEntry] {
        if entries.isEmpty { return [] }
        let total = weight(entries)
        var nodeCount = (total + NodeLimits.capacity - 1) / NodeLimits.capacity
        var parts = split(entries, total: total, into: nodeCount)
        while parts.contains(where: { weight($0) > NodeLimits.capacity }) {
            nodeCount += 1
            parts = split(entries, total: total, into: nodeCount)
        }
        return parts.map { part in
            let index = add(DraftNode(height: height, entries: Array(part)))
            return DraftEntry(key: nodes[index].entries[0].key, payload: .child(.draft(index)))
        }
    }

    /// Cuts where the running weight passes each `nodeCount`-th of the total: an entry goes to
    /// the part in which its middle lies. Parts are never empty.
    private func split(
        _ entries: [DraftEntry], total: Int, into nodeCount: Int
    ) -> [ArraySlice<DraftEntry>] {
        var parts: [ArraySlice<DraftEntry>] = []
        var start = 0
        var before = 0
        for (index, entry) in entries.enumerated() {
            let weight = weight(entry)
            // Both sides twice over, so that the middle is a whole number.
            let middle = 2 * before + weight
            if index > start, middle * nodeCount >= 2 * total * (parts.count + 1) {
                parts.append(entries[start..<index])
                start = index
            }
            before += weight
        }
        parts.append(entries[start...])
        return parts
    }
}
