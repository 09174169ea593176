// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, collecting. Unlinking in bounded batches under the exclusive publish lock.
package import SegmentStore

extension Collector {
    /// Every pending journal must be there and hold what counts (rule 16); journals that are
    /// named but were never started have no file.
    func checkJournals(_ roots: CollectionRoots) throws(ForkError) {
        try lifting { () throws(StorageError) in
            for (journal, byteEnd) in roots.journals.sorted(by: { $0.key < $1.key })
            where byteEnd > 0 {
                let status = try store.fileSystem.status(journal.path)
                guard let status, status.byteCount >= byteEnd else {
                    throw .damaged(
                        StorageError.Damage(
                            path: journal.path, offset: status?.byteCount,
                            reason: status == nil
                                ? "the journal is missing" : "the journal is shorter than sealed"))
                }
            }
        }
    }

    mutating func sweepObjects(_ candidates: [ObjectID]) throws(ForkError) {
        try sweep(candidates) { (collector, object, transaction) throws(ForkError) in
            // A publisher took it since the snapshot (rule 9). A dry run empties nothing, so that
            // what was revived before its snapshot is no sign of use.
            if !collector.isDryRun, try transaction.isRevived(object) { return }
            let byteCount = try lifting { () throws(StorageError) in
                try collector.store.segments.objects.byteCount(of: object)
            }
            guard let byteCount else { return }
            collector.report.removedObjectCount += 1
            collector.report.removedObjectByteCount += byteCount
            if let answer = try collector.explainer?.explain(object, transaction) {
                collector.note(object.path, byteCount, answer.reason, answer.explanation)
            } else {
                try lifting { () throws(StorageError) in
                    _ = try collector.store.segments.objects.remove(object)
                }
            }
        }
    }

    /// What a crash left beside an object that was being replaced: nobody needs it.
    mutating func sweepLeftovers(_ paths: [String]) throws(ForkError) {
        try sweep(paths) { (collector, path, _) throws(ForkError) in
            collector.report.removedTemporaryCount += 1
            if collector.isDryRun {
                collector.note(
                    path, 0, .abandoned, "a crash left it beside the object it was to replace")
            } else {
                try lifting { () throws(StorageError) in
                    try collector.store.segments.objects.backend.removeLeftover(path)
                }
            }
        }
    }

    /// What killed processes left in `temporary/`: nobody names it, and its maker's lock is free.
    mutating func sweepTemporaries() throws(ForkError) {
        let abandoned = try lifting { () throws(StorageError) in
            try TemporaryFiles.sweep(store.fileSystem, removing: !isDryRun)
        }
        report.removedTemporaryCount += abandoned.count
        guard isDryRun else { return }
        for path in abandoned { note(path, 0, .abandoned, "the process that made it is gone") }
    }

    /// Journals are never named twice, so what the snapshot did not reach nobody ever will.
    mutating func sweepJournals(_ candidates: [JournalID]) throws(ForkError) {
        try sweep(candidates) { (collector, journal, _) throws(ForkError) in
            let status = try lifting { () throws(StorageError) in
                try collector.store.fileSystem.status(journal.path)
            }
            guard let status else { return }
            collector.report.removedJournalCount += 1
            collector.report.removedJournalByteCount += status.allocatedByteCount
            if let answer = collector.explainer?.explain(journal) {
                collector.note(
                    journal.path, status.allocatedByteCount, answer.reason, answer.explanation)
            } else {
                try lifting { () throws(StorageError) in
                    try collector.store.fileSystem.remove(journal.path)
                }
            }
        }
    }

    mutating func note(
        _ path: String, _ byteCount: UInt64, _ reason: CollectionReason, _ explanation: String
    ) {
        report.candidates.append(
            CollectionReport.Candidate(
                path: path, byteCount: byteCount, reason: reason, explanation: explanation))
    }

    /// Runs `body` on each candidate. Each batch commits a change before its first unlink, so
    /// that no commit cut short can come back and reach what was unlinked (rule 12).
    private mutating func sweep<Element>(
        _ candidates: [Element],
        _ body: (inout Collector, Element, any CatalogReading) throws(ForkError) -> Void
    ) throws(ForkError) {
        var start = 0
        while start < candidates.count {
            let batch = candidates[start..<min(start + Self.batchCount, candidates.count)]
            start = batch.endIndex
            let publish = try takeExclusive()
            defer { publish.release() }
            if !isDryRun {
                try store.catalog.write { transaction throws(ForkError) in
                    try transaction.touch()
                }
            }
            var collector = self
            try store.catalog.read { catalog throws(ForkError) in
                for element in batch { try body(&collector, element, catalog) }
            }
            self = collector
        }
    }
}

extension JournalID {
    /// Reads a name in `journals/`, as `path` writes it; nil for any other name.
    package init?(fileName: String) {
        let parts = fileName.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let overlay = UInt64(parts[0]), let number = UInt32(parts[1])
        else { return nil }
        self.init(overlay: OverlayID(overlay), number: number)
        guard path == "journals/\(fileName)" else { return nil }
    }
}
