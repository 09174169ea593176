// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, reading. The streams that one side of a difference changed.
public import SegmentStore

/// What one side of a difference added to a stream.
public struct StreamChange: Hashable, Sendable {
    public let stream: String
    public let firstVersion: Version
    public internal(set) var eventCount: UInt64
    public internal(set) var byteCount: UInt64
}

/// The changed streams of one side, added up. Memory: about 100 bytes a stream, and its name.
public struct StreamChanges: Sendable {
    private struct Entry {
        let name: Range<Int>
        let firstVersion: Version
        var eventCount: UInt64
        var byteCount: UInt64
        /// The entry before it whose name has the same hash; -1: there is none.
        let next: Int
    }

    private var entries: [Entry] = []
    private var names: [UInt8] = []
    /// The newest entry of each hash.
    private var newest: [UInt64: Int] = [:]

    /// Logical bytes of all events added.
    public private(set) var byteCount: UInt64 = 0

    /// How many streams there are.
    public var count: Int { entries.count }

    mutating func add(_ event: EventReference) {
        byteCount += event.logicalByteCount
        let hash = event.streamHash.rawValue
        let first = newest[hash] ?? -1
        var index = first
        while index >= 0 {
            let isSame = names.withUnsafeBytes { names in
                ByteOrder.equal(.init(rebasing: names[entries[index].name]), event.stream)
            }
            if isSame {
                entries[index].eventCount += 1
                entries[index].byteCount += event.logicalByteCount
                return
            }
            index = entries[index].next
        }
        let start = names.count
        names.append(contentsOf: event.stream)
        newest[hash] = entries.count
        entries.append(
            Entry(
                name: start..<names.count, firstVersion: event.version, eventCount: 1,
                byteCount: event.logicalByteCount, next: first))
    }

    /// Calls `body` with each stream, sorted by the bytes of their names.
    public func forEach<Failure: Error>(
        _ body: (StreamChange) throws(Failure) -> Void
    ) throws(Failure) {
        let order = names.withUnsafeBytes { names in
            entries.indices.sorted { left, right in
                ByteOrder.compare(
                    .init(rebasing: names[entries[left].name]),
                    .init(rebasing: names[entries[right].name])) < 0
            }
        }
        for index in order {
            let entry = entries[index]
            try body(
                StreamChange(
                    stream: String(decoding: names[entry.name], as: UTF8.self),
                    firstVersion: entry.firstVersion, eventCount: entry.eventCount,
                    byteCount: entry.byteCount))
        }
    }
}
