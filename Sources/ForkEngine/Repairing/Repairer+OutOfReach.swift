// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, repairing. Where a fork ends at a loss, what followed is sound and nobody's: its
// files get a second name in quarantine before a collection takes the first.
import SegmentStore

extension Repairer {
    /// Notes what a fork no longer shows from `cut` on.
    mutating func noteOutOfReach(
        of row: ForkRow, from cut: Position, to head: Position?
    ) throws(ForkError) {
        let end = head ?? Position(.max)
        guard cut < end else { return }
        for part in try history(of: row, to: end).clamped(to: cut..<end) { outOfReach.add(part) }
    }

    /// Keeps every segment and journal that holds any of it.
    mutating func keepOutOfReach() throws(ForkError) {
        if outOfReach.isEmpty || isDryRun { return }
        outOfReach.merge()
        let listing = try store.listFiles()
        for journal in listing.journals where outOfReach.contains(journal.overlay) {
            let positions = try lifting { () throws(StorageError) in
                try Journal(journal, seed: store.record.seed, fileSystem: store.fileSystem)
                    .soundPositions()
            }
            let part = positions.map {
                OverlayRange(overlay: journal.overlay, from: $0.lowerBound, to: $0.upperBound)
            }
            // One that cannot be read may hold anything.
            if part.map(outOfReach.overlaps) ?? true { try keep(journal.path) }
        }
        let candidates = try lifting { () throws(StorageError) in
            try segments.candidates(excluding: [])
        }
        for candidate in candidates
        where candidate.overlays.contains(where: outOfReach.overlaps) {
            try keep(candidate.entry.object.path)
        }
    }

    private func keep(_ path: String) throws(ForkError) {
        try lifting { () throws(StorageError) in try quarantine.keep(path) }
    }
}
