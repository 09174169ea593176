// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. Events that outlive the pages they were lent from.

/// Copies of events, in chunks of memory that never move. One thread at a time.
final class EventCopies {
    private static let chunkByteCount = 1 << 20
    private var chunks: [UnsafeMutableRawBufferPointer] = []
    private var used = 0
    private var events: [EventReference] = []

    init() {}

    deinit {
        for chunk in chunks { chunk.deallocate() }
    }

    func append(_ event: EventReference) {
        var copy = event
        copy.stream = self.copy(event.stream)
        copy.type = self.copy(event.type)
        copy.data = self.copy(event.data)
        copy.metadata = event.metadata.map { self.copy($0) }
        events.append(copy)
    }

    func withEvents<Result>(
        _ body: (UnsafeBufferPointer<EventReference>) throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        defer { withExtendedLifetime(self) {} }
        // Arrays rethrow without a type, so the typed error leaves as a result.
        return try events.withUnsafeBufferPointer { events in
            Swift.Result { () throws(StorageError) in try body(events) }
        }.get()
    }

    private func copy(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        if chunks.last.map({ bytes.count > $0.count - used }) ?? true {
            chunks.append(
                .allocate(byteCount: max(Self.chunkByteCount, bytes.count), alignment: 16))
            used = 0
        }
        let chunk = chunks[chunks.count - 1]
        let target = UnsafeMutableRawBufferPointer(rebasing: chunk[used..<(used + bytes.count)])
        target.copyMemory(from: bytes)
        used += bytes.count
        return UnsafeRawBufferPointer(target)
    }
}
