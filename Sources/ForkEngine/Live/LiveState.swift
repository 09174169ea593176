// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, live writers. Rule 2: what one who does not hold the writer lock believes.
package import SegmentStore

/// What the live word says of the live journal that a row names.
package enum LiveState: Hashable, Sendable {
    /// The word is of the row's epoch, fenced or not: this end counts.
    case end(LiveEnd)
    /// The word is of another epoch and fenced: the live journal counts for nothing.
    case nothing
    /// The word is of another epoch and not fenced: its holder has not armed yet. Wait.
    case notArmed
    /// No slot: no writer lives, or it has not claimed one yet.
    case noSlot
}

extension LiveSlots {
    /// Reads the word of `row`'s fork against the row's epoch. A few loads.
    package func state(of row: ForkRow) -> LiveState {
        guard let slot = slot(of: row.id) else { return .noSlot }
        while slot.isOccupied {
            let word = slot.word
            guard word.epoch == row.epoch else {
                return word.isFenced ? .nothing : .notArmed
            }
            if let end = slot.end(at: word) { return .end(end) }
        }
        return .noSlot
    }
}

extension ForkRow {
    /// The fork's snapshot as of `end` of its live journal, which thereby is sealed for whoever
    /// takes the snapshot (a child, a pin): what is below that end never changes (rule 3).
    package func snapshot(at end: LiveEnd?) -> SnapshotRecord {
        var result = snapshot
        guard let end, end.head > snapshot.cut else { return result }
        result.pieces.append(
            JournalExtent(
                journal: liveJournal, byteEnd: end.byteEnd,
                positions: snapshot.cut..<end.head))
        result.cut = end.head
        result.logicalByteCount = end.logicalByteCount
        return result
    }

    package func isExpired(at now: Timestamp) -> Bool {
        expires.map { now >= $0 } ?? false
    }
}
