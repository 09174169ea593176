// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, verifying. Files that the catalog cannot have forgotten by itself. Overlays and
// journals are named by a commit that is durable before their first file is made (rule 5), and their
// numbers only grow: a file with a number that the catalog has not come to means that the catalog has
// lost commits. What they named looks like garbage then, and must not be taken for it.
package import SegmentStore

extension Store {
    /// Of journals that were listed before, those that the catalog has not come to. O(forks) rows.
    func journalsAheadOfCatalog(
        _ journals: [JournalID]
    ) throws(ForkError) -> [JournalID] {
        if journals.isEmpty { return [] }
        let overlays = Set(journals.map(\.overlay))
        var next: UInt64 = 0
        var live: [OverlayID: UInt32] = [:]
        try catalog.read { catalog throws(ForkError) in
            next = try catalog.counted().nextOverlay
            try catalog.forEachFork(from: .main) { row throws(ForkError) in
                if overlays.contains(row.liveJournal.overlay) {
                    live[row.liveJournal.overlay] = row.liveJournal.number
                }
                return true
            }
        }
        return journals.filter { journal in
            journal.overlay.rawValue >= next
                || live[journal.overlay].map { journal.number > $0 } ?? false
        }
    }

    /// Of objects that were listed before and that nothing reaches, segments with events of overlays
    /// that the catalog has not come to. One footer each.
    func segmentsAheadOfCatalog(
        _ objects: [ObjectID]
    ) throws(ForkError) -> [(segment: ObjectID, overlay: OverlayID)] {
        let next = OverlayID(
            try catalog.read { catalog throws(ForkError) in
                try catalog.counted().nextOverlay
            })
        var found: [(ObjectID, OverlayID)] = []
        for object in objects where object.kind == .segment {
            let last = try overlayRanges(of: object).map(\.overlay).max()
            if let last, last >= next { found.append((object, last)) }
        }
        return found
    }

    /// The events that a segment holds; none where it cannot be read, and so has no say.
    package func overlayRanges(of segment: ObjectID) throws(ForkError) -> [OverlayRange] {
        try lifting { () throws(StorageError) in
            do throws(StorageError) {
                guard case .events(let ranges) = try segments.content(of: segment) else {
                    return []
                }
                return ranges
            } catch {
                guard error.isDamage || error.isNotFound else { throw error }
                return []
            }
        }
    }

    /// Throws where there is a journal already of an overlay that is just being made.
    func requireUnused(_ overlay: OverlayID) throws(ForkError) {
        let journal = JournalID(overlay: overlay, number: 0)
        guard try !hasStarted(journal) else { throw ForkError(Self.lostCommits(journal.path)) }
    }

    /// What is to be said of a file that the catalog has not come to.
    static func lostCommits(_ path: String) -> StorageError {
        .damaged(
            .init(
                path: path, offset: nil,
                reason: "the catalog has not come to it, and so has lost its last commits: forks"
                    + " may be missing; put back the store's catalog and catalog-wal, or repair"))
    }
}
