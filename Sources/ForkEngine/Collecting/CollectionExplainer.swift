// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, collecting. Finds out why nothing reaches a file, from what the file says of
// itself and from what the catalog still knows. A dry run alone asks: nothing is decided by it.
import SegmentStore

/// Explains the candidates of one dry run. Memory: 40 bytes an overlay that is still shown.
struct CollectionExplainer {
    let store: Store
    /// What stays.
    let reachable: Set<ObjectID>
    let overlays: ShownOverlays
    /// What expired forks alone reach, with the first of them.
    let expiredObjects: [ObjectID: String]
    let expiredJournals: [JournalID: String]
    private var known: [ObjectID: CollectionReason] = [:]

    /// Ranges of events that a sentence names at most.
    private static let rangeCountMax = 3

    typealias Answer = (reason: CollectionReason, explanation: String)

    init(
        store: Store, reachable: Set<ObjectID>, overlays: ShownOverlays,
        expiredObjects: [ObjectID: String], expiredJournals: [JournalID: String]
    ) {
        self.store = store
        self.reachable = reachable
        self.overlays = overlays
        self.expiredObjects = expiredObjects
        self.expiredJournals = expiredJournals
    }

    mutating func explain(
        _ object: ObjectID, _ catalog: any CatalogReading
    ) throws(ForkError) -> Answer {
        if let fork = expiredObjects[object] {
            return (.expired, "fork '\(fork)' is expired, and no other fork reaches it")
        }
        do throws(ForkError) {
            switch try content(of: object) {
            case .events(let ranges): return try explain(ranges, catalog)
            case .names(let names): return try explain(object.kind, naming: names, catalog)
            }
        } catch {
            guard error.code == .damaged else { throw error }
            let what = error.underlying.map { "\($0)" } ?? error.message
            return (.unreadable, "nothing reaches it, and it cannot be read: \(what)")
        }
    }

    func explain(_ journal: JournalID) -> Answer {
        if let fork = expiredJournals[journal] {
            return (.expired, "fork '\(fork)' is expired, and no other fork needs it")
        }
        let overlay = "overlay \(journal.overlay.rawValue)"
        guard overlays.rows[journal.overlay] != nil else {
            return (.dropped, "no fork shows \(overlay): those that did were dropped")
        }
        return (.flushed, "what forks show of \(overlay) is flushed, and no longer read from it")
    }

    private func content(of object: ObjectID) throws(ForkError) -> ObjectContent {
        try lifting { () throws(StorageError) in try store.segments.content(of: object) }
    }
}

// MARK: Segments

extension CollectionExplainer {
    private func explain(
        _ ranges: [OverlayRange], _ catalog: any CatalogReading
    ) throws(ForkError) -> Answer {
        var reason = CollectionReason.dropped
        var parts: [String] = []
        for range in ranges {
            let (found, part) = try explain(range, catalog)
            reason = reason.weighed(against: found)
            if parts.count < Self.rangeCountMax { parts.append(part) }
        }
        if ranges.count > parts.count { parts.append("and \(ranges.count - parts.count) more") }
        return (reason, "events " + parts.joined(separator: "; "))
    }

    private func explain(
        _ range: OverlayRange, _ catalog: any CatalogReading
    ) throws(ForkError) -> Answer {
        let name = "\(range.from)..<\(range.to) of overlay \(range.overlay.rawValue)"
        guard let row = overlays.rows[range.overlay] else {
            return (.dropped, "\(name), which no fork shows: those that did were dropped")
        }
        let branch = overlays.branchEnds[range.overlay] ?? .zero
        guard let owner = try catalog.fork(row.owner), owner.snapshot.overlay == range.overlay
        else {
            guard range.from < branch else {
                return (
                    .dropped,
                    "\(name), whose fork was dropped; others show it below \(branch) alone"
                )
            }
            return (.superseded, "\(name), which forks above it read from newer segments")
        }
        guard range.to <= owner.snapshot.rootEnd else {
            return (
                .uncommitted,
                "\(name), of which fork '\(owner.name)' has flushed what lies below"
                    + " \(owner.snapshot.rootEnd): a flush was cut short, or a fork that had"
                    + " flushed them was dropped"
            )
        }
        return (.superseded, "\(name), which fork '\(owner.name)' reads from another segment")
    }
}

// MARK: Index runs and nodes

extension CollectionExplainer {
    private mutating func explain(
        _ kind: ObjectKind, naming names: [ObjectID], _ catalog: any CatalogReading
    ) throws(ForkError) -> Answer {
        var reason = CollectionReason.dropped
        for name in names { reason = reason.weighed(against: try self.reason(of: name, catalog)) }
        let what = kind == .run ? "an index run" : "manifest nodes"
        switch reason {
        case .uncommitted:
            return (reason, "\(what) over events that no fork has flushed")
        case .expired:
            return (reason, "\(what) over events that expired forks alone show")
        case .superseded:
            return (reason, "\(what) that a later flush or merge has replaced")
        default:
            return (reason, "\(what) over events that no fork shows: those that did were dropped")
        }
    }

    /// The reason that something which is named gives to who names it.
    private mutating func reason(
        of object: ObjectID, _ catalog: any CatalogReading
    ) throws(ForkError) -> CollectionReason {
        if reachable.contains(object) { return .superseded }
        if expiredObjects[object] != nil { return .expired }
        // Runs and nodes add nothing to what the segments say.
        guard object.kind == .segment else { return .dropped }
        if let reason = known[object] { return reason }
        let reason: CollectionReason
        do throws(ForkError) {
            guard case .events(let ranges) = try content(of: object) else { return .dropped }
            reason = try explain(ranges, catalog).reason
        } catch {
            // Missing, as after a collection that was cut short, or damaged: it has no say.
            guard error.code == .damaged else { throw error }
            reason = .dropped
        }
        known[object] = reason
        return reason
    }
}

extension CollectionReason {
    /// Of the reasons for the parts the one for the whole: that which says most.
    fileprivate func weighed(against other: CollectionReason) -> CollectionReason {
        let order: [CollectionReason] = [.uncommitted, .superseded, .expired, .dropped]
        return order.first { $0 == self || $0 == other } ?? self
    }
}

/// The overlays that forks and readers still show.
struct ShownOverlays {
    var rows: [OverlayID: OverlayRow] = [:]
    /// By overlay: where the highest of those that begin right above it does.
    var branchEnds: [OverlayID: Position] = [:]

    mutating func add(_ row: OverlayRow) {
        rows[row.id] = row
        guard let below = row.below else { return }
        branchEnds[below] = max(branchEnds[below] ?? .zero, row.base)
    }
}
