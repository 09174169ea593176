// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, manifest. Where nodes are kept: the seam between the tree and the objects.

/// Reads nodes, and publishes the new nodes of a commit as the pages of one immutable object
/// (a bundle). Thread-safe.
package protocol NodeStore: AnyObject, Sendable {
    /// Reads and checks one node. Throws `.damaged` where it, or its object, is absent or bad.
    func node(at reference: NodeReference) throws(StorageError) -> ManifestNode

    /// The number of nodes in a bundle.
    func nodeCount(of bundle: ObjectAddress) throws(StorageError) -> Int

    /// Writes encoded nodes as the pages of one bundle, in this order; durable on return, also where
    /// the bundle was there already.
    func publish(_ nodes: [[UInt8]]) throws(StorageError) -> PublishedObject
}
