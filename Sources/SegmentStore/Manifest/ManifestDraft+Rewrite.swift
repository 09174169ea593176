// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, manifest. Empties bundles that are less than half live, so that what a root
// keeps on disk stays within a factor of what it reaches.
//
// A bundle becomes less live only where a commit retires one of its nodes. So a commit looks just
// at the bundles of the nodes that it retires: each of their nodes is sought in the new tree by
// its height and first key. Where fewer than half are found, those are copied into this commit's
// bundle, with the path above them. That retires more nodes, whose bundles are looked at in turn,
// each once, until the commit's allowance of examined nodes is used up.

extension ManifestDraft {
    /// Copies the live nodes of sparse bundles into the draft; returns how many nodes it copied.
    mutating func rewriteSparseBundles() throws(StorageError) -> Int {
        let nodeCountBefore = nodes.count
        var examined: Set<ObjectAddress> = []
        var allowance = limits.rewriteExaminedNodeCountMax
        var seen = 0
        while seen < retired.count {
            // Sorted, so that the bytes of the root depend on nothing but the edits.
            let round = Set(retired[seen...].map(\.object)).subtracting(examined).sorted()
            seen = retired.count
            for bundle in round {
                examined.insert(bundle)
                let nodeCount = try store.nodeCount(of: bundle)
                allowance -= nodeCount
                if allowance < 0 { return nodes.count - nodeCountBefore }
                let live = try liveNodes(of: bundle, nodeCount: nodeCount)
                if live.count * 2 >= nodeCount { continue }
                for node in live {
                    try copyPath(to: node)
                }
            }
        }
        return nodes.count - nodeCountBefore
    }

    /// The nodes of a bundle that the draft still holds.
    private func liveNodes(
        of bundle: ObjectAddress, nodeCount: Int
    ) throws(StorageError) -> [ManifestNode] {
        var live: [ManifestNode] = []
        for page in 0..<nodeCount {
            let reference = NodeReference(object: bundle, page: UInt32(page))
            let node = try store.node(at: reference)
            if try isLive(node) { live.append(node) }
        }
        return live
    }

    /// Whether the draft holds this stored node: only the path to its first key can.
    private func isLive(_ node: ManifestNode) throws(StorageError) -> Bool {
        guard var here = top, here.height >= node.height else { return false }
        while true {
            if here.height == node.height { return here.child == .stored(node.reference) }
            let next: DraftChild?
            switch here.child {
            case .draft(let index):
                next = Self.child(in: nodes[index].entries, holding: node.key(0))?.child
            case .stored(let reference):
                let stored = try read(reference, height: here.height)
                let index = stored.upperBound(node.key(0)) - 1
                next = index < 0 ? nil : .stored(stored.child(index))
            }
            guard let next else { return false }
            here = DraftTop(child: next, height: here.height - 1)
        }
    }

    /// Makes the path from the top to this stored node, and the node, new; nothing else changes.
    private mutating func copyPath(to node: ManifestNode) throws(StorageError) {
        guard let top else { return }
        var index = try load(top.child, height: top.height)
        self.top = DraftTop(child: .draft(index), height: top.height)
        var height = top.height
        while height > node.height {
            guard let place = Self.child(in: nodes[index].entries, holding: node.key(0)) else {
                return
            }
            height -= 1
            let below = try load(place.child, height: height)
            nodes[index].entries[place.index].payload = .child(.draft(below))
            index = below
        }
    }

    /// The last child whose first key is at or below `key`.
    private static func child(
        in entries: [DraftEntry], holding key: [UInt8]
    ) -> (index: Int, child: DraftChild)? {
        let index = entries.lastIndex { !key.sortsBefore($0.key) }
        guard let index, case .child(let child) = entries[index].payload else { return nil }
        return (index, child)
    }
}
