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
        if report.removedFileCount > 0 {
            lines.append(
                "removed \(Quantity.count(UInt64(report.removedFileCount), "file")) that only"
                    + " earlier backups needed")
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
            json.member("removedFileCount", UInt64(report.removedFileCount))
        }
        json.endText()
    }
}
