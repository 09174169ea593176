// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, journal. What a snapshot says of one of its pending journals.

/// A sealed part of a journal, and the events of it that count.
///
/// Bytes are cut at frames, positions anywhere: a cut may split a batch, and the front of a
/// journal may lie in segments already.
package struct JournalExtent: Hashable, Sendable {
    package let journal: JournalID
    /// The byte after the last frame; 0 where the journal never held one.
    package let byteEnd: UInt64
    /// The events that count: within those of the frames.
    package let positions: Range<Position>

    package init(journal: JournalID, byteEnd: UInt64, positions: Range<Position>) {
        self.journal = journal
        self.byteEnd = byteEnd
        self.positions = positions
    }
}
