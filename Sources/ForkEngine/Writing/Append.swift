// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, writing. What a caller appends, and what comes of it.
public import SegmentStore

/// Events to be appended together, or not at all.
///
/// Each event is checked and encoded once, by the caller's thread, as it is added. A batch is
/// used for one append; it is not safe for two threads at once.
public final class AppendBatch {
    package let encoded: EventBatch

    /// `expectedByteCount`: about how many bytes the events take together, to save growing.
    public init(expectedByteCount: Int = 512) {
        encoded = EventBatch(expectedByteCount: expectedByteCount)
    }

    /// The number of events.
    public var count: Int { encoded.count }

    /// Bytes taken in memory, and in the journal.
    public var byteCount: Int { encoded.frameByteCount }

    /// Adds one event, O(bytes). Stream and type must be 1 to 255 bytes of UTF-8 without control
    /// characters, `data` and `metadata` together at most 16 MiB; `isJSON` promises that `data` is
    /// JSON text, and `metadata` always is. Without `id` the store derives one.
    ///
    /// Errors: `invalid` for a malformed name, `tooLarge` beyond a limit; the batch is unchanged.
    public func add(
        stream: UnsafeRawBufferPointer, type: UnsafeRawBufferPointer,
        data: UnsafeRawBufferPointer, metadata: UnsafeRawBufferPointer? = nil, time: Timestamp,
        id: EventID? = nil, isJSON: Bool = true
    ) throws(ForkError) {
        do throws(TextError) {
            try EventName.check(stream, as: .stream)
            try EventName.check(type, as: .type)
        } catch {
            throw ForkError(.invalid, error.description)
        }
        try lifting { () throws(StorageError) in
            try encoded.add(
                stream: stream, type: type, data: data, metadata: metadata, time: time, id: id,
                isJSON: isJSON)
        }
    }

    /// The same for an event at hand as Swift values.
    public func add(
        stream: String, type: String, data: [UInt8], metadata: [UInt8]? = nil, time: Timestamp,
        id: EventID? = nil, isJSON: Bool = true
    ) throws(ForkError) {
        try stream.withBytes { stream throws(ForkError) in
            try type.withBytes { type throws(ForkError) in
                try data.span.withUnsafeBytes { (data) throws(ForkError) in
                    guard let metadata else {
                        return try add(
                            stream: stream, type: type, data: data, time: time, id: id,
                            isJSON: isJSON)
                    }
                    try metadata.span.withUnsafeBytes { (metadata) throws(ForkError) in
                        try add(
                            stream: stream, type: type, data: data, metadata: metadata,
                            time: time, id: id, isJSON: isJSON)
                    }
                }
            }
        }
    }
}

/// A condition on one stream of a batch.
public struct Expectation: Hashable, Sendable {
    public let stream: String
    public let version: ExpectedVersion

    public init(stream: String, version: ExpectedVersion) {
        self.stream = stream
        self.version = version
    }
}

/// What an append did.
public struct AppendResult: Hashable, Sendable {
    /// The positions that the events have.
    public let positions: Range<Position>
    /// True where exactly these events were there already: a retry, recognised by their ids.
    public let wasRepeated: Bool
}
