// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. What making a root made.

/// A root that is durable with all it reaches.
package struct PublishedRoot: Sendable {
    package let root: ManifestRoot
    /// Objects that were written, in order.
    package let newObjects: [PublishedObject]
    /// Objects that were there before: their addresses are recorded as revived in the transaction
    /// that comes to name the root (rule 9).
    package let reusedObjects: [ObjectID]

    init(root: ManifestRoot, objects: [PublishedObject]) {
        self.root = root
        newObjects = objects.filter { !$0.wasReused }
        reusedObjects = objects.filter(\.wasReused).map(\.id)
    }
}
