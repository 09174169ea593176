// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. What an object holds by its own word, whoever reaches it: for
// telling of what nothing reaches.

/// What one object says of itself.
package enum ObjectContent: Hashable, Sendable {
    /// Events, by the overlays that they were appended to.
    case events([OverlayRange])
    /// What an index run or manifest nodes name, sorted: segments, runs, and other nodes.
    case names([ObjectID])
}

extension SegmentStore {
    /// Reads what an object holds: a footer, a table of segments, or all of its nodes.
    ///
    /// Throws `.damaged` where it cannot be read, or is missing.
    package func content(of object: ObjectID) throws(StorageError) -> ObjectContent {
        let reader = try objects.open(object)
        switch object.kind {
        case .segment:
            return .events(try Segment.open(reader).overlays)
        case .run:
            let segments = try IndexRun(reader).segments
            return .names(
                segments.map { ObjectID(address: $0.address, kind: .segment) }.sorted())
        case .nodes:
            var names: Set<ObjectID> = []
            for page in 0..<reader.pageCount {
                let reference = NodeReference(object: object.address, page: UInt32(page))
                let node = try nodes.node(at: reference)
                for index in 0..<node.count {
                    if let name = node.object(index), name != object { names.insert(name) }
                }
            }
            return .names(names.sorted())
        }
    }
}

extension ManifestNode {
    /// The object that entry or child `index` names; nil for an entry that is neither segment nor
    /// run.
    fileprivate func object(_ index: Int) -> ObjectID? {
        guard height == 0 else {
            return ObjectID(address: child(index).object, kind: .nodes)
        }
        let entry = entry(index)
        return SegmentEntry(entry)?.object ?? RunEntry(entry)?.object
    }
}
