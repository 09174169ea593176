// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. An input as event lines, with every fault placed.
import ForkEngine
import SegmentStore

/// What is wrong with a line.
struct LineFault: Error {
    let line: UInt64
    let column: Int?
    let reason: String
    /// The line is sound, and the batch cannot take it: another batch might.
    var isOfBatch = false

    /// `events.ndjson, line 3, column 17: reason`.
    func sentence(in name: String) -> String {
        let place = column.map { ", column \($0)" } ?? ""
        return "\(name), line \(line)\(place): \(reason)"
    }
}

/// Reads lines from a source and adds them to batches, one scanner for all.
struct EventLines: ~Copyable {
    private var reader: LineReader<CommandFailure>
    private var scanner = EventLineScanner()

    init(_ source: InputSource) {
        reader = LineReader { (buffer) throws(CommandFailure) in try source.read(into: buffer) }
    }

    /// The number of the line given out last, from 1.
    var lineNumber: UInt64 { reader.lineNumber }
    /// Bytes read so far, to the end of that line.
    var byteCount: UInt64 { reader.byteCount }

    mutating func next() throws(CommandFailure) -> LineReader<CommandFailure>.Line? {
        try reader.next()
    }

    /// Adds the line's event; the batch is unchanged where that fails.
    mutating func add(
        _ line: LineReader<CommandFailure>.Line, to batch: AppendBatch, now: Timestamp
    ) throws(LineFault) {
        let number = reader.lineNumber
        guard case .bytes(let bytes) = line else {
            throw LineFault(
                line: number, column: nil,
                reason: "the line is longer than an event of \(EventLimits.eventByteCount >> 20)"
                    + " MiB may be")
        }
        let event: EventLine
        do throws(TextError) {
            event = try scanner.scan(bytes)
        } catch {
            throw LineFault(line: number, column: error.column, reason: error.sentence)
        }
        do throws(ForkError) {
            try batch.add(
                stream: event.stream, type: event.type, data: event.data,
                metadata: event.metadata, time: event.time ?? now, id: event.id,
                isJSON: event.isJSON)
        } catch {
            throw LineFault(
                line: number, column: nil, reason: error.message,
                isOfBatch: error.code == .tooLarge)
        }
    }
}
