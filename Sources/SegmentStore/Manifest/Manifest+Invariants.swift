// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, manifest. The whole tree, checked: for tests and for verify.

/// What a walk over a whole tree saw.
package struct ManifestCensus: Sendable, Equatable {
    package var entryCount = 0
    package var nodeCount = 0
    /// Live nodes by bundle.
    package var bundles: [ObjectAddress: Int] = [:]
}

extension Manifest {
    /// Reads every node and checks every invariant named in `Manifest.swift`. O(nodes).
    /// Throws `.damaged` naming the first node that breaks one.
    package func checkInvariants() throws(StorageError) -> ManifestCensus {
        var census = ManifestCensus()
        guard let top = try topNode() else { return census }
        guard top.height == 0 || top.count > 1 else {
            throw .damaged(top.reference, "a root with one child")
        }
        try check(top, below: nil, isTop: true, &census)
        return census
    }

    /// - Parameter limit: what every key of this subtree is below.
    private func check(
        _ node: ManifestNode, below limit: [UInt8]?, isTop: Bool,
        _ census: inout ManifestCensus
    ) throws(StorageError) {
        census.nodeCount += 1
        census.bundles[node.reference.object, default: 0] += 1
        if let limit, !node.key(node.count - 1).sortsBefore(limit) {
            throw .damaged(node.reference, "its last key is not below the next node's")
        }
        let weight = (0..<node.count).reduce(0) {
            $0 + limits.weight(key: node.key($1).count, value: node.value($1).count)
        }
        guard isTop || weight >= NodeLimits.weightMin, weight <= NodeLimits.capacity else {
            throw .damaged(node.reference, "filled to \(weight) of \(NodeLimits.capacity)")
        }
        if node.height == 0 {
            census.entryCount += node.count
            return
        }
        for index in 0..<node.count {
            let childLimit = index + 1 < node.count ? node.key(index + 1) : limit
            try check(
                try store.child(of: node, at: index), below: childLimit, isTop: false, &census)
        }
    }
}
