// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, journal. Reading below a sealed end, where every byte must be right.

extension Journal {
    /// Lends every frame below `byteEnd`, a sealed or pinned end, in order; the frames may be
    /// kept. O(bytes); nothing beyond the end is read.
    ///
    /// Throws `.damaged` where the file is absent or short, where any frame is bad, and where
    /// the end is not the end of a frame: below a stated end nothing is a torn tail (rule 4).
    package func read(
        upTo byteEnd: UInt64, _ body: (JournalFrame) throws(StorageError) -> Void
    ) throws(StorageError) {
        try read(upTo: byteEnd, until: nil, body)
    }

    /// The same, no further than the frame that holds the event below `needed`.
    private func read(
        upTo byteEnd: UInt64, until needed: Position?,
        _ body: (JournalFrame) throws(StorageError) -> Void
    ) throws(StorageError) {
        guard byteEnd > 0 else { return }
        let file = try openSealed()
        var reader = JournalReader(file: file, header: header, limit: byteEnd)
        while reader.offset < byteEnd {
            switch try reader.next() {
            case .frame(let frame):
                try body(frame)
                if let needed, frame.positions.upperBound >= needed { return }
            case .bad(let offset, let reason):
                // A header alone is a journal too: its end is the header's.
                if offset == byteEnd { return }
                throw id.damage(at: offset, "\(reason), below the sealed end \(byteEnd)")
            }
        }
    }

    /// Lends the frames that hold the events of `extent`, as `read(upTo:)` does, and holds them
    /// to its positions: all of them must be there. What stands behind the last of them, in bytes
    /// that count for others, is not read: their damage is none of this extent's (invariant 10).
    package static func read(
        _ extent: JournalExtent, seed: UInt64, fileSystem: any FileSystem,
        _ body: (JournalFrame) throws(StorageError) -> Void
    ) throws(StorageError) {
        if extent.positions.isEmpty { return }
        let journal = Journal(extent.journal, seed: seed, fileSystem: fileSystem)
        let needed = extent.positions.upperBound
        var found: Range<Position>?
        try journal.read(upTo: extent.byteEnd, until: needed) { (frame) throws(StorageError) in
            found = (found?.lowerBound ?? frame.firstPosition)..<frame.positions.upperBound
            try body(frame)
        }
        guard let found, found.lowerBound <= extent.positions.lowerBound,
            found.upperBound >= extent.positions.upperBound
        else {
            let held = found.map { "\($0.lowerBound) to \($0.upperBound)" } ?? "none"
            throw journal.id.damage(
                at: nil,
                "it should hold positions \(extent.positions.lowerBound) to "
                    + "\(extent.positions.upperBound), and holds \(held)")
        }
    }

    private func openSealed() throws(StorageError) -> any File {
        do throws(StorageError) {
            return try fileSystem.open(id.path, for: .read)
        } catch {
            if error.isNotFound { throw id.damage(at: nil, "it is missing") }
            throw error.isUnreadable ? id.damage(at: nil, "it cannot be read: \(error)") : error
        }
    }
}
