// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. Events as event lines, as an enveloped list, or as a table.
import ForkEngine
import SegmentStore

/// Prints the events of a source, each as it comes, at most `limit`.
final class EventPrinter {
    private let source: EventSource
    private let console: Console
    private let limit: Int
    private var sequences: SequenceCounter
    private var lineBuffer = ByteBuffer()

    init(_ source: EventSource, limit: Int? = nil, on console: Console) {
        self.source = source
        self.console = console
        self.limit = limit ?? .max
        sequences = SequenceCounter(source)
    }

    func print(as format: OutputFormat) throws(CommandFailure) {
        switch format {
        case .json: try printList()
        case .ndjson:
            try tell(
                try page { (event) throws(CommandFailure) in
                    console.output.buffer.append(try self.line(of: event))
                })
        case .table, .name: try printTable()
        }
    }

    /// Calls `show` with each event of the page; returns the cursor of the next page.
    func page(
        _ show: (EventReference) throws(CommandFailure) -> Void
    ) throws(CommandFailure) -> String? {
        var count = 0
        var last: UInt64 = 0
        var hasMore = false
        try source.forEach { (event) throws(CommandFailure) in
            if count == limit {
                hasMore = true
                return false
            }
            try show(event)
            try console.output.flushIfLarge()
            count += 1
            last = source.cursor(event)
            return true
        }
        return hasMore ? String(last) : nil
    }

    /// The event's line with its line break; valid until the next call.
    func line(of event: EventReference) throws(CommandFailure) -> UnsafeRawBufferPointer {
        let id: EventID
        do throws(ForkError) {
            id = try source.id(event)
        } catch {
            throw CommandFailure(error)
        }
        let sequence = try sequences.sequence(of: event)
        lineBuffer.removeAll()
        EventLineWriter.append(event, id: id, sequence: sequence, to: &lineBuffer)
        return lineBuffer.bytes
    }

    private func printList() throws(CommandFailure) {
        var json = JSONWriter(on: console, layout: .indented)
        try json.object { (json) throws(CommandFailure) in
            Envelope.begin("EventList", in: &json)
            var next: String?
            try json.array("items") { (json) throws(CommandFailure) in
                next = try page { (event) throws(CommandFailure) in
                    let line = try self.line(of: event)
                    json.raw(UnsafeRawBufferPointer(rebasing: line.dropLast()))
                }
            }
            if let next { json.member("next", next) } else { json.null("next") }
        }
        json.endText()
    }

    private func printTable() throws(CommandFailure) {
        var table = TableWriter(EventTable.columns, on: console)
        let next = try page { (event) throws(CommandFailure) in
            try table.row(EventTable.cells(of: event))
        }
        try table.finish()
        try tell(next)
    }

    private func tell(_ next: String?) throws(CommandFailure) {
        guard let next else { return }
        try console.output.flush()
        console.note("more: go on with --after \(next)")
    }
}

/// Events as rows for people: data that is long or not text is only hinted at.
enum EventTable {
    static let columns: [TableWriter.Column] = [
        .init("POSITION", .right), .init("STREAM"), .init("VERSION", .right), .init("TYPE"),
        .init("TIME"), .init("DATA"),
    ]

    private static let dataCharacterCountMax = 60

    static func cells(of event: EventReference) -> [String] {
        [
            String(event.position.rawValue), String(repairing: event.stream),
            String(event.version.rawValue), String(repairing: event.type), event.time.rfc3339,
            data(of: event),
        ]
    }

    private static func data(of event: EventReference) -> String {
        guard event.isJSON else { return "(\(Quantity.bytes(UInt64(event.data.count))))" }
        // Four bytes a character at most; what is cut inside of one is beyond the limit.
        let start = event.data.prefix(dataCharacterCountMax * 4 + 4)
        let text = String(repairing: UnsafeRawBufferPointer(rebasing: start))
        let shown = text.prefix(dataCharacterCountMax)
        return shown.count < text.count || start.count < event.data.count
            ? shown + "…" : String(shown)
    }
}
