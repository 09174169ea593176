// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, scrubbing. What there is to read, in the order in which it is read: objects by their
// addresses, then journals. A place of that order is where a scrub goes on (ScrubState).
import SegmentStore

/// A file that a scrub reads.
enum ScrubPlace: Hashable, Comparable {
    case object(ObjectID)
    case journal(JournalID)
}

/// What forks reach now, as far as it can be read. Memory: 80 bytes a file.
struct ScrubReach {
    private var objects: Set<ObjectID> = []
    private var byteEnds: [JournalID: UInt64] = [:]

    /// O(all forks, and the nodes of all their roots).
    init(of store: Store) throws(ForkError) {
        var roots = CollectionRoots()
        try store.catalog.read { catalog throws(ForkError) in
            try catalog.forEachFork(from: .main) { row throws(ForkError) in
                // What a live writer has acknowledged is below the end of its word (rule 2). Where
                // that does not tell, it is starting, or died: who opens the fork reads it all.
                roots.add(try store.headSnapshot(of: row, recovered: nil) ?? row.snapshot)
                return true
            }
        }
        for root in roots.manifests {
            // A root that cannot be walked is told by the damage of its nodes.
            let survey = try lifting { () throws(StorageError) in try store.segments.survey(root) }
            objects.formUnion(survey.objects)
        }
        byteEnds = roots.journals.filter { $0.value > 0 }
    }

    /// Every place, from `first` on, in order.
    func places(from first: ScrubPlace?) -> [ScrubPlace] {
        let all = objects.map { ScrubPlace.object($0) } + byteEnds.keys.map { .journal($0) }
        guard let first else { return all.sorted() }
        return all.filter { $0 >= first }.sorted()
    }

    /// How many bytes of a journal count.
    func byteEnd(of journal: JournalID) -> UInt64 { byteEnds[journal] ?? 0 }

    func contains(_ place: ScrubPlace) -> Bool {
        switch place {
        case .object(let object): objects.contains(object)
        case .journal(let journal): byteEnds[journal] != nil
        }
    }
}
