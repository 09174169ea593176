// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, writing. Whose segments a child takes over instead of writing its
// inheritance again.
import SegmentStore

/// A root that holds, below `cut`, what a fork inherited and has not flushed: an ancestor's.
///
/// It is a root of collections only as long as the ancestor's row names it. Who takes from it
/// reads it under the publish lock, and checks the generation in the transaction that names
/// what was taken (rule 8).
struct Donor: Sendable {
    let fork: ForkID
    let generation: UInt64
    let root: ManifestRoot
    let cut: Position

    /// Whether the ancestor's row still is what it was when it was read.
    func isUnmoved(in catalog: any CatalogReading) throws(ForkError) -> Bool {
        try catalog.fork(fork)?.generation == generation
    }
}

extension CatalogReading {
    /// The ancestor that has flushed most of what `row` inherited above its own root; nil where
    /// none has any of it. O(ancestors whose own events are among those).
    func donor(for row: ForkRow) throws(ForkError) -> Donor? {
        let inherited = Ownership(overlay: row.snapshot.overlay, head: row.base)
        var best: Donor?
        var ancestorID = row.parent
        while let id = ancestorID, let ancestor = try fork(id) {
            let flushed = Ownership(
                overlay: ancestor.snapshot.overlay, head: ancestor.snapshot.rootEnd)
            let cut = try commonPosition(flushed, inherited)
            if let root = ancestor.snapshot.root,
                cut > max(row.snapshot.rootEnd, best?.cut ?? .zero)
            {
                best = Donor(
                    fork: id, generation: ancestor.generation, root: root, cut: cut)
            }
            // What lies above has no more of it than this one inherited.
            if ancestor.base <= row.snapshot.rootEnd || cut == row.base { break }
            ancestorID = ancestor.parent
        }
        return best
    }
}
