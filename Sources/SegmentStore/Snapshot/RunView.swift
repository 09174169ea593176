// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. A run as a snapshot sees it: up to a position.
//
// What begins at or above that position is gone; the segment that straddles it is cut, and so is
// an extent in it, to the rows of positions below.

struct RunView: Sendable {
    let run: OpenRun
    /// The position below which the run counts: its end in the root, or the snapshot's cut.
    let end: Position
    /// Segments of the run's table that begin below `end`.
    private let segmentCount: UInt32
    /// The segment that straddles `end`; out of range where none does.
    private let straddling: UInt32

    init(_ run: OpenRun, end: Position) {
        self.run = run
        self.end = end
        let segments = run.index.segments
        // Nearly always all: only a cut goes lower.
        var count = segments.count
        if end < run.index.range.upperBound, let last = run.index.segmentIndex(holding: end) {
            count = segments[last].range.lowerBound < end ? last + 1 : last
        }
        segmentCount = UInt32(count)
        let isStraddling = count > 0 && segments[count - 1].range.upperBound > end
        straddling = isStraddling ? UInt32(count - 1) : .max
    }

    /// How many events of an extent, its first ones, lie below the end.
    @inline(__always)
    func visibleCount(_ extent: RunExtent) throws(StorageError) -> UInt32 {
        if extent.segment >= segmentCount { return 0 }
        if extent.segment != straddling { return extent.count }
        return try run.segment(Int(extent.segment)).visibleCount(rows: extent.rows, below: end)
    }

    /// The newest extent of a record of which something is visible, cut to that; nil where
    /// nothing is.
    @inline(__always)
    func newestExtent(of record: IndexRecord) throws(StorageError) -> RunExtent? {
        for index in 0..<record.count {
            var extent = try record.extent(index)
            extent.count = try visibleCount(extent)
            if extent.count > 0 { return extent }
        }
        return nil
    }

    /// Lends the event in a row of an extent. `name` must be the stream's own.
    @inline(__always)
    func withEvent<Result>(
        row: UInt32, of extent: RunExtent, hash: StreamHash, name: UnsafeRawBufferPointer,
        _ body: (EventReference) throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        let stream = SegmentStream(
            hash: hash, name: name, firstVersion: extent.firstVersion, firstRow: extent.firstRow,
            count: extent.count)
        return try run.segment(Int(extent.segment)).withEvent(row: row, of: stream, body)
    }
}
