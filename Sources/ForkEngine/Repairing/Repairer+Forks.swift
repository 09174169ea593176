// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, repairing. Forks whose root or journals cannot stay as they are: each under its
// writer lock (rule 1), each changed by one transaction (invariant 8).
import SegmentStore

/// What a fork is to become.
struct ForkMending {
    var snapshot: SnapshotRecord
    /// Where the fork ends from now on, over a new overlay: positions behind were others' names.
    var cut: Position?
    /// What was damaged that the cut is made for, and where the fork ended before; nil: not known.
    var path = ""
    var oldHead: Position?
    var reused: [ObjectID] = []
    var notes: [(path: String, description: String)] = []
}

extension Repairer {
    mutating func mendForks() throws(ForkError) {
        for index in rows.indices { try mendFork(index) }
    }

    private mutating func mendFork(_ index: Int) throws(ForkError) {
        let row = rows[index]
        var isMissing = bases[row.liveJournal.overlay].map { $0 > row.snapshot.cut } ?? false
        if case .end(let end) = store.slots.state(of: row), end.head > row.snapshot.cut {
            isMissing = true
        }
        let isStarted = try store.hasStarted(row.liveJournal)
        var isTouched = try isRootTouched(of: row)
        if !isTouched { isTouched = try soundPart(of: row.snapshot).isChanged }
        guard isTouched || isMissing || isStarted else { return }
        guard let lock = try store.locks.takeWriter(row.id) else {
            // A writer that lives keeps its own journal, and its word says how far it goes.
            if !isTouched { return }
            throw ForkError(
                .busy,
                "fork '\(row.name)' is open for writing, and has to be changed: end its writer,"
                    + " and repair again")
        }
        defer { lock.release() }
        let publish = isDryRun ? nil : try store.locks.takePublish()
        defer { publish?.release() }
        guard let mending = try plan(for: try current(row, holding: lock)) else { return }
        let changed = try commit(mending, to: row.id)
        rows[index] = changed
        for (path, description) in mending.notes { note(path, .replaced, description) }
        guard let cut = mending.cut, mending.oldHead.map({ $0 > cut }) ?? true else { return }
        try noteOutOfReach(of: row, from: cut, to: mending.oldHead)
        if mending.path.hasPrefix("\(StoreLayout.journals)/"),
            !report.items.contains(where: { $0.path == mending.path })
        {
            note(mending.path, .lost, "what it held from \(cut) on cannot be brought back")
        }
        report.losses.append(
            .init(
                fork: row.name, path: mending.path, from: cut, to: mending.oldHead, isCut: true,
                eventCount: mending.oldHead.map { cut.distance(to: $0) }, streams: [],
                streamCount: 0))
    }

    /// The row as it is now, recovered where that is still possible.
    private func current(
        _ row: ForkRow, holding lock: HeldLock
    ) throws(ForkError) -> ForkRow {
        let current = try store.row(of: row.id)
        guard !isDryRun, try store.hasStarted(current.liveJournal) else { return current }
        return try unlessDamaged { () throws(ForkError) in
            try store.recover(row.id, holding: lock)
        } ?? current
    }

    /// What becomes of a fork; nil where it stays as it is.
    private mutating func plan(for row: ForkRow) throws(ForkError) -> ForkMending? {
        var mending = ForkMending(snapshot: row.snapshot)
        var head = max(row.snapshot.cut, bases[row.liveJournal.overlay] ?? .zero)
        if case .end(let end) = store.slots.state(of: row) { head = max(head, end.head) }
        var isHeadKnown = true
        if try store.hasStarted(row.liveJournal) {
            // Recovery refused it: its sound frames are kept, and it is not known what followed.
            mending.snapshot = row.snapshot(at: try soundEnd(ofLive: row))
            mending.path = row.liveJournal.path
            isHeadKnown = head > mending.snapshot.cut
            mending.cut = mending.snapshot.cut
        } else if head > row.snapshot.cut {
            mending.path = row.liveJournal.path
            mending.cut = row.snapshot.cut
        }
        try mendRoot(of: row, &mending)
        let part = try soundPart(of: mending.snapshot)
        if part.isChanged {
            mending.snapshot.pieces = part.pieces
            if part.end < mending.snapshot.cut {
                mending.cut = part.end
                mending.path = part.path
            }
        }
        if let cut = mending.cut {
            try adopt(for: row, above: cut, to: head, &mending)
            try trim(&mending, of: row)
            mending.oldHead = isHeadKnown ? head : nil
        }
        return mending.snapshot == row.snapshot && mending.cut == nil ? nil : mending
    }

