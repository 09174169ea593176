// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, runs. Makes the run of one new segment; merging is beside this.

/// Builds index runs. The bytes of a run depend only on what is given here.
package enum IndexRunBuilder {
    /// Writes the run of one segment: O(streams), 12 bytes of memory a stream.
    ///
    /// `isOldest`: whether the run will be the oldest of its root: it gets no filter, since nearly
    /// every look-up that comes so far finds its stream there.
    package static func build(
        _ segment: RunSegment, streams: RunStreams, isOldest: Bool, in store: ObjectStore
    ) throws(StorageError) -> BuiltRun {
        var writer = try IndexRunWriter.start(segments: [segment], in: store)
        var events: UInt64 = 0
        for index in 0..<streams.count {
            let row = streams[index]
            try writer.append(key: row.key, name: streams.name(row), extents: [row.extent])
            events += UInt64(row.extent.count)
        }
        // Each position is one row of one stream.
        precondition(events == segment.range.lowerBound.distance(to: segment.range.upperBound))
        return try writer.finish(hasFilter: !isOldest)
    }
}
