// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, words. How events pass between floors without a copy.

/// One event, borrowed: pointers into memory that its lender keeps alive.
///
/// A reference is valid only inside the call that lent it (a closure over a page, a tail that the
/// caller retains). It is trivial: passing it costs no retain and no allocation.
public struct EventReference {
    public var position: Position
    public var version: Version
    public var time: Timestamp
    public var streamHash: StreamHash
    /// The stored id; nil where the id is derived (see `EventID.derived`).
    public var storedID: EventID?
    /// 1 to 255 bytes of UTF-8.
    public var stream: UnsafeRawBufferPointer
    /// 1 to 255 bytes of UTF-8.
    public var type: UnsafeRawBufferPointer
    /// Opaque bytes, at most `EventLimits.eventByteCount` with the metadata.
    public var data: UnsafeRawBufferPointer
    /// JSON text; nil where the event has none.
    public var metadata: UnsafeRawBufferPointer?
    /// True where `data` is JSON text, kept byte for byte; false for any other bytes.
    public var isJSON: Bool

    public init(
        position: Position, version: Version, time: Timestamp, streamHash: StreamHash,
        storedID: EventID?, stream: UnsafeRawBufferPointer, type: UnsafeRawBufferPointer,
        data: UnsafeRawBufferPointer, metadata: UnsafeRawBufferPointer?, isJSON: Bool
    ) {
        self.position = position
        self.version = version
        self.time = time
        self.streamHash = streamHash
        self.storedID = storedID
        self.stream = stream
        self.type = type
        self.data = data
        self.metadata = metadata
        self.isJSON = isJSON
    }

    /// The bytes that totals and sizes count: stream, type, data and metadata.
    public var logicalByteCount: UInt64 {
        UInt64(stream.count + type.count + data.count + (metadata?.count ?? 0))
    }
}

/// The limits of events and batches, in bytes; each is tested at the limit and one beyond.
public enum EventLimits {
    public static let streamByteCount = 255
    public static let typeByteCount = 255
    /// Data and metadata of one event together: 16 MiB.
    public static let eventByteCount = 16 << 20
    /// All data and metadata of one atomic batch: 64 MiB.
    public static let batchByteCount = 64 << 20
    /// Events in one atomic batch.
    public static let batchEventCount = 1 << 18
    /// Events in one segment.
    public static let segmentEventCount = 1 << 18
}
