// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, lines. Prints events as NDJSON, always in the same spelling.
// Reading a printed line and printing it again gives the same bytes.
package import SegmentStore

/// Prints an event as one line: its place, what it is, its payload.
///
/// The keys stand in a fixed order: `position`, `stream`, `version`, `type`, `time`, `id`,
/// `partition`, `sequence`, `data` or `dataBase64`, `metadata`.
package enum EventLineWriter {
    /// Appends the line of `event` and a line break.
    ///
    /// `data` and `metadata` that are JSON stand byte for byte as stored, but for line feeds,
    /// which JSON allows between its tokens only: each becomes a space, because an event is one
    /// line.
    package static func append(
        _ event: EventReference, id: EventID, sequence: UInt64, to buffer: inout ByteBuffer
    ) {
        buffer.append("{\"position\":")
        buffer.append(decimal: event.position.rawValue)
        buffer.append(",\"stream\":")
        JSONString.append(event.stream, to: &buffer)
        buffer.append(",\"version\":")
        buffer.append(decimal: event.version.rawValue)
        buffer.append(",\"type\":")
        JSONString.append(event.type, to: &buffer)
        buffer.append(",\"time\":\"")
        RFC3339.append(event.time, to: &buffer)
        buffer.append("\",\"id\":\"")
        id.append(to: &buffer)
        buffer.append("\",\"partition\":")
        buffer.append(decimal: UInt64(event.streamHash.partition.rawValue))
        buffer.append(",\"sequence\":")
        buffer.append(decimal: sequence)
        if event.isJSON {
            buffer.append(",\"data\":")
            appendJSON(event.data, to: &buffer)
        } else {
            buffer.append(",\"dataBase64\":\"")
            Base64.encode(event.data, into: &buffer)
            buffer.append("\"")
        }
        if let metadata = event.metadata {
            buffer.append(",\"metadata\":")
            appendJSON(metadata, to: &buffer)
        }
        buffer.append("}\n")
    }

    private static func appendJSON(
        _ json: UnsafeRawBufferPointer, to buffer: inout ByteBuffer
    ) {
        buffer.append(byteCount: json.count) { target in
            target.copyMemory(from: json)
            var start = 0
            while let offset = json.firstLineFeed(from: start) {
                target[offset] = UInt8(ascii: " ")
                start = offset + 1
            }
        }
    }
}
