// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. Event lines into a fork, batch by batch. Each batch is durable
// before the next is read, so that whatever ends an import, it is known where to go on.
import ForkEngine
import SegmentStore

/// How an import goes about it.
struct ImportPlan {
    /// All lines are one batch, or none of them counts.
    var isAtomic = false
    /// Lines that are no events are told and passed over.
    var skipsInvalid = false
    /// So many lines at the start are passed over, unread.
    var skippedLineCount: UInt64 = 0

    static let batchLineCount = 1_000
    static let batchByteCount = 16 << 20
}

/// What an import has done so far.
struct ImportProgress {
    var eventCount: UInt64 = 0
    var invalidLineCount: UInt64 = 0
    /// The last line of which all before it, and it, are in or were skipped.
    var lineCount: UInt64 = 0
    var positions: Range<Position>?
    var wasInterrupted = false
}

/// One import. Reports on the console as it goes; the caller prints the summary.
struct Importer: ~Copyable {
    private let plan: ImportPlan
    private let source: InputSource
    private let writer: Writer
    private let clock: () -> Timestamp
    private let console: Console
    private var lines: EventLines
    private var bar: ProgressBar
    private var batch = AppendBatch(expectedByteCount: 1 << 20)
    /// The last line that was taken, or passed over.
    private var lastLine: UInt64 = 0
    private(set) var progress = ImportProgress()

    init(
        _ source: InputSource, plan: ImportPlan, writer: Writer, on console: Console,
        clock: @escaping () -> Timestamp
    ) {
        self.plan = plan
        self.source = source
        self.writer = writer
        self.clock = clock
        self.console = console
        lines = EventLines(source)
        bar = ProgressBar(unit: "events", byteCountTotal: source.byteCount, on: console)
    }

    var elapsed: Duration { bar.elapsed }

    /// Imports up to the end of the input, the first invalid line, or an interruption. No bar is
    /// left behind, however it ends.
    mutating func run() throws(CommandFailure) {
        do throws(CommandFailure) {
            try importLines()
        } catch {
            bar.erase()
            throw error
        }
        bar.erase()
    }

    private mutating func importLines() throws(CommandFailure) {
        var now = clock()
        while let line = try lines.next() {
            // A line that was cut off by an interruption is not used.
            if Interruption.isRequested { break }
            if lines.lineNumber > plan.skippedLineCount {
                do throws(LineFault) {
                    try lines.add(line, to: batch, now: now)
                } catch {
                    try meet(error)
                }
            }
            lastLine = lines.lineNumber
            if !plan.isAtomic, isBatchFull {
                try commit()
                bar.update(count: progress.eventCount, byteCount: lines.byteCount)
                now = clock()
            }
        }
        progress.wasInterrupted = Interruption.isRequested
        if progress.wasInterrupted && plan.isAtomic { return }
        try commit()
    }

    private var isBatchFull: Bool {
        batch.count >= ImportPlan.batchLineCount || batch.byteCount >= ImportPlan.batchByteCount
    }

    /// Skips the line, or commits what stands before it and ends the import.
    private mutating func meet(_ fault: LineFault) throws(CommandFailure) {
        let sentence = fault.sentence(in: source.name)
        if plan.isAtomic {
            let advice =
                fault.isOfBatch
                ? "; import without --atomic into a fork, and drop it if anything is wrong" : ""
            throw CommandFailure(.badInput, "\(sentence); nothing was imported\(advice)")
        }
        guard !plan.skipsInvalid else {
            progress.invalidLineCount += 1
            bar.erase()
            return console.warn("\(sentence); the line is skipped")
        }
        try commit()
        throw CommandFailure(
            .badInput,
            "\(sentence); \(Self.counted(progress.eventCount)) in: mend the line and go on with"
                + " --skip-lines \(fault.line - 1)")
    }

    /// Appends the batch, durable on return: all lines up to the last one are done with.
    private mutating func commit() throws(CommandFailure) {
        if batch.count > 0 {
            let result: AppendResult
            do throws(ForkError) {
                result = try writer.append(batch)
            } catch {
                throw failure(error)
            }
            progress.eventCount += UInt64(batch.count)
            let start = progress.positions?.lowerBound ?? result.positions.lowerBound
            progress.positions = start..<result.positions.upperBound
            batch = AppendBatch(expectedByteCount: max(1 << 20, batch.byteCount))
        }
        progress.lineCount = lastLine
    }

    /// A batch that failed may be in or not: who opens the fork next can tell.
    private func failure(_ error: ForkError) -> CommandFailure {
        let cause = CommandFailure(error)
        if plan.isAtomic {
            return CommandFailure(
                cause.status, "\(cause.sentence); the import may be in as a whole, or not at all")
        }
        return CommandFailure(
            cause.status,
            "\(cause.sentence); \(Self.counted(progress.eventCount)) in, up to line"
                + " \(progress.lineCount), and the batch behind it as a whole or not at all:"
                + " 'forkctl stats' shows the head; go on with --skip-lines \(progress.lineCount)")
    }

    static func counted(_ count: UInt64) -> String {
        "\(Quantity.count(count, "event")) \(count == 1 ? "is" : "are")"
    }
}
