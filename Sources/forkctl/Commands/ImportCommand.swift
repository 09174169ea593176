// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line.
import ArgumentParser
import ForkEngine
import SegmentStore

struct ImportCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Append the event lines of a file or of standard input.",
        discussion: """
            One JSON object a line: "stream", "type", "data" (any JSON) or "dataBase64", and \
            optionally "id", "time", "metadata". Batches of 1,000 lines or 16 MiB are durable one \
            after the other; what ends an import early also says how to go on.

            Example:
              forkctl import events.ndjson
              zcat events.ndjson.gz | forkctl import - --fork trial --skip-invalid
            """)

    @Argument(
        help: "The file, or - for standard input.",
        completion: .file(extensions: ["ndjson", "jsonl"]))
    var file: String

    @Flag(help: "All lines or none: one batch of at most 262,144 events and 64 MiB.")
    var atomic = false

    @Flag(help: "Pass over lines that are no events, and tell of each.")
    var skipInvalid = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Pass over so many lines at the start.", valueName: "count"))
    var skipLines: UInt64 = 0

    @OptionGroup
    var fork: ForkOptions

    @OptionGroup
    var wait: WaitOptions

    @OptionGroup
    var storeOptions: StoreOptions

    @OptionGroup
    var output: OutputOptions

    func validate() throws {
        if atomic && skipInvalid {
            throw ValidationError("--atomic is all lines or none: it goes without --skip-invalid")
        }
    }

    func run(on console: Console) throws -> ExitStatus {
        let format = try output.format(of: .table, .json)
        let fork = try fork.name()
        let source = try InputSource(file)
        let store = try storeOptions.open()
        let writer = try wait.openWriter(of: fork, in: store)
        Interruption.watch()
        var importer = Importer(
            source,
            plan: ImportPlan(
                isAtomic: atomic, skipsInvalid: skipInvalid, skippedLineCount: skipLines),
            writer: writer, on: console, clock: { store.clock.now() })
        do throws(CommandFailure) {
            try importer.run()
        } catch {
            writer.closeFailed()
            throw error
        }
        if importer.progress.eventCount > 0 {
            console.done = importer.progress.ending(isAtomic: atomic)
        }
        writer.closeDone(on: console)
        let summary = ImportSummary(
            fork: fork, progress: importer.progress, elapsed: importer.elapsed)
        try summary.print(as: format, on: console)
        if importer.progress.wasInterrupted {
            throw CommandFailure(
                importer.progress.eventCount > 0 ? .partlyDone : .other,
                importer.progress.ending(isAtomic: atomic))
        }
        return importer.progress.invalidLineCount > 0 ? .partlyDone : .ok
    }
}

extension ImportProgress {
    /// What is in, and how to go on where something is left.
    fileprivate func ending(isAtomic: Bool) -> String {
        let isIn = "\(Importer.counted(eventCount)) in"
        guard wasInterrupted else { return "\(isIn) and durable" }
        if isAtomic { return "interrupted: nothing was imported" }
        return "interrupted: \(isIn); go on with --skip-lines \(lineCount)"
    }
}

/// What an import prints at its end.
private struct ImportSummary {
    let fork: ForkName
    let progress: ImportProgress
    let elapsed: Duration

    func print(as format: OutputFormat, on console: Console) throws(CommandFailure) {
        if format == .json { return try printJSON(on: console) }
        var text = "imported \(Quantity.count(progress.eventCount, "event")) into \(fork)"
        if let positions = progress.positions {
            text += " at positions \(positions.lowerBound) to \(positions.upperBound)"
        }
        let rate = Double(progress.eventCount) / max(elapsed.inSeconds, 0.001)
        text += " in \(Quantity.elapsed(elapsed)) (\(Quantity.grouped(UInt64(rate)))/s)"
        if progress.invalidLineCount > 0 {
            text += ", \(Quantity.count(progress.invalidLineCount, "invalid line")) skipped"
        }
        if progress.eventCount > 0 { text += "; importing them again would add them again" }
        console.output.print(text)
    }

    private func printJSON(on console: Console) throws(CommandFailure) {
        var json = JSONWriter(on: console, layout: .indented)
        try json.object { (json) throws(CommandFailure) in
            Envelope.begin("Import", in: &json)
            json.member("fork", fork.text)
            json.member("eventCount", progress.eventCount)
            json.member("invalidLineCount", progress.invalidLineCount)
            json.member("lineCount", progress.lineCount)
            json.member("from", progress.positions?.lowerBound)
            json.member("to", progress.positions?.upperBound)
            json.member("wasInterrupted", progress.wasInterrupted)
        }
        json.endText()
    }
}
