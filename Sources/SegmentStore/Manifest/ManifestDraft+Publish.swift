// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, manifest. Writes a draft's new nodes, children before parents.

extension ManifestDraft {
    /// Publishes the new nodes in bundles of bounded size; returns the root and the bundles, both
    /// in the order they were written. A tree that has no new node writes nothing.
    func publish() throws(StorageError) -> (
        root: ManifestRoot?, bundles: [PublishedObject], nodeCount: Int
    ) {
        guard let top else { return (nil, [], 0) }
        guard case .draft(let topNode) = top.child else {
            return (Self.root(top.child, height: top.height, places: [:]), [], 0)
        }
        var order: [Int] = []
        appendChildrenFirst(topNode, to: &order)
        var places: [Int: NodeReference] = [:]
        var bundles: [PublishedObject] = []
        for start in stride(from: 0, to: order.count, by: limits.bundleNodeCountMax) {
            let bundleNodes = order[start..<min(start + limits.bundleNodeCountMax, order.count)]
            for (page, node) in bundleNodes.enumerated() {
                places[node] = NodeReference(object: .thisObject, page: UInt32(page))
            }
            let bundle = try store.publish(bundleNodes.map { encode(nodes[$0], places) })
            for node in bundleNodes {
                places[node]?.object = bundle.id.address
            }
            bundles.append(bundle)
        }
        let root = Self.root(top.child, height: top.height, places: places)
        return (root, bundles, order.count)
    }

    private static func root(
        _ child: DraftChild, height: Int, places: [Int: NodeReference]
    ) -> ManifestRoot {
        ManifestRoot(node: reference(to: child, places), height: UInt8(height))
    }

    private static func reference(
        to child: DraftChild, _ places: [Int: NodeReference]
    ) -> NodeReference {
        switch child {
        case .stored(let reference): return reference
        case .draft(let index):
            guard let place = places[index] else {
                preconditionFailure("children are placed before their parents")
            }
            return place
        }
    }

    private func appendChildrenFirst(_ index: Int, to order: inout [Int]) {
        for entry in nodes[index].entries {
            if case .child(.draft(let child)) = entry.payload {
                appendChildrenFirst(child, to: &order)
            }
        }
        order.append(index)
    }

    private func encode(_ node: DraftNode, _ places: [Int: NodeReference]) -> [UInt8] {
        ManifestNodeFormat.encode(
            height: node.height,
            entries: node.entries.map { entry in
                switch entry.payload {
                case .value(let value): return (entry.key, value)
                case .child(let child):
                    var bytes: [UInt8] = []
                    Self.reference(to: child, places).encode(into: &bytes)
                    return (entry.key, bytes)
                }
            })
    }
}
