// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. All streams: the runs side by side, in their common order.

extension Snapshot {
    /// Calls `body` with each stream whose name begins with `prefix` and its number of events
    /// below the cut, each once, in order of (hash rotated right by 5, name), until it answers
    /// false. The name is valid during the call. O(streams of all runs).
    package func forEachStream(
        prefix: UnsafeRawBufferPointer,
        _ body: (StreamHash, UnsafeRawBufferPointer, UInt64) throws(StorageError) -> Bool
    ) throws(StorageError) {
        try requireOlderRuns()
        try Self.forEachStream(of: runs, prefix: prefix, body)
    }

    /// The same of some runs, newest first.
    static func forEachStream(
        of runs: [RunView], prefix: UnsafeRawBufferPointer,
        _ body: (StreamHash, UnsafeRawBufferPointer, UInt64) throws(StorageError) -> Bool
    ) throws(StorageError) {
        let cursors = runs.map { IndexRunCursor($0.run.index) }
        for cursor in cursors { _ = try cursor.advance(prefix: prefix) }
        while let (key, lowest) = lowest(of: cursors) {
            var next: Version?
            var standing: [IndexRunCursor] = []
            for (view, cursor) in zip(runs, cursors) {
                guard let record = cursor.record, cursor.key == key,
                    ByteOrder.equal(record.name, lowest.name)
                else { continue }
                standing.append(cursor)
                // Newest first: the first run with something visible has the last version.
                if next == nil { next = try view.newestExtent(of: record)?.endVersion }
            }
            if let next {
                let goesOn = try body(StreamHash(key: key), lowest.name, next.rawValue)
                guard goesOn else { return }
            }
            // The record that lends the name keeps its page.
            for cursor in standing { _ = try cursor.advance(prefix: prefix) }
            withExtendedLifetime(lowest) {}
        }
    }

    private static func lowest(of cursors: [IndexRunCursor]) -> (UInt64, IndexRecord)? {
        var lowest: (key: UInt64, record: IndexRecord)?
        for cursor in cursors {
            guard let record = cursor.record else { continue }
            if let other = lowest {
                guard
                    cursor.key < other.key
                        || cursor.key == other.key
                            && ByteOrder.compare(record.name, other.record.name) < 0
                else { continue }
            }
            lowest = (cursor.key, record)
        }
        return lowest
    }
}
