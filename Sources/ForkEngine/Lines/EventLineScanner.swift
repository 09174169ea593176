// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, lines. Reads one line of event NDJSON into slices of it.
// A line that is accepted is one JSON object in valid UTF-8 with exactly the keys of an event;
// what is not copied out is a slice of the line, byte for byte.
import SegmentStore

/// Scans event lines; holds the buffers that it uses again for each.
///
/// A line is an object with `stream`, `type`, and either `data` (any JSON value) or `dataBase64`;
/// optionally `id`, `time`, `metadata`. `position`, `version`, `partition` and `sequence` are
/// ignored. Keys may stand in any order, each at most once.
package struct EventLineScanner: ~Copyable {
    private var streamText = ByteBuffer()
    private var typeText = ByteBuffer()
    private var decodedData = ByteBuffer()
    private var scratch = ByteBuffer()

    package init() {}

    /// What has been read of a line.
    private struct Partial {
        var keysSeen: UInt16 = 0
        var stream: UnsafeRawBufferPointer?
        var type: UnsafeRawBufferPointer?
        var data: UnsafeRawBufferPointer?
        var isJSON = true
        var id: EventID?
        var time: Timestamp?
        var metadata: UnsafeRawBufferPointer?
    }

    /// Reads `line`, without its line break. The result borrows from `line` and from the
    /// scanner, until the next call.
    ///
    /// - Throws: `TextError` with the column, in bytes from 1, where the line goes wrong.
    package mutating func scan(_ line: UnsafeRawBufferPointer) throws(TextError) -> EventLine {
        var cursor = JSONCursor(line)
        var partial = Partial()
        cursor.skipSpace()
        try cursor.expect(UInt8(ascii: "{"), "an event is a JSON object: '{' is expected")
        cursor.skipSpace()
        if !cursor.skip(UInt8(ascii: "}")) {
            repeat {
                cursor.skipSpace()
                try scanMember(&cursor, into: &partial)
                cursor.skipSpace()
            } while cursor.skip(UInt8(ascii: ","))
            try cursor.expect(UInt8(ascii: "}"), "',' or '}' is expected")
        }
        cursor.skipSpace()
        guard cursor.next == nil else { throw cursor.fault("nothing may follow the event") }
        return try whole(partial, at: cursor)
    }

    private func whole(
        _ partial: Partial, at cursor: borrowing JSONCursor
    ) throws(TextError) -> EventLine {
        guard let stream = partial.stream else { throw cursor.fault("\"stream\" is missing") }
        guard let type = partial.type else { throw cursor.fault("\"type\" is missing") }
        guard let data = partial.data else {
            throw cursor.fault("\"data\" or \"dataBase64\" is missing")
        }
        let line = EventLine(
            stream: stream, type: type, data: data, isJSON: partial.isJSON, id: partial.id,
            time: partial.time, metadata: partial.metadata)
        guard line.payloadByteCount <= EventLimits.eventByteCount else {
            throw TextError(
                "data and metadata have \(line.payloadByteCount) bytes, and an event may have"
                    + " \(EventLimits.eventByteCount)", column: 1)
        }
        return line
    }

    /// Reads `"key": value`.
    private mutating func scanMember(
        _ cursor: inout JSONCursor, into partial: inout Partial
    ) throws(TextError) {
        let keyStart = cursor.index
        guard cursor.next == UInt8(ascii: "\"") else {
            throw cursor.fault("a key in quotes is expected")
        }
        let key = try identify(try cursor.skipString(), in: cursor)
        guard partial.keysSeen & key.rawValue == 0 else {
            throw cursor.fault("the key stands here twice", at: keyStart)
        }
        partial.keysSeen |= key.rawValue
        cursor.skipSpace()
        try cursor.expect(UInt8(ascii: ":"), "':' is expected after a key")
        cursor.skipSpace()
        switch key {
        case .stream:
            partial.stream = try Self.scanName(&cursor, as: .stream, into: &streamText)
        case .type:
            partial.type = try Self.scanName(&cursor, as: .type, into: &typeText)
        case .data, .dataBase64:
            guard partial.data == nil else {
                throw cursor.fault(
                    "an event has \"data\" or \"dataBase64\", not both", at: keyStart)
            }
            partial.isJSON = key == .data
            partial.data =
                try key == .data
                ? cursor.bytes(cursor.skipValue()) : scanBase64(&cursor)
        case .id:
            partial.id = try scanText(&cursor, "\"id\" must be a UUID in quotes") {
                (text) throws(TextError) in try EventID(uuid: text)
            }
        case .time:
            partial.time = try scanText(&cursor, "\"time\" must be a time in quotes") {
                (text) throws(TextError) in try RFC3339.parse(text)
            }
        case .metadata:
            partial.metadata = cursor.bytes(try cursor.skipValue())
        case .position, .version, .partition, .sequence:
            _ = try cursor.skipValue()
        }
    }

    private mutating func identify(
        _ slice: JSONCursor.StringSlice, in cursor: borrowing JSONCursor
    ) throws(TextError) -> EventLineKey {
        let name = unescaped(slice, in: cursor)
        if let key = EventLineKey(name) { return key }
        let shown = String(repairing: UnsafeRawBufferPointer(rebasing: name.prefix(40)))
        throw TextError("unknown key \"\(shown)\"", column: slice.start)
    }

    /// The text of a string: a slice of the line, or of `scratch` where escapes stand in it.
    private mutating func unescaped(
        _ slice: JSONCursor.StringSlice, in cursor: borrowing JSONCursor
    ) -> UnsafeRawBufferPointer {
        guard slice.hasEscapes else { return cursor.bytes(slice) }
        scratch.removeAll()
        cursor.unescape(slice, into: &scratch)
        return scratch.bytes
    }

    private static func scanName(
        _ cursor: inout JSONCursor, as kind: EventName.Kind, into buffer: inout ByteBuffer
    ) throws(TextError) -> UnsafeRawBufferPointer {
        let start = cursor.index
        guard cursor.next == UInt8(ascii: "\"") else {
            throw cursor.fault("\"stream\" and \"type\" must be strings")
        }
        let slice = try cursor.skipString()
        var name = cursor.bytes(slice)
        if slice.hasEscapes {
            buffer.removeAll()
            cursor.unescape(slice, into: &buffer)
            name = buffer.bytes
        }
        do throws(TextError) {
            try EventName.checkText(name, as: kind)
        } catch {
            throw slice.hasEscapes || error.column == nil
                ? TextError(error.sentence, column: start + 1) : error.shifted(by: slice.start)
        }
        return name
    }

    private mutating func scanText<Value>(
        _ cursor: inout JSONCursor, _ sentence: StaticString,
        _ parse: (UnsafeRawBufferPointer) throws(TextError) -> Value
    ) throws(TextError) -> Value {
        guard cursor.next == UInt8(ascii: "\"") else { throw cursor.fault(sentence) }
        let slice = try cursor.skipString()
        do throws(TextError) {
            return try parse(unescaped(slice, in: cursor))
        } catch {
            throw slice.hasEscapes
                ? TextError(error.sentence, column: slice.start) : error.shifted(by: slice.start)
        }
    }

    private mutating func scanBase64(
        _ cursor: inout JSONCursor
    ) throws(TextError) -> UnsafeRawBufferPointer {
        guard cursor.next == UInt8(ascii: "\"") else {
            throw cursor.fault("\"dataBase64\" must be a string")
        }
        let slice = try cursor.skipString()
        decodedData.removeAll()
        do throws(TextError) {
            try Base64.decode(unescaped(slice, in: cursor), into: &decodedData)
        } catch {
            throw slice.hasEscapes
                ? TextError(error.sentence, column: slice.start) : error.shifted(by: slice.start)
        }
        return decodedData.bytes
    }
}
