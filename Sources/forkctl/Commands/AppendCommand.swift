// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line.
import ArgumentParser
import ForkEngine
import SegmentStore

struct AppendCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "append",
        abstract: "Append one event, or a batch of event lines as one.",
        discussion: """
            The event is durable when the command ends. --expected N: N events are in the stream, \
            so N is the version that the event gets; 'none', 'exists' and 'any' do as they say. A \
            repeat of an append is recognised where every event has an id and its stream an \
            exact expected version.

            Example:
              forkctl append order-1 --type order.paid --data '{"amount": 5}' --expected 3
              forkctl append order-1 --type scan --data @scan.png --binary
              forkctl append --batch --expected order-1=3 --expected order-2=none < lines.ndjson
            """)

    @Argument(help: "The stream's id.")
    var stream: String?

    @Option(name: [.long, .customShort("t")], help: "The event's type.")
    var type: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The event's data: JSON, @FILE, or - for standard input. Default: {}.",
            valueName: "json"))
    var data: String?

    @Flag(help: "The data is bytes that need not be JSON.")
    var binary = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The event's metadata: JSON, @FILE, or -.", valueName: "json"))
    var metadata: String?

    @Option(
        help: ArgumentHelp("The event's own time. Default: now.", valueName: "time"),
        transform: { try Instant.parse($0) })
    var time: Timestamp?

    @Option(
        help: ArgumentHelp(
            "The event's id. Default: derived from its time and place.", valueName: "uuid"),
        transform: { try EventID(uuid: $0) })
    var id: EventID?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Append only where the stream has so many events; with --batch STREAM=N, repeatable.",
            valueName: "expected"))
    var expected: [String] = []

    @Flag(help: "Append the event lines of standard input, all or none.")
    var batch = false

    @OptionGroup
    var fork: ForkOptions

    @OptionGroup
    var wait: WaitOptions

    @OptionGroup
    var storeOptions: StoreOptions

    @OptionGroup
    var output: OutputOptions

    func validate() throws {
        if batch {
            let isSingle =
                stream != nil || type != nil || data != nil || metadata != nil || time != nil
                || id != nil || binary
            if isSingle {
                throw ValidationError(
                    "--batch takes whole events from standard input: only --expected goes with it")
            }
            return
        }
        if stream == nil { throw ValidationError("name the stream, or use --batch") }
        if type == nil { throw ValidationError("give the event's --type") }
        if expected.count > 1 { throw ValidationError("one event takes one --expected") }
        if data == "-" && metadata == "-" {
            throw ValidationError("only one of --data and --metadata can be standard input")
        }
    }

    func run(on console: Console) throws -> ExitStatus {
        let format = try output.format(of: .table, .json)
        let fork = try fork.name()
        // All input is read and checked before the fork is opened.
        let conditions = try expectations()
        let store = try storeOptions.open()
        let events = AppendBatch()
        if batch {
            try BatchReader(source: try InputSource("-"), now: store.clock.now()).read(into: events)
        } else {
            try add(to: events, now: store.clock.now())
        }
        let writer = try wait.openWriter(of: fork, in: store)
        let result: AppendResult
        do throws(ForkError) {
            result = try writer.append(events, expecting: conditions)
        } catch {
            writer.closeFailed()
            throw error
        }
        let many = events.count > 1
        console.done =
            result.wasRepeated
            ? "\(many ? "the events were" : "the event was") there already"
            : "\(many ? "the events are" : "the event is") in and durable"
        let first = batch ? nil : readBack(result, by: writer, on: console)
        let head = result.wasRepeated ? self.head(by: writer, on: console) : nil
        writer.closeDone(on: console)
        let appended = Appended(
            fork: fork, result: result, first: first, count: UInt64(events.count),
            head: result.wasRepeated ? head : result.positions.upperBound)
        try appended.print(as: format, on: console)
        return .ok
    }

    /// The head behind which nothing was appended. The events are there, whatever this meets.
    private func head(by writer: Writer, on console: Console) -> Position? {
        do throws(ForkError) {
            return try writer.view()?.head
        } catch {
            console.warn("the events are there, but the head is not known: \(error.message)")
            return nil
        }
    }

    /// The event as it is now, for its version and id. It is durable, whatever this meets.
    private func readBack(
        _ result: AppendResult, by writer: Writer, on console: Console
    ) -> Event? {
        do throws(ForkError) {
            return try writer.view()?.event(at: result.positions.lowerBound)
        } catch {
            console.warn("the event is in and durable, but cannot be read: \(error.message)")
            return nil
        }
    }

    private func add(to events: AppendBatch, now: Timestamp) throws {
        let text = data ?? "{}"
        let hint = "; --binary takes any bytes"
        let bytes =
            try binary
            ? Payload.bytes(of: data ?? "", option: "--data")
            : Payload.json(of: text, option: "--data", otherwise: hint)
        try events.add(
            stream: stream ?? "", type: type ?? "", data: bytes,
            metadata: try metadata.map { try Payload.json(of: $0, option: "--metadata") },
            time: time ?? now, id: id, isJSON: !binary)
    }

    private func expectations() throws -> [Expectation] {
        if !batch {
            return try expected.map {
                Expectation(stream: stream ?? "", version: try ExpectedVersion($0))
            }
        }
        var conditions: [Expectation] = []
        for text in expected {
            let (stream, version) = try ExpectedVersion.assignment(text)
            if conditions.contains(where: { $0.stream == stream }) {
                throw CommandFailure.usage("--expected is given twice for stream '\(stream)'")
            }
            conditions.append(Expectation(stream: stream, version: version))
        }
        return conditions
    }
}

/// What an append did, as printed.
private struct Appended {
    let fork: ForkName
    let result: AppendResult
    /// Where it was one event.
    let first: Event?
    /// How many events were given.
    let count: UInt64
    /// Nil where it is not known.
    let head: Position?

    func print(as format: OutputFormat, on console: Console) throws(CommandFailure) {
        if format == .json { return try printJSON(on: console) }
        let repeated = result.wasRepeated ? " (it was there already: nothing was appended)" : ""
        let from = result.positions.lowerBound
        let to = result.positions.upperBound
        if let first {
            console.output.print(
                "\(fork)@\(from): version \(first.version) of \(first.stream), id"
                    + " \(first.id.uuid)\(repeated)")
        } else if result.wasRepeated {
            let head = head.map { ", head \($0)" } ?? ""
            console.output.print(
                "\(fork): \(Quantity.count(count, "event")) \(count == 1 ? "was" : "were") there"
                    + " already, from position \(from) to \(to)\(head): nothing was appended")
        } else {
            console.output.print(
                "\(fork)@\(from): \(Quantity.count(count, "event")) appended, head \(to)")
        }
    }

    private func printJSON(on console: Console) throws(CommandFailure) {
        var json = JSONWriter(on: console, layout: .indented)
        try json.object { (json) throws(CommandFailure) in
            Envelope.begin("Append", in: &json)
            json.member("fork", fork.text)
            json.member("from", result.positions.lowerBound)
            json.member("to", result.positions.upperBound)
            json.member("head", head)
            json.member("wasRepeated", result.wasRepeated)
            json.member("stream", first?.stream)
            json.member("version", first?.version.rawValue)
            json.member("eventID", first?.id.uuid)
        }
        json.endText()
    }
}
