// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line.
import ArgumentParser
import ForkEngine
import SegmentStore

struct CollectCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Delete what no fork and no reader reaches.",
        discussion: """
            Expired forks go first. Readers and writers go on meanwhile. Where anything that is \
            reachable is missing, cut short or has damaged tables, nothing is deleted.

            --dry-run tells of each file why nothing reaches it: dropped (no fork shows its events \
            any more), expired (expired forks alone do), superseded (newer objects replaced it), \
            uncommitted (a flush was cut short), flushed (a journal that is no longer needed), \
            deadReader, abandoned (left by a killed process), unreadable.

            Example:
              forkctl gc --dry-run
              forkctl gc
            """)

    @Flag(help: "Only print what would be deleted, and why.")
    var dryRun = false

    @Flag(
        help: ArgumentHelp(
            "Take the machine's clock for right first.",
            discussion: """
                The time of a store never runs back and never leaps by more than an hour; after \
                a clock was mended this is the operator's word for it.
                """))
    var acceptClock = false

    @OptionGroup
    var storeOptions: StoreOptions

    @OptionGroup
    var output: OutputOptions

    func validate() throws {
        if dryRun && acceptClock {
            throw ValidationError("--accept-clock changes the store: it goes without --dry-run")
        }
    }

    func run(on console: Console) throws -> ExitStatus {
        let format = try output.format(of: .table, .json)
        let store = try storeOptions.open()
        if acceptClock {
            try store.clock.acceptWallClock()
            console.note("the store's clock is now \(store.clock.now().rfc3339)")
        }
        let report = try store.collect(isDryRun: dryRun)
        if !dryRun { console.done = "the store is collected" }
        if format == .json {
            try printJSON(report, on: console)
        } else {
            try print(report, on: console)
        }
        return .ok
    }

    private func print(
        _ report: CollectionReport, on console: Console
    ) throws(CommandFailure) {
        if !report.candidates.isEmpty {
            var table = TableWriter(
                [.init("REASON"), .init("SIZE", .right), .init("FILE"), .init("WHY")], on: console)
            for candidate in report.candidates {
                try table.row([
                    candidate.reason.rawValue, Quantity.bytes(candidate.byteCount),
                    candidate.path, candidate.explanation,
                ])
            }
            try table.finish()
        }
        for name in report.reapedForks {
            console.output.print("\(dryRun ? "would drop" : "dropped") expired fork \(name)")
            try console.output.flushIfLarge()
        }
        let byteCount = report.removedObjectByteCount + report.removedJournalByteCount
        console.output.print(
            "\(dryRun ? "would delete" : "deleted")"
                + " \(Quantity.count(UInt64(report.removedObjectCount), "object")) and"
                + " \(Quantity.count(UInt64(report.removedJournalCount), "journal")),"
                + " \(Quantity.bytes(byteCount));"
                + " \(Quantity.count(UInt64(report.reachableObjectCount), "object")) in use")
    }

    private func printJSON(
        _ report: CollectionReport, on console: Console
    ) throws(CommandFailure) {
        var json = JSONWriter(on: console, layout: .indented)
        try json.object { (json) throws(CommandFailure) in
            Envelope.begin("Collection", in: &json)
            json.member("isDryRun", dryRun)
            try json.array("reapedForks") { (json) throws(CommandFailure) in
                for name in report.reapedForks { json.string(name) }
            }
            json.member("removedObjectCount", UInt64(report.removedObjectCount))
            json.member("removedObjectByteCount", report.removedObjectByteCount)
            json.member("removedJournalCount", UInt64(report.removedJournalCount))
            json.member("removedJournalByteCount", report.removedJournalByteCount)
            json.member("removedOverlayCount", UInt64(report.removedOverlayCount))
            json.member("removedPinCount", UInt64(report.removedPinCount))
            json.member("removedTemporaryCount", UInt64(report.removedTemporaryCount))
            json.member("reachableObjectCount", UInt64(report.reachableObjectCount))
            guard dryRun else { return }
            try json.array("candidates") { (json) throws(CommandFailure) in
                for candidate in report.candidates {
                    try json.object { (json) throws(CommandFailure) in
                        json.member("path", candidate.path)
                        json.member("byteCount", candidate.byteCount)
                        json.member("reason", candidate.reason.rawValue)
                        json.member("explanation", candidate.explanation)
                    }
                    try console.output.flushIfLarge()
                }
            }
        }
        json.endText()
    }
}
