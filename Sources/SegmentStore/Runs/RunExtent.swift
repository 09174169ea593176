// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, runs.

/// The events of one stream in one segment: consecutive rows, consecutive versions.
package struct RunExtent: Hashable, Sendable {
    package var firstVersion: Version
    /// Events, 1 to `EventLimits.segmentEventCount`.
    package var count: UInt32
    /// Index in the run's table of segments.
    package var segment: UInt32
    /// Row of the first event in the segment.
    package var firstRow: UInt32

    package init(firstVersion: Version, count: UInt32, segment: UInt32, firstRow: UInt32) {
        self.firstVersion = firstVersion
        self.count = count
        self.segment = segment
        self.firstRow = firstRow
    }

    /// The rows of a stream in a segment of a run's table.
    init(_ stream: SegmentStream, segment: UInt32) {
        self.init(
            firstVersion: stream.firstVersion, count: stream.count, segment: segment,
            firstRow: stream.firstRow)
    }

    /// The version after the extent's last. Readers and writers of runs have shown that it is
    /// within 64 bits.
    package var endVersion: Version { Version(firstVersion.rawValue &+ UInt64(count)) }

    /// The rows of the extent. Below 2^25: a row has three bytes, a count is bounded.
    package var rows: Range<UInt32> { firstRow..<(firstRow &+ count) }
}

/// A segment as a run knows it: where it is, and the positions that it holds.
package struct RunSegment: Hashable, Sendable {
    package let address: ObjectAddress
    package let range: Range<Position>

    package init(address: ObjectAddress, range: Range<Position>) {
        self.address = address
        self.range = range
    }

    package init(_ segment: BuiltSegment) {
        self.init(address: segment.object.id.address, range: segment.range)
    }
}
