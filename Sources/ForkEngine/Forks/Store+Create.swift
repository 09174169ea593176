// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, forks. Making a fork: one catalog transaction copies a snapshot, over which
// an empty overlay begins. No data moves, whatever the size (invariant 4).
import SegmentStore

/// What a new fork is to be.
public struct NewFork: Sendable {
    public var name: ForkName
    public var from: Point
    public var expiry: Expiry
    public var labels: Labels
    /// A live fork of this name is the answer, not an error; the options are ignored then.
    public var ifNotExists: Bool

    public init(
        name: ForkName, from: Point = Point(.named(.main)), expiry: Expiry = .never,
        labels: Labels = Labels(), ifNotExists: Bool = false
    ) {
        self.name = name
        self.from = from
        self.expiry = expiry
        self.labels = labels
        self.ifNotExists = ifNotExists
    }
}

/// What was made, or found.
public struct CreatedFork: Sendable {
    public let fork: ForkDescription
    /// False where `ifNotExists` found it.
    public let isNew: Bool
}

extension Store {
    /// Makes a fork, durable on return: one commit of the catalog, independent of the number of
    /// events, forks and levels. From a place below the head: at most one segment is read, too.
    ///
    /// Errors: `alreadyExists`, `notFound`, `expired`, `invalid` (place above the head, expiry in
    /// the past), `tooLarge` (a million forks, or 1,000 levels). The name of an expired fork is free: the same
    /// transaction retires that fork.
    public func create(_ new: NewFork) throws(ForkError) -> CreatedFork {
        let now = clock.now()
        let expires = try new.expiry.instant(from: now)
        if new.ifNotExists, let existing = try existing(new.name, now: now) {
            return CreatedFork(fork: existing, isNew: false)
        }
        let start = environment.time.sinceBoot()
        while true {
            let origin = try origin(of: new.from, now: now)
            let recovered = try settle(origin.fork)
            defer { recovered?.release() }
            var retired: HeldLock?
            defer { retired?.release() }
            do throws(ForkError) {
                return try catalog.write { transaction throws(ForkError) in
                    if new.ifNotExists, let row = try transaction.fork(named: new.name.text),
                        !row.isExpired(at: now)
                    {
                        let parentName = try transaction.name(of: row.parent)
                        return CreatedFork(
                            fork: describe(
                                row, parentName: parentName, now: now,
                                isLive: try hasLiveWriter(row)), isNew: false)
                    }
                    retired = try retire(new.name, now: now, in: transaction)
                    return try insert(
                        new, origin: origin, recovered: recovered, expires: expires, now: now,
                        in: transaction)
                }
            } catch {
                // A row and a word did not agree yet, or the point moved: nothing was changed, and
                // the next round looks again.
                guard error.code == .changed else { throw error }
            }
            retired?.release()
            recovered?.release()
            try pause(since: start, for: origin.fork, origin.name)
        }
    }

    private func existing(
        _ name: ForkName, now: Timestamp
    ) throws(ForkError) -> ForkDescription? {
        try catalog.read { catalog throws(ForkError) in
            guard let row = try catalog.fork(named: name.text), !row.isExpired(at: now) else {
                return nil
            }
            return describe(
                row, parentName: try catalog.name(of: row.parent), now: now,
                isLive: try hasLiveWriter(row))
        }
    }

    private func insert(
        _ new: NewFork, origin: Origin, recovered: HeldLock?, expires: Timestamp?,
        now: Timestamp, in transaction: any CatalogWriting
    ) throws(ForkError) -> CreatedFork {
        guard let parent = try transaction.fork(origin.fork) else {
            throw ForkError(.notFound, "fork '\(origin.name)' is gone: it was dropped meanwhile")
        }
        try parent.requireActive(at: now)
        guard let head = try headSnapshot(of: parent, recovered: recovered) else {
            throw ForkError(.changed, "the writer of fork '\(parent.name)' is starting: try again")
        }
        let snapshot = try origin.snapshot(of: head, in: transaction)
        try transaction.requireRoomForFork(environment.limits)
        let fork = try transaction.nextForkID()
        let overlay = try transaction.beginOverlay(
            of: fork, at: snapshot.cut, above: head.overlay)
        try requireUnused(overlay.id)
        try environment.limits.requireDepth(of: overlay, from: origin.name)
        var own = snapshot
        own.overlay = overlay.id
        let row = ForkRow(
            id: fork, name: new.name.text, parent: parent.id, generation: 1,
            epoch: try transaction.nextEpoch(), snapshot: own,
            liveJournal: JournalID(overlay: overlay.id, number: 0), base: own.cut,
            baseLogicalByteCount: own.logicalByteCount, created: now, expires: expires,
            labels: new.labels)
        try transaction.insert(row)
        return CreatedFork(
            fork: describe(row, parentName: parent.name, now: now), isNew: true)
    }

    /// Frees the name where an expired fork has it; `alreadyExists` where a live one does.
    private func retire(
        _ name: ForkName, now: Timestamp, in transaction: any CatalogWriting
    ) throws(ForkError) -> HeldLock? {
        guard let row = try transaction.fork(named: name.text) else { return nil }
        guard row.isExpired(at: now) else {
            throw ForkError(
                .alreadyExists,
                "a fork named '\(name)' exists: choose another name, or drop it first")
        }
        return try removeForced(row, in: transaction)
    }
}
