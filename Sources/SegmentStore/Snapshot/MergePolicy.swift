// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. When runs are merged and segments coalesced. Pure functions of
// positions, so that a root depends on what it was made from alone.
//
// Sizes are counted in events. Each run is then at least four times as large as all the newer
// together: three to six runs at 10^8 events, and an index entry is rewritten about ten times.

enum MergePolicy {
    static let growth: UInt64 = 4

    /// How many of the runs, newest first, are merged with the `newCount` events above them: while
    /// the next is smaller than four times all the newer together, and on the same side of
    /// `floor`.
    static func mergedRunCount(
        _ runs: [Range<Position>], newCount: UInt64, cut: Position, floor: Position
    ) -> Int {
        var newer = newCount
        var count = 0
        for run in runs {
            let runCount = run.lowerBound.distance(to: run.upperBound)
            let isSameSide = cut < floor || run.lowerBound >= floor
            guard isSameSide, runCount < growth * newer else { break }
            newer += runCount
            count += 1
        }
        return count
    }

    /// The groups of small neighbouring segments, oldest first, that become one each. A group is at
    /// least twice as large as its largest segment, or has eight: so an event is rewritten a few
    /// times at most before its segment is no longer small.
    ///
    /// `logicalByteCounts`: of each segment. They bound a group, not the bytes on disk: a group is
    /// held decompressed while it is built. `unreadable`: in no group.
    static func coalescedGroups(
        _ segments: [SegmentEntry], logicalByteCounts: [UInt64],
        except unreadable: Set<ObjectAddress> = [], limits: PublishLimits
    ) -> [Range<Int>] {
        var groups: [Range<Int>] = []
        var start = 0
        while start < segments.count {
            var end = start
            var events: UInt64 = 0
            var bytes: UInt64 = 0
            var largest: UInt64 = 0
            while end < segments.count, isSmall(segments[end], limits),
                !unreadable.contains(segments[end].address)
            {
                let count = eventCount(segments[end])
                let (sum, overflow) = bytes.addingReportingOverflow(logicalByteCounts[end])
                guard !overflow, sum <= limits.segmentByteCount,
                    events + count <= UInt64(limits.segmentEventCount)
                else { break }
                events += count
                bytes = sum
                largest = max(largest, count)
                end += 1
            }
            let size = end - start
            if size >= 8 || (size >= 2 && events >= 2 * largest) { groups.append(start..<end) }
            start = max(end, start + 1)
        }
        return groups
    }

    private static func isSmall(_ segment: SegmentEntry, _ limits: PublishLimits) -> Bool {
        eventCount(segment) < limits.smallEventCount && segment.byteCount < limits.smallByteCount
    }

    private static func eventCount(_ segment: SegmentEntry) -> UInt64 {
        segment.first.distance(to: segment.end)
    }
}
