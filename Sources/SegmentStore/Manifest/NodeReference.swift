// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, manifest. Names one node, and one whole tree.

/// Where a node lies: a page of a `nodes` object.
package struct NodeReference: Hashable, Comparable, Sendable {
    package var object: ObjectAddress
    package var page: UInt32

    package init(object: ObjectAddress, page: UInt32) {
        self.object = object
        self.page = page
    }

    package static func < (left: NodeReference, right: NodeReference) -> Bool {
        (left.object, left.page) < (right.object, right.page)
    }
}

/// The address of a manifest's top node: everything flushed. Where nothing is flushed there is no
/// root: an empty manifest is `nil`, never a node without entries.
///
/// A root names an immutable tree for ever (invariant 5); two equal roots hold the same entries.
package struct ManifestRoot: Hashable, Sendable {
    package var node: NodeReference
    /// The levels below the top node: 0 where it is a leaf, at most `heightMax`.
    package var height: UInt8

    /// 15 levels of nodes with two children each outgrow any store that fits a disk.
    package static let heightMax = 15

    package init(node: NodeReference, height: UInt8) {
        self.node = node
        self.height = height
    }
}
