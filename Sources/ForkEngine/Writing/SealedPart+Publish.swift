// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, writing. What a flush hands to the segment store.
import SegmentStore

/// A root made by a flush, and the objects that were there before (rule 9).
struct PublishedPart {
    let root: ManifestRoot?
    let reusedObjects: [ObjectID]
}

extension SealedPart {
    /// Builds the inherited events and the fork's own apart, each over what lies below. The bytes
    /// depend on the events and their places alone, so that siblings make the same objects.
    func publish(in store: Store) throws(ForkError) -> PublishedPart {
        var root = self.root.root
        var reused: [ObjectID] = []
        for part in [from..<max(from, min(base, to)), max(from, min(base, to))..<to]
        where !part.isEmpty {
            let published = try lifting { () throws(StorageError) in
                try tail.withEvents(part) { (events) throws(StorageError) in
                    try store.segments.publish(
                        events, onto: root, cut: part.lowerBound, floor: base,
                        overlays: spans.clamped(to: part).map { ($0.overlay, $0.positions) },
                        seed: store.record.seed)
                }
            }
            root = published.root
            reused.append(contentsOf: published.reusedObjects)
        }
        return PublishedPart(root: root, reusedObjects: reused)
    }
}
