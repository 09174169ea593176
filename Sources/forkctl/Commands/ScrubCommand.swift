// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line.
import ArgumentParser
import ForkEngine
import SegmentStore

struct ScrubCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "scrub",
        abstract: "Re-read what forks reach, slowly, from where the last scrub was stopped.",
        discussion: """
            One pass, from where the last was stopped to the end: every object in the order of its \
            address, then of pending journals all that was acknowledged. SIGINT stops it, and \
            keeps the place. Others work meanwhile, 'gc' included.

            Example:
              forkctl scrub --rate 50MB/s
              forkctl scrub --rate 1MiB/s
            """)

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Bytes to read in a second, at most.", valueName: "bytes/s"),
        transform: { try ReadRate($0) })
    var rate: ReadRate?

    @OptionGroup
    var storeOptions: StoreOptions

    @OptionGroup
    var output: OutputOptions

    func run(on console: Console) throws -> ExitStatus {
        let format = try output.format(of: .table, .json)
        let store = try storeOptions.open()
        Interruption.watch()
        var bar = ProgressBar(unit: "files", byteCountTotal: nil, on: console)
        defer { bar.erase() }
        let report = try store.scrub(
            byteCountPerSecond: rate?.byteCountPerSecond,
            isInterrupted: { Interruption.isRequested }
        ) { progress in
            bar.update(count: progress.fileCount, byteCount: progress.byteCount)
        }
        bar.erase()
        if format == .json {
            try printJSON(report, on: console)
        } else {
            print(report, on: console)
        }
        return report.damageCount > 0 ? .damaged : .ok
    }

    private func print(_ report: ScrubReport, on console: Console) {
        for damage in report.damages { console.output.print("damage: \(damage)") }
        for loss in report.knownLosses { console.output.print("known to be lost: \(loss)") }
        console.output.print(
            "read \(Quantity.count(UInt64(report.objectCount), "object")) and"
                + " \(Quantity.count(UInt64(report.journalCount), "journal")),"
                + " \(Quantity.bytes(report.byteCount));"
                + " \(Quantity.count(report.damageCount, "damaged file")) in this pass")
        let ended = report.lastEnded.map { "the last full pass ended \($0.rfc3339)" }
        console.output.print(
            (report.isComplete ? "the pass is complete" : "stopped: the next scrub goes on here")
                + "; " + (ended ?? "no pass was ever complete"))
    }

    private func printJSON(
        _ report: ScrubReport, on console: Console
    ) throws(CommandFailure) {
        var json = JSONWriter(on: console, layout: .indented)
        try json.object { (json) throws(CommandFailure) in
            Envelope.begin("Scrub", in: &json)
            json.member("objectCount", UInt64(report.objectCount))
            json.member("journalCount", UInt64(report.journalCount))
            json.member("byteCount", report.byteCount)
            json.member("isResumed", report.isResumed)
            json.member("isComplete", report.isComplete)
            json.member("damageCount", report.damageCount)
            json.member("begun", report.begun.rfc3339)
            if let ended = report.lastEnded {
                json.member("lastEnded", ended.rfc3339)
            } else {
                json.null("lastEnded")
            }
            try json.array("damages") { (json) throws(CommandFailure) in
                for damage in report.damages { json.string(damage) }
            }
            try json.array("knownLosses") { (json) throws(CommandFailure) in
                for loss in report.knownLosses { json.string(loss) }
            }
        }
        json.endText()
    }
}

/// "50MB/s", "1MiB/s": a whole number, a unit, and "/s", which may be left out.
struct ReadRate: Sendable {
    let byteCountPerSecond: UInt64

    private static let units: [(name: String, byteCount: UInt64)] = [
        ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("GB", 1_000_000_000),
        ("MB", 1_000_000), ("kB", 1_000), ("KB", 1_000), ("B", 1),
    ]

    init(_ text: String) throws {
        let amount = text.hasSuffix("/s") ? text.dropLast(2) : Substring(text)
        let unit = Self.units.first { amount.hasSuffix($0.name) }
        let digits = amount.dropLast(unit?.name.count ?? 0)
        guard let number = UInt64(digits), number > 0, digits.allSatisfy(\.isNumber) else {
            throw ValidationError("'\(text)' is no rate: write one like 50MB/s or 1MiB/s")
        }
        let (product, overflows) = number.multipliedReportingOverflow(by: unit?.byteCount ?? 1)
        guard !overflows else { throw ValidationError("'\(text)' is too large a rate") }
        byteCountPerSecond = product
    }
}
