// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, repair. What a segment must be told beside its events, from what is left.

extension SegmentStore {
    /// The totals before a damaged segment: from its own footer, else from the segment before it;
    /// nil where neither can be read.
    package func totals(
        before entry: SegmentEntry, after previous: SegmentEntry?
    ) throws(StorageError) -> HistoryTotals? {
        if entry.first == .zero { return .zero }
        let fresh = withoutCaches()
        do throws(StorageError) {
            return try fresh.segments.open(entry).totalsBefore
        } catch {
            guard error.isDamage else { throw error }
        }
        guard let previous, previous.end == entry.first else { return nil }
        return try totals(after: previous)
    }

    /// The totals of a history that ends with a segment, as far into it as its entry says, or
    /// before the first; nil where it cannot be read.
    package func totals(after previous: SegmentEntry?) throws(StorageError) -> HistoryTotals? {
        guard let previous else { return .zero }
        do throws(StorageError) {
            return try withoutCaches().segments.open(previous).totals(at: previous.end)
        } catch {
            guard error.isDamage else { throw error }
            return nil
        }
    }
}

extension Journal {
    /// Lends the frames of a journal from its start up to the first bad one, sealed or not.
    package func readSound(
        _ body: (JournalFrame) throws(StorageError) -> Void
    ) throws(StorageError) {
        do throws(StorageError) {
            let file = try fileSystem.open(id.path, for: .read)
            var reader = JournalReader(file: file, header: header, limit: try file.byteCount())
            while case .frame(let frame) = try reader.next() {
                if frame.head.isClosing { return }
                try body(frame)
            }
        } catch {
            guard error.isDamage || error.isNotFound else { throw error }
        }
    }

    /// The positions of those frames; nil where there is none.
    package func soundPositions() throws(StorageError) -> Range<Position>? {
        var positions: Range<Position>?
        try readSound { (frame) throws(StorageError) in
            let first = positions?.lowerBound ?? frame.firstPosition
            positions = first..<max(first, frame.positions.upperBound)
        }
        return positions
    }
}
