// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, reading. A root in use: opened once, shared by all that read it here.
import SegmentStore

/// Everything flushed of one snapshot, opened, with the pin that keeps it (rule 10).
///
/// A writer's own root needs no pin while its row names it; it is pinned before the row leaves
/// it, and before a view of it is given out.
final class RootHold: Sendable {
    let root: ManifestRoot?
    /// The position below which the root counts.
    let end: Position
    let snapshot: Snapshot?
    private let pin: Locked<Pin?>
    /// The hold that this one is a part of, whose pin keeps both.
    private let whole: RootHold?

    init(
        root: ManifestRoot?, end: Position, snapshot: Snapshot?, pin: Pin?, whole: RootHold? = nil
    ) {
        self.root = root
        self.end = end
        self.snapshot = snapshot
        self.pin = Locked(pin)
        self.whole = whole
    }

    /// The part of this below `cut`.
    func trimmed(to cut: Position, in store: Store) throws(ForkError) -> RootHold {
        guard cut < end, let root else { return self }
        let snapshot = try lifting { () throws(StorageError) -> Snapshot? in
            cut == .zero ? nil : try store.segments.snapshot(root: root, cut: cut)
        }
        return RootHold(root: root, end: cut, snapshot: snapshot, pin: nil, whole: self)
    }

    /// Pins the root, if it is not pinned, as the snapshot of `fork`, whose writer the caller is.
    /// `changed` where the row has left this root: the writer's state has another by now.
    func pin(for fork: ForkID, in store: Store) throws(ForkError) {
        try pin.withLock { pin throws(ForkError) in
            if pin != nil { return }
            // Its row holds still while its writer lives, so the first look is enough.
            pin = try store.pins.take { () throws(ForkError) in
                let row = try store.row(of: fork)
                guard row.snapshot.root == root else {
                    throw ForkError(.changed, "the fork was flushed just now: try again")
                }
                return row.snapshot
            }
        }
    }

    /// The version behind the stream's last event below `end`; nil where it has none there.
    func nextVersion(
        of hash: StreamHash, name: UnsafeRawBufferPointer
    ) throws(ForkError) -> Version? {
        guard let snapshot else { return nil }
        return try lifting { () throws(StorageError) in
            try snapshot.nextVersion(of: hash, name: name)
        }
    }

    /// The same for many streams at once, whose cache misses overlap.
    func nextVersions(of queries: [StreamQuery]) throws(ForkError) -> [Version?] {
        var versions = [Version?](repeating: nil, count: queries.count)
        guard let snapshot, !queries.isEmpty else { return versions }
        var failure: StorageError?
        queries.withUnsafeBufferPointer { queries in
            versions.withUnsafeMutableBufferPointer { versions in
                do throws(StorageError) {
                    try snapshot.nextVersions(of: queries, into: versions)
                } catch {
                    failure = error
                }
            }
        }
        if let failure { throw try naming(queries, failure) }
        return versions
    }

    /// What is said where it cannot be known at which version a stream goes on: nobody guesses,
    /// so that no version is given twice (invariant 3).
    private func naming(
        _ queries: [StreamQuery], _ failure: StorageError
    ) throws(ForkError) -> ForkError {
        guard failure.isDamage else { return ForkError(failure) }
        for query in queries {
            do throws(ForkError) {
                _ = try nextVersion(of: query.hash, name: query.name)
            } catch {
                guard error.code == .damaged else { throw error }
                let name = String(decoding: query.name, as: UTF8.self)
                return ForkError(
                    .damaged,
                    "how many events stream '\(name)' has is not known: \(error.message)",
                    underlying: failure)
            }
        }
        return ForkError(failure)
    }

    /// Lends the stream's event of this version; false where it is not below `end`.
    @discardableResult
    func withEvent(
        _ hash: StreamHash, name: UnsafeRawBufferPointer, version: Version,
        _ body: (EventReference) -> Void
    ) throws(ForkError) -> Bool {
        guard let snapshot else { return false }
        return try lifting { () throws(StorageError) in
            try snapshot.withEvent(of: hash, name: name, version: version, body)
        }
    }
}

extension Store {
    /// Opens the flushed part of a snapshot that the caller keeps from being collected.
    func hold(_ record: SnapshotRecord, pin: Pin? = nil) throws(ForkError) -> RootHold {
        let snapshot = try lifting { () throws(StorageError) -> Snapshot? in
            guard let root = record.root, record.rootEnd > .zero else { return nil }
            return try segments.snapshot(root: root, cut: record.rootEnd)
        }
        return RootHold(root: record.root, end: record.rootEnd, snapshot: snapshot, pin: pin)
    }
}
