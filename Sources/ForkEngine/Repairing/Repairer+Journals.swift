// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, repairing. How far a fork's journals can be read.
import SegmentStore

/// The part of a snapshot's pending journals that can be read.
struct SoundPart {
    var pieces: [JournalExtent] = []
    var end: Position
    /// The journal that ended it, where one did.
    var path = ""
    /// Whether the pieces are others than those of the snapshot.
    var isChanged = false
}

extension Repairer {
    /// Reads what is pending up to the first damage. An end beyond its file's, which a cut below
    /// does not need, is lowered: what a row states is there.
    func soundPart(of snapshot: SnapshotRecord) throws(ForkError) -> SoundPart {
        var part = SoundPart(end: snapshot.rootEnd)
        for piece in snapshot.pieces {
            let found = try soundPart(of: piece)
            if let found {
                part.pieces.append(found)
                part.end = found.positions.upperBound
                part.isChanged = part.isChanged || found != piece
            }
            guard let found, found.positions == piece.positions else {
                part.path = piece.journal.path
                part.isChanged = true
                return part
            }
        }
        return part
    }

    private func soundPart(of piece: JournalExtent) throws(ForkError) -> JournalExtent? {
        var end = piece.positions.lowerBound
        var byteEnd: UInt64 = 0
        return try lifting { () throws(StorageError) -> JournalExtent? in
            do throws(StorageError) {
                try Journal.read(
                    piece, seed: store.record.seed, fileSystem: store.fileSystem
                ) { (frame) throws(StorageError) in
                    guard frame.positions.lowerBound <= end else { return }
                    end = max(end, min(frame.positions.upperBound, piece.positions.upperBound))
                    byteEnd = frame.byteEnd
                }
                let byteCount = try store.fileSystem.status(piece.journal.path)?.byteCount
                if let byteCount, byteCount >= piece.byteEnd { return piece }
            } catch {
                guard error.isDamage else { throw error }
            }
            guard end > piece.positions.lowerBound else { return nil }
            return JournalExtent(
                journal: piece.journal, byteEnd: byteEnd,
                positions: piece.positions.lowerBound..<end)
        }
    }

    /// The sound frames of a live journal that recovery refused, made durable; nil where there is
    /// none.
    func soundEnd(ofLive row: ForkRow) throws(ForkError) -> LiveEnd? {
        try lifting { () throws(StorageError) -> LiveEnd? in
            let id = row.liveJournal
            if !isDryRun {
                // Rule 3: what is read is what the disk holds.
                let file = try store.fileSystem.open(id.path, for: .readWrite)
                try file.sync()
                file.dropCache()
                try store.fileSystem.syncFolder(StoreLayout.journals)
            }
            var end = LiveEnd(
                byteEnd: 0, head: row.snapshot.cut,
                logicalByteCount: row.snapshot.logicalByteCount)
            let journal = Journal(id, seed: store.record.seed, fileSystem: store.fileSystem)
            try journal.readSound { (frame) throws(StorageError) in
                guard frame.firstPosition == end.head else { return }
                end.head = frame.positions.upperBound
                end.byteEnd = frame.byteEnd
                try frame.forEachEvent { (event) throws(StorageError) in
                    end.logicalByteCount += event.logicalByteCount
                }
            }
            return end.head > row.snapshot.cut ? end : nil
        }
    }
}