    /// Takes the events that are missing from a fork that has flushed them, if one has.
    private func adopt(
        for row: ForkRow, above cut: Position, to head: Position, _ mending: inout ForkMending
    ) throws(ForkError) {
        var best: (root: ManifestRoot, end: Position)?
        try store.catalog.read { catalog throws(ForkError) in
            for other in rows {
                guard other.id != row.id, let root = other.snapshot.root else { continue }
                let common = try catalog.commonPosition(
                    Ownership(overlay: row.snapshot.overlay, head: head),
                    Ownership(overlay: other.snapshot.overlay, head: other.snapshot.rootEnd))
                if common > best?.end ?? cut { best = (root, common) }
            }
        }
        guard let best else { return }
        let adopted = try unlessDamaged { () throws(ForkError) in
            try lifting { () throws(StorageError) in
                try segments.adopt(best.root, cut: best.end)
            }
        }
        guard let adopted else { return }
        mending.snapshot.root = adopted.root
        mending.snapshot.rootEnd = best.end
        mending.snapshot.pieces = []
        mending.snapshot.cut = best.end
        mending.reused += adopted.reusedObjects
        mending.cut = best.end
        // What lay behind in other journals follows, if nothing of it is damaged.
        var rest = row.snapshot
        rest.root = adopted.root
        rest.rootEnd = best.end
        rest.pieces = rest.pieces.compactMap { $0.above(best.end) }
        if rest.fault == nil, rest.cut > best.end {
            let part = try soundPart(of: rest)
            mending.snapshot.pieces = part.pieces
            mending.snapshot.cut = part.end
            mending.cut = part.end == head ? nil : part.end
        }
        mending.notes.append(
            (mending.path, "its events are taken from a fork that has flushed them"))
    }

    /// Ends the snapshot at the cut, with its bytes counted anew.
    private func trim(_ mending: inout ForkMending, of row: ForkRow) throws(ForkError) {
        let cut = mending.cut ?? mending.snapshot.cut
        let old = mending.snapshot.logicalByteCount
        mending.snapshot.cut = max(cut, mending.snapshot.rootEnd)
        let trimmed = mending.snapshot.trimmed(to: cut, logicalByteCount: old)
        mending.snapshot = trimmed
        let count = try unlessDamaged { () throws(ForkError) -> UInt64 in
            let tail = try store.loadTail(trimmed)
            return try lifting { () throws(StorageError) in
                var count: UInt64 = 0
                if let root = trimmed.root, trimmed.rootEnd > .zero {
                    count = try segments.snapshot(root: root, cut: trimmed.rootEnd)
                        .totals(at: trimmed.rootEnd).bytes
                }
                try tail.scan(trimmed.rootEnd..<cut) { (event) throws(StorageError) in
                    count += event.logicalByteCount
                    return true
                }
                return count
            }
        }
        mending.snapshot.logicalByteCount = count ?? old
    }

    /// One transaction; in a dry run what it would come to.
    private func commit(
        _ mending: ForkMending, to fork: ForkID
    ) throws(ForkError) -> ForkRow {
        var changed = try store.row(of: fork)
        let before = changed
        changed.snapshot = mending.snapshot
        guard !isDryRun else { return changed }
        // Its bytes stay, whatever names it from now on.
        for piece in before.snapshot.pieces where piece.journal.path == mending.path {
            try lifting { () throws(StorageError) in try quarantine.keep(mending.path) }
        }
        if before.liveJournal.path == mending.path {
            try lifting { () throws(StorageError) in try quarantine.keep(mending.path) }
        }
        let row = try store.catalog.write { transaction throws(ForkError) -> ForkRow in
            guard let now = try transaction.fork(fork), now.generation == before.generation else {
                throw ForkError(.changed, "fork '\(before.name)' was changed meanwhile: try again")
            }
            if let cut = mending.cut {
                let overlay = try transaction.beginOverlay(
                    of: fork, at: cut, above: before.snapshot.overlay)
                try store.requireUnused(overlay.id)
                changed.snapshot.overlay = overlay.id
                changed.liveJournal = JournalID(overlay: overlay.id, number: 0)
                changed.epoch = try transaction.nextEpoch()
                if cut < changed.base {
                    changed.base = cut
                    changed.baseLogicalByteCount = changed.snapshot.logicalByteCount
                }
            }
            try transaction.revive(mending.reused)
            return try transaction.update(changed)
        }
        if mending.cut != nil { store.slots.slot(of: fork)?.free() }
        return row
    }
}

extension JournalExtent {
    /// The part at or above `position`; nil where that is nothing.
    fileprivate func above(_ position: Position) -> JournalExtent? {
        guard positions.upperBound > position else { return nil }
        return JournalExtent(
            journal: journal, byteEnd: byteEnd,
            positions: max(positions.lowerBound, position)..<positions.upperBound)
    }
}
