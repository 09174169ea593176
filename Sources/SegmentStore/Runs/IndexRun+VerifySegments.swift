// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, runs. Holds a run against the segments that it points into: each stream of
// each segment stands in the run, where the segment has it, and nothing else does.

extension IndexRun {
    /// Verifies the run (see `verify`), and that its extents are exactly what its segments hold
    /// below the ends that the run knows for them. O(streams + extents), one page of each segment
    /// in memory at a time.
    ///
    /// Segments at or above `end`, where a root was trimmed, are not asked for: they may be gone.
    @discardableResult
    package func verify(
        below end: Position = Position(.max),
        against open: (RunSegment) throws(StorageError) -> Segment
    ) throws(StorageError) -> RunVerification {
        var walks: [SegmentWalk] = []
        for segment in segments where segment.range.lowerBound < end {
            walks.append(SegmentWalk(try open(segment), as: segment))
        }
        for walk in walks where !walk.hasTheRange {
            throw id.damage(at: nil, "it knows other positions of \(walk.path) than that has")
        }
        let result = try verify(visit: { (record, extent) throws(StorageError) in
            guard Int(extent.segment) < walks.count else { return }
            let walk = walks[Int(extent.segment)]
            guard let stream = try walk.next(), ByteOrder.equal(stream.name, record.name),
                RunExtent(stream, segment: extent.segment) == extent
            else {
                let name = String(decoding: record.name, as: UTF8.self)
                throw id.damage(
                    at: nil, "stream \"\(name)\" is not in \(walk.path) as it says")
            }
        })
        for walk in walks {
            guard let stream = try walk.next() else { continue }
            let name = String(decoding: stream.name, as: UTF8.self)
            throw id.damage(at: nil, "it does not name stream \"\(name)\" of \(walk.path)")
        }
        return result
    }
}

/// Goes through the streams of one segment, as far as they are below a run's end of it.
private final class SegmentWalk {
    private let segment: Segment
    private let known: RunSegment
    private var cursor: SegmentStreamCursor

    init(_ segment: Segment, as known: RunSegment) {
        self.segment = segment
        self.known = known
        cursor = segment.makeStreamCursor()
    }

    var path: String { segment.id.path }

    var hasTheRange: Bool {
        segment.range.lowerBound == known.range.lowerBound
            && segment.range.upperBound >= known.range.upperBound
    }

    /// The next stream that has events below the end, with so many; its name is valid until the
    /// next call.
    func next() throws(StorageError) -> SegmentStream? {
        while var stream = try cursor.next() {
            if known.range.upperBound < segment.range.upperBound {
                let rows = stream.firstRow..<(stream.firstRow + stream.count)
                stream.count = try segment.visibleCount(rows: rows, below: known.range.upperBound)
            }
            if stream.count > 0 { return stream }
        }
        return nil
    }
}
