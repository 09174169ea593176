// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, runs. Makes the run of one new segment; merging is beside this.

/// Builds index runs. The bytes of a run depend only on what is given here.
package enum IndexRunBuilder {
    /// Writes the run of a segment that was just built: O(streams), 12 bytes of memory a stream.
    ///
    /// `isOldest`: whether the run will be the oldest of its root: it gets no filter, since nearly
    /// every look-up that comes so far finds its stream there.
    package static func build(
        _ segment: BuiltSegment, isOldest: Bool, in store: ObjectStore
    ) throws(StorageError) -> BuiltRun {
        try build(
            RunSegment(segment), streams: segment.streams, isOldest: isOldest, in: store)
    }

    /// The same from the parts: `streams` are those of the segment, each event in one of them.
    package static func build(
        _ segment: RunSegment, streams: SegmentStreamTable, isOldest: Bool, in store: ObjectStore
    ) throws(StorageError) -> BuiltRun {
        var writer = try IndexRunWriter.start(segments: [segment], in: store)
        var events: UInt64 = 0
        for index in 0..<streams.count {
            let stream = streams[index]
            try writer.append(
                key: stream.hash.key, name: stream.name,
                extents: [RunExtent(stream, segment: 0)])
            events += UInt64(stream.count)
        }
        // Each position is one row of one stream.
        precondition(events == segment.range.lowerBound.distance(to: segment.range.upperBound))
        return try writer.finish(hasFilter: !isOldest)
    }
}
