// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, segments.

/// A stream's events in one segment: `count` rows from `firstRow` on, in order of version.
///
/// The name is borrowed, from a page or a table that its lender keeps.
package struct SegmentStream {
    package var hash: StreamHash
    /// 1 to 255 bytes of UTF-8.
    package var name: UnsafeRawBufferPointer
    package var firstVersion: Version
    package var firstRow: UInt32
    package var count: UInt32
}

/// The streams of a segment that was just built, by (key, name), which is the order of rows.
///
/// `@unchecked Sendable`: nothing changes after `init`.
package final class SegmentStreamTable: @unchecked Sendable {
    private struct Entry {
        var hash: StreamHash
        var firstVersion: Version
        var firstRow: UInt32
        var count: UInt32
        var nameOffset: Int
        var nameByteCount: Int
    }

    private let entries: [Entry]
    private let names: UnsafeMutableRawBufferPointer

    init(_ streams: [SegmentGrouping.Stream]) {
        names = .allocate(byteCount: streams.reduce(0) { $0 + $1.name.count }, alignment: 1)
        var offset = 0
        var entries: [Entry] = []
        entries.reserveCapacity(streams.count)
        for stream in streams {
            let end = offset + stream.name.count
            UnsafeMutableRawBufferPointer(rebasing: names[offset..<end])
                .copyMemory(from: stream.name)
            entries.append(
                Entry(
                    hash: stream.hash, firstVersion: stream.firstVersion,
                    firstRow: stream.firstRow, count: stream.count, nameOffset: offset,
                    nameByteCount: stream.name.count))
            offset = end
        }
        self.entries = entries
    }

    /// The streams of an open segment that have rows below `end`, with as many rows.
    init(of segment: Segment, below end: Position) throws(StorageError) {
        var entries: [Entry] = []
        var bytes: [UInt8] = []
        var rowCount: UInt64 = 0
        var cursor = segment.makeStreamCursor()
        while let stream = try cursor.next() {
            let rows = stream.firstRow..<(stream.firstRow + stream.count)
            let count = try segment.visibleCount(rows: rows, below: end)
            if count == 0 { continue }
            rowCount += UInt64(count)
            entries.append(
                Entry(
                    hash: stream.hash, firstVersion: stream.firstVersion,
                    firstRow: stream.firstRow, count: count, nameOffset: bytes.count,
                    nameByteCount: stream.name.count))
            bytes.append(contentsOf: stream.name)
        }
        guard rowCount == segment.range.lowerBound.distance(to: end) else {
            throw segment.id.damage(at: nil, "its streams do not hold all of its events")
        }
        self.entries = entries
        names = .allocate(byteCount: bytes.count, alignment: 1)
        names.copyBytes(from: bytes)
    }

    deinit { names.deallocate() }

    package var count: Int { entries.count }

    /// A stream, whose name is valid while the table is.
    package subscript(index: Int) -> SegmentStream {
        let entry = entries[index]
        return SegmentStream(
            hash: entry.hash,
            name: UnsafeRawBufferPointer(names).slice(entry.nameOffset, entry.nameByteCount),
            firstVersion: entry.firstVersion, firstRow: entry.firstRow, count: entry.count)
    }
}

/// A segment that was written and is durable.
package struct BuiltSegment: Sendable {
    package let object: PublishedObject
    package let range: Range<Position>
    /// Totals with the segment's own events.
    package let after: HistoryTotals
    package let streams: SegmentStreamTable
}
