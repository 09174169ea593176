// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, journal. Recovery of a journal that a writer left unsealed: rules 3, 4.

/// What recovery kept of a journal.
package struct RecoveredJournal: Equatable, Sendable {
    package let journal: JournalID
    /// The byte after the last valid frame, durable now: the end to seal. 0 where there is none.
    package let byteEnd: UInt64
    /// The events kept; nil where there are none.
    package let positions: Range<Position>?
    /// The epoch of the last frame; 0 where there is none.
    package let epoch: UInt32
    /// Whether the writer closed the journal itself.
    package let wasClosed: Bool
    /// Why nothing more was kept: "no frame was written here", or what was torn.
    package let reason: String
}

extension Journal {
    /// Keeps every valid frame up to the first bad one and lends each to `body`, in order.
    /// The caller holds the fork's writer lock, and seals the end before anything else is built
    /// on it. Running it again gives the same answer.
    ///
    /// The file is synced *before* it is read, and its cached pages dropped: what a killed
    /// writer left in the page cache becomes durable or an error, and after a failed sync the
    /// cache would show bytes that the disk never took (rule 3). So what is read is what the
    /// disk holds, and nothing is kept that a power cut could still take away.
    ///
    /// - `statedEnd`: an end that the catalog, or a live word of this boot, says was durable.
    /// - `wasStarted`: whether the file is known to have been made; then its absence is damage.
    ///
    /// A bad frame below `statedEnd`, or below the durable end that a later valid frame states,
    /// is damage and throws; so does a failed read. `body` may have seen frames by then: the
    /// caller drops what it made of them.
    package func recover(
        statedEnd: UInt64, wasStarted: Bool,
        _ body: (JournalFrame) throws(StorageError) -> Void
    ) throws(StorageError) -> RecoveredJournal {
        guard let file = try openUnsealed(mustExist: wasStarted || statedEnd > 0) else {
            return kept(nil, closed: false, reason: "it was never made")
        }
        try file.sync()
        file.dropCache()
        // The writer may have died between making the name and making it durable.
        try fileSystem.syncFolder(JournalFormat.folder)

        let fileByteCount = try file.byteCount()
        var reader = JournalReader(file: file, header: header, limit: fileByteCount)
        var last: JournalFrame?
        var first: Position?
        var closed = false
        var badOffset = UInt64(0)
        var reason = ""
        reading: while true {
            switch try reader.next() {
            case .frame(let frame):
                // Where the writer says that all was durable, all was: it closed the journal.
                if frame.head.isClosing {
                    closed = true
                    reason = "its writer closed it"
                    badOffset = frame.byteEnd
                    break reading
                }
                try body(frame)
                first = first ?? frame.firstPosition
                last = frame
            case .bad(let offset, let why):
                badOffset = offset
                reason = why
                break reading
            }
        }
        try checkNothingDurableIsLost(
            from: badOffset, reason: reason, statedEnd: statedEnd, in: file,
            fileByteCount: fileByteCount)
        return kept(
            last.map { (first ?? $0.firstPosition, $0) }, closed: closed, reason: reason)
    }

    /// Tells damage from a torn tail: throws where the first bad byte lies below an end that
    /// anything states to be durable.
    private func checkNothingDurableIsLost(
        from badOffset: UInt64, reason: String, statedEnd: UInt64, in file: any File,
        fileByteCount: UInt64
    ) throws(StorageError) {
        if badOffset < statedEnd {
            throw id.damage(
                at: badOffset, "\(reason), below \(statedEnd), where all was durable")
        }
        let search = JournalSearch(file: file, header: header, byteCount: fileByteCount)
        if let later = try search.frameStatingDurable(beyond: badOffset) {
            throw id.damage(
                at: badOffset,
                "\(reason), below \(later.durableEnd), which the frame at \(later.offset)"
                    + " says was durable")
        }
    }

    private func openUnsealed(mustExist: Bool) throws(StorageError) -> (any File)? {
        do throws(StorageError) {
            return try fileSystem.open(id.path, for: .readWrite)
        } catch {
            if error.isUnreadable { throw id.damage(at: nil, "it cannot be read: \(error)") }
            guard error.isNotFound else { throw error }
            if mustExist { throw id.damage(at: nil, "it is missing") }
            return nil
        }
    }

    private func kept(
        _ found: (first: Position, last: JournalFrame)?, closed: Bool, reason: String
    ) -> RecoveredJournal {
        RecoveredJournal(
            journal: id, byteEnd: found?.last.byteEnd ?? 0,
            positions: found.map { $0.first..<$0.last.positions.upperBound },
            epoch: found?.last.head.epoch ?? 0, wasClosed: closed, reason: reason)
    }
}
