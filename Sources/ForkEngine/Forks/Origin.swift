// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, forks. Rule 7: a point becomes a position on a pinned view, and the
// transaction that uses it checks that the position still means the same event.
package import SegmentStore

/// Where a fork begins: a fork's head as the transaction finds it, or a place chosen before.
package struct Origin: Sendable {
    package let fork: ForkID
    package let name: String
    /// nil: the head.
    package let place: Place?

    /// A position chosen on a pinned view.
    package struct Place: Sendable {
        package let cut: Position
        /// Who owned position `cut - 1` in that view; nil where `cut` is 0.
        package let owner: OverlayID?
        /// Logical bytes below the cut.
        package let logicalByteCount: UInt64
    }

    /// The part of `head` that counts: all of it, or what is below the chosen place.
    func snapshot(
        of head: SnapshotRecord, in transaction: any CatalogReading
    ) throws(ForkError) -> SnapshotRecord {
        guard let place else { return head }
        let owner =
            place.cut == .zero
            ? nil : try transaction.owner(of: place.cut, from: head.overlay)?.id
        guard place.cut <= head.cut, owner == place.owner else {
            throw ForkError(
                .changed, "fork '\(name)' was reset while the point was looked up: try again")
        }
        return head.trimmed(to: place.cut, logicalByteCount: place.logicalByteCount)
    }
}

extension SnapshotRecord {
    /// The same history up to `cut`, which is not above this one's.
    package func trimmed(to cut: Position, logicalByteCount: UInt64) -> SnapshotRecord {
        var result = self
        result.cut = cut
        result.logicalByteCount = logicalByteCount
        result.rootEnd = min(rootEnd, cut)
        if cut == .zero { result.root = nil }
        result.pieces.removeAll { $0.positions.lowerBound >= cut }
        result.pieces = result.pieces.map { piece in
            JournalExtent(
                journal: piece.journal, byteEnd: piece.byteEnd,
                positions: piece.positions.lowerBound..<min(piece.positions.upperBound, cut))
        }
        return result
    }
}

extension Store {
    /// Looks a point up. Only a place below the head needs a view of the fork.
    func origin(of point: Point, now: Timestamp) throws(ForkError) -> Origin {
        guard case .named(let name) = point.reference else {
            throw ForkError(.invalid, "^parent means something only beside another fork")
        }
        if point.place == .head {
            let row = try catalog.read { catalog throws(ForkError) in
                try catalog.requireActiveFork(named: name, now: now)
            }
            return Origin(fork: row.id, name: row.name, place: nil)
        }
        let view = try view(at: point)
        return Origin(
            fork: view.fork, name: name.text,
            place: Origin.Place(
                cut: view.head, owner: try view.owner(),
                logicalByteCount: try view.logicalByteCount()))
    }
}
