// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, lines. What one line of event NDJSON says.
package import SegmentStore

/// One event as a line has it, borrowed from the line and from the scanner: valid until the
/// scanner reads its next line or the line's memory goes.
package struct EventLine {
    /// 1 to 255 bytes of UTF-8 without control characters.
    package var stream: UnsafeRawBufferPointer
    /// As `stream`.
    package var type: UnsafeRawBufferPointer
    /// The JSON value byte for byte as the line has it, or the bytes of `dataBase64`.
    package var data: UnsafeRawBufferPointer
    /// True for `data`, false for `dataBase64`.
    package var isJSON: Bool
    package var id: EventID?
    package var time: Timestamp?
    /// JSON text, byte for byte; nil where the line has none.
    package var metadata: UnsafeRawBufferPointer?

    /// The bytes that `EventLimits.eventByteCount` bounds.
    package var payloadByteCount: Int { data.count + (metadata?.count ?? 0) }
}
