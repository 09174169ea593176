// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, runs. What a run is made of: the streams of one segment.

/// The streams of one segment in ascending order of (key, name), each with its rows; names stand
/// in one piece of memory, so that a list of many streams is two allocations.
///
/// `@unchecked Sendable`: filled by one thread before it is handed on, then constant.
package final class RunStreams: @unchecked Sendable {
    /// One stream: where its rows begin in the segment, and how many there are.
    package struct Row: Sendable {
        package let key: UInt64
        package let extent: RunExtent
        fileprivate let nameOffset: Int
        fileprivate let nameByteCount: Int
    }

    private var rows: [Row] = []
    private var names = ByteSink(capacity: 4_096)

    package init() {}

    package var count: Int { rows.count }
    package subscript(index: Int) -> Row { rows[index] }

    /// The name of a stream, 1 to 255 bytes; valid while the list is referenced and unchanged.
    package func name(_ row: Row) -> UnsafeRawBufferPointer {
        names.bytes.slice(row.nameOffset, row.nameByteCount)
    }

    /// Adds a stream, which must sort after all before it.
    package func append(
        _ hash: StreamHash, name: UnsafeRawBufferPointer, firstVersion: Version, firstRow: UInt32,
        count: UInt32
    ) {
        precondition((1...EventLimits.streamByteCount).contains(name.count))
        precondition(count > 0 && count <= EventLimits.segmentEventCount)
        precondition(firstRow < 1 << (8 * IndexRunFormat.rowByteCount))
        if let last = rows.last {
            precondition(
                last.key < hash.key
                    || last.key == hash.key && ByteOrder.compare(self.name(last), name) < 0,
                "streams of a run are added in order")
        }
        let extent = RunExtent(
            firstVersion: firstVersion, count: count, segment: 0, firstRow: firstRow)
        rows.append(
            Row(
                key: hash.key, extent: extent, nameOffset: names.count, nameByteCount: name.count))
        names.append(name)
    }
}
