// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, backup. Each file that forks need: found in the folder as it was written, or
// copied there. A name and a length prove nothing: every byte is read (invariant 6).
import SegmentStore

extension Backup {
    /// Sees that the folder has the object. `loss`: what a repair knows to be wrong with it.
    mutating func take(_ object: ObjectID, _ loss: String?) throws(ForkError) -> BackupRecord {
        if let loss {
            let fault = try lifting { () throws(StorageError) in
                try store.segments.fault(of: object) ?? "content"
            }
            // More than is known is damage like any other; less is none.
            if fault == loss { return .loss(try carry(object, loss)) }
        }
        let source = store.segments.objects.backend
        return .object(
            object,
            byteCount: try take(object) { () throws(ForkError) in
                try source.openWhole(object, reading: { ForkError($0) })
            })
    }

    /// What is left of an object that is lost, under the address of just these bytes.
    private mutating func carry(
        _ object: ObjectID, _ fault: String
    ) throws(ForkError) -> BackedUpLoss {
        report.note(loss: object.path)
        let source: RemainingSource
        do throws(StorageError) {
            source = RemainingSource(try store.segments.objects.backend.open(object))
        } catch {
            guard error.isNotFound || error.isDamage else { throw ForkError(error) }
            return BackedUpLoss(object: object, rest: nil, byteCount: 0, fault: fault)
        }
        let address = try source.readAddress(reading: { ForkError($0) })
        let rest = ObjectID(address: address, kind: object.kind)
        let byteCount = try take(rest) { () throws(ForkError) in source }
        return BackedUpLoss(object: object, rest: rest, byteCount: byteCount, fault: fault)
    }

    private mutating func take(
        _ object: ObjectID, from open: () throws(ForkError) -> any ObjectSource
    ) throws(ForkError) -> UInt64 {
        let isKnown = known.contains(object)
        switch try folder.look(at: object, isDurable: isKnown) {
        case .whole(let byteCount):
            report.reusedObjectCount += 1
            report.reusedObjectByteCount += byteCount
            return byteCount
        case .damaged: report.replacedFileCount += 1
        case .missing: report.replacedFileCount += isKnown ? 1 : 0
        }
        let byteCount = try object.copy(
            try open(), content: object, reading: { ForkError($0) }, to: folder.backend,
            writing: { .onBackup($0) })
        report.copiedObjectCount += 1
        report.copiedObjectByteCount += byteCount
        return byteCount
    }

    /// Sees that the folder has the journal's first bytes, and answers their checksum.
    mutating func take(_ journal: BackedUpJournal) throws(ForkError) -> ObjectAddress {
        if let checksum = knownJournals[journal] {
            if try folder.has(journal, checksum) {
                report.reusedJournalCount += 1
                return checksum
            }
            report.replacedFileCount += 1
        }
        // Every frame below the end is there and right (rule 4).
        try lifting { () throws(StorageError) in
            let whole = Journal(
                journal.journal, seed: store.record.seed, fileSystem: store.fileSystem)
            try whole.read(upTo: journal.byteEnd) { _ throws(StorageError) in }
        }
        let checksum = try folder.copy(journal, from: store.fileSystem)
        report.copiedJournalCount += 1
        report.copiedJournalByteCount += journal.byteEnd
        return checksum
    }
}
