// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. What roots reach: the half of a collection that must not err.
//
// Rule 16: marking checks what it reads, and any fault is thrown, so that nothing is deleted on the
// strength of a tree that is not whole. Invariant 7 rests on this.

extension SegmentStore {
    /// Every object that the roots reach. A node that several roots share is visited once, so the
    /// cost is O(different nodes), one question for the length of each segment and run, the footer
    /// of each segment, and the table of segments of each run.
    ///
    /// Throws `.damaged` for a node or a table that does not verify, and for an object that is
    /// absent or of another length than its root says.
    ///
    /// `lost`: segments and runs that a repair could not bring back. They are reached, and nothing
    /// is asked of them.
    package func mark(
        _ roots: Set<ManifestRoot>, lost: Set<ObjectID> = []
    ) throws(StorageError) -> Set<ObjectID> {
        var marking = Marking(store: self, lost: lost)
        // Sorted, so that which of several faults is reported does not change between calls.
        for root in roots.sorted(by: { $0.node < $1.node }) { try marking.visit(root) }
        return marking.reached
    }
}

private struct Marking {
    let store: SegmentStore
    let lost: Set<ObjectID>
    var reached: Set<ObjectID> = []
    private var visited: Set<NodeReference> = []

    init(store: SegmentStore, lost: Set<ObjectID>) {
        self.store = store
        self.lost = lost
    }

    mutating func visit(_ root: ManifestRoot) throws(StorageError) {
        let manifest = Manifest(store: store.nodes, root: root)
        guard let top = try manifest.topNode() else { return }
        try visit(top)
    }

    private mutating func visit(_ node: ManifestNode) throws(StorageError) {
        guard visited.insert(node.reference).inserted else { return }
        let bundle = ObjectID(address: node.reference.object, kind: .nodes)
        try reach(bundle, byteCount: store.objects.open(bundle).byteCount)
        for index in 0..<node.count {
            if node.height == 0 {
                try visit(node.entry(index), of: node)
            } else if !visited.contains(node.child(index)) {
                try visit(try store.nodes.child(of: node, at: index))
            }
        }
    }

    private mutating func visit(
        _ entry: ManifestEntry, of node: ManifestNode
    ) throws(StorageError) {
        if let segment = SegmentEntry(entry) {
            if try reach(segment.object, byteCount: segment.byteCount) {
                _ = try store.segments.open(segment)
            }
        } else if let run = RunEntry(entry) {
            if try reach(run.object, byteCount: run.byteCount) {
                _ = try store.roots.run(run.address)
            }
        } else {
            throw .damaged(node.reference, "one of its entries is neither segment nor run")
        }
    }

    /// Returns whether the object was not reached before.
    @discardableResult
    private mutating func reach(
        _ object: ObjectID, byteCount: UInt64
    ) throws(StorageError) -> Bool {
        guard reached.insert(object).inserted, !lost.contains(object) else { return false }
        guard let found = try store.objects.byteCount(of: object) else {
            throw object.damage(at: nil, "it is missing")
        }
        guard found == byteCount else {
            throw object.damage(at: nil, "it has \(found) bytes, and should have \(byteCount)")
        }
        return true
    }
}
