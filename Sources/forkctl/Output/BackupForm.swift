// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. How what a backup or a restore did is shown.
import ForkEngine

struct BackupForm {
    /// "Backup" or "Restore".
    let kind: String
    let path: String
    let report: BackupReport

    func print(_ format: OutputFormat, on console: Console) throws(CommandFailure) {
        if format == .json { return try printJSON(on: console) }
        var lines = [
            "copied \(Quantity.count(UInt64(report.copiedObjectCount), "object")) and"
                + " \(Quantity.count(UInt64(report.copiedJournalCount), "journal")) to \(path),"
                + " \(Quantity.bytes(report.copiedByteCount))",
            "\(Quantity.count(UInt64(report.forkCount), "fork")),"
                + " \(Quantity.count(report.eventCount, "event"))",
        ]
        if report.reusedObjectCount + report.reusedJournalCount > 0 {
            lines.insert(
                "\(Quantity.count(UInt64(report.reusedObjectCount), "object")) and"
                    + " \(Quantity.count(UInt64(report.reusedJournalCount), "journal")) were there"
                    + " already, \(Quantity.bytes(report.reusedObjectByteCount)) of objects", at: 1)
        }
        if report.replacedFileCount > 0 {
            lines.append(
                "replaced \(Quantity.count(UInt64(report.replacedFileCount), "file")) of the backup"
                    + " before: damaged or missing there, copied anew from the store")
        }
        if let fault = report.damagedIndex {
            lines.append(
                "\(fault): it is set aside as index.damaged, and what is there was read file by file"
            )
        }
        if report.removedFileCount > 0 {
            lines.append(
                "removed \(Quantity.count(UInt64(report.removedFileCount), "file")) that only"
                    + " earlier backups needed")
        }
        for damage in report.damages { lines.append("taken as it is: \(damage)") }
        if report.damageCount > 0 {
            lines.append(
                "\(Quantity.count(UInt64(report.damageCount), "damaged file")):"
                    + " 'forkctl repair --store \(path)' says what is lost")
        }
        for loss in report.knownLosses { lines.append("known to be lost: \(loss)") }
        if report.knownLossCount > 0 {
            lines.append(
                "\(Quantity.count(UInt64(report.knownLossCount), "known loss", "known losses")):"
                    + " the copy has no more of it than the original")
        }
        for line in lines { console.output.print(line) }
    }

    private func printJSON(on console: Console) throws(CommandFailure) {
        var json = JSONWriter(on: console, layout: .indented)
        try json.object { (json) throws(CommandFailure) in
            Envelope.begin(kind, in: &json)
            json.member("path", path)
            json.member("forkCount", UInt64(report.forkCount))
            json.member("eventCount", report.eventCount)
            json.member("copiedByteCount", report.copiedByteCount)
            json.member("copiedObjectCount", UInt64(report.copiedObjectCount))
            json.member("copiedObjectByteCount", report.copiedObjectByteCount)
            json.member("copiedJournalCount", UInt64(report.copiedJournalCount))
            json.member("copiedJournalByteCount", report.copiedJournalByteCount)
            json.member("reusedObjectCount", UInt64(report.reusedObjectCount))
            json.member("reusedObjectByteCount", report.reusedObjectByteCount)
            json.member("reusedJournalCount", UInt64(report.reusedJournalCount))
            json.member("replacedFileCount", UInt64(report.replacedFileCount))
            json.member("removedFileCount", UInt64(report.removedFileCount))
            if let fault = report.damagedIndex {
                json.member("damagedIndex", fault)
            } else {
                json.null("damagedIndex")
            }
            json.member("knownLossCount", UInt64(report.knownLossCount))
            try json.array("knownLosses") { (json) throws(CommandFailure) in
                for loss in report.knownLosses { json.string(loss) }
            }
            json.member("damageCount", UInt64(report.damageCount))
            try json.array("damages") { (json) throws(CommandFailure) in
                for damage in report.damages { json.string(damage) }
            }
        }
        json.endText()
    }
}
