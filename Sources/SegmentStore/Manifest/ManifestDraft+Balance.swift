// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, manifest. Joins nodes that became too small with a neighbour.

extension ManifestDraft {
    /// Makes every new node among `children`, all of one height and one parent, at least 40 %
    /// full, as far as there is a neighbour. Stored nodes are full enough by invariant.
    mutating func balance(
        _ children: inout [DraftEntry], height: Int
    ) throws(StorageError) {
        var index = 0
        while index < children.count, children.count > 1 {
            guard case .child(.draft(let node)) = children[index].payload,
                weight(nodes[node].entries) < NodeLimits.weightMin
            else {
                index += 1
                continue
            }
            let left = pairStart(index, in: children)
            let joined = try join(children[left], children[left + 1], height: height)
            children.replaceSubrange(left...(left + 1), with: joined)
            // One node may still be too small; two are both about half full or more.
            index = joined.count < 2 ? left : left + 2
        }
    }

    /// The first of the pair to join: with a neighbour that is new already, so as not to copy
    /// another stored node, else with the one before.
    private func pairStart(_ index: Int, in children: [DraftEntry]) -> Int {
        if index == 0 { return 0 }
        if index == children.count - 1 { return index - 1 }
        if case .child(.draft) = children[index - 1].payload { return index - 1 }
        if case .child(.draft) = children[index + 1].payload { return index }
        return index - 1
    }

    /// Joins two neighbours into one node, or two equal ones where one cannot hold both.
    private mutating func join(
        _ left: DraftEntry, _ right: DraftEntry, height: Int
    ) throws(StorageError) -> [DraftEntry] {
        guard case .child(let leftChild) = left.payload, case .child(let rightChild) = right.payload
        else { preconditionFailure("only children are joined") }
        let leftNode = try load(leftChild, height: height)
        let rightNode = try load(rightChild, height: height)
        var entries = nodes[leftNode].entries + nodes[rightNode].entries
        if height > 0 {
            // An only child that is too small finds its first neighbour here.
            try balance(&entries, height: height - 1)
        }
        return partition(entries, height: height)
    }
}
