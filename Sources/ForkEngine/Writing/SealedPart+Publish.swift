// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, writing. What a flush hands to the segment store.
import SegmentStore

/// A root made by a flush, and the objects that were there before (rule 9).
struct PublishedPart {
    let root: ManifestRoot
    let reusedObjects: [ObjectID]
    /// All that was written for it, or was there already.
    let madeObjects: Set<ObjectID>

    fileprivate init(_ published: PublishedRoot, after earlier: PublishedPart? = nil) {
        root = published.root
        reusedObjects = (earlier?.reusedObjects ?? []) + published.reusedObjects
        madeObjects = (earlier?.madeObjects ?? []).union(published.reusedObjects)
            .union(published.newObjects.map(\.id))
    }
}

extension SealedPart {
    /// Builds the inherited events and the fork's own apart, each over what lies below; what
    /// `donor` has flushed is taken over instead. The bytes of what is built depend on the events
    /// and their places alone, so that siblings make the same objects.
    func publish(
        adopting donor: Donor?, in store: Store
    ) throws(ForkError) -> PublishedPart {
        let from = donor?.cut ?? from
        let root = donor?.root ?? self.root.root
        let middle = min(max(base, from), to)
        var done: PublishedPart?
        for part in [from..<middle, middle..<to] where !part.isEmpty {
            let published = try lifting { () throws(StorageError) in
                try tail.withEvents(part) { (events) throws(StorageError) in
                    try store.segments.publish(
                        events, onto: done?.root ?? root, cut: part.lowerBound, floor: base,
                        overlays: spans.clamped(to: part).map { ($0.overlay, $0.positions) },
                        seed: store.record.seed
                    ) { (object) throws(StorageError) in
                        try Quarantine(fileSystem: store.fileSystem).acknowledged()[object] != nil
                    }
                }
            }
            done = PublishedPart(published, after: done)
        }
        if let done { return done }
        guard let root else { preconditionFailure("a part without events has a donor") }
        return PublishedPart(
            try lifting { () throws(StorageError) in
                try store.segments.adopt(root, cut: to)
            })
    }
}
