// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, reading. An event that outlives the call that read it.
public import SegmentStore

/// One event, copied out of the store. For hot loops read `EventReference`s instead.
public struct Event: Hashable, Sendable {
    public let id: EventID
    public let stream: String
    public let version: Version
    public let type: String
    public let time: Timestamp
    public let data: [UInt8]
    /// Whether `data` is JSON text, kept byte for byte.
    public let isJSON: Bool
    /// JSON text; nil where the event has none.
    public let metadata: [UInt8]?
    public let position: Position
    public let partition: Partition
}

extension Event {
    init(_ reference: EventReference, id: EventID) {
        self.init(
            id: id, stream: String(decoding: reference.stream, as: UTF8.self),
            version: reference.version, type: String(decoding: reference.type, as: UTF8.self),
            time: reference.time, data: Array(reference.data), isJSON: reference.isJSON,
            metadata: reference.metadata.map { Array($0) }, position: reference.position,
            partition: reference.streamHash.partition)
    }
}
