// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, manifest. Nodes as the pages of `nodes` objects.

/// Keeps nodes in a store's objects: page by page, without a page about the object itself. The
/// envelope's checksum was verified before a node is checked (invariant 6), and a node is checked
/// once, when its page enters the cache.
package final class ObjectNodeStore: NodeStore {
    package let objects: ObjectStore

    package init(objects: ObjectStore) {
        self.objects = objects
    }

    package func node(at reference: NodeReference) throws(StorageError) -> ManifestNode {
        let page = try reader(reference.object).page(
            Int(reference.page), role: .node, byteCountMax: ManifestNodeFormat.byteCountMax)
        return try ManifestNode(page, at: reference)
    }

    package func nodeCount(of bundle: ObjectAddress) throws(StorageError) -> Int {
        try reader(bundle).pageCount
    }

    package func publish(_ nodes: [[UInt8]]) throws(StorageError) -> PublishedObject {
        var writer = try objects.makeWriter(.nodes)
        for node in nodes {
            // Arrays rethrow without a type, so the typed error leaves as a result.
            let appended = node.withUnsafeBytes { bytes in
                Result { () throws(StorageError) in try writer.appendPage(bytes) }
            }
            _ = try appended.get()
        }
        return try writer.finish()
    }

    private func reader(_ address: ObjectAddress) throws(StorageError) -> ObjectReader {
        try objects.open(ObjectID(address: address, kind: .nodes))
    }
}
