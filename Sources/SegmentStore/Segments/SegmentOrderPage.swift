// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, segments. Which row each position has, and how far each partition had come.

/// An order page, borrowed. Trivial; valid while the page is.
struct SegmentOrderPage {
    private let bytes: UnsafeRawBufferPointer
    private let positionCount: Int
    private let width: Int

    /// Nil where the bytes are no page of `positionCount` rows of `width` bytes.
    init?(_ bytes: UnsafeRawBufferPointer, positionCount: Int, width: Int) {
        typealias Format = SegmentFormat.Order
        let groups = (positionCount + Format.groupPositionCount - 1) / Format.groupPositionCount
        guard bytes.count == groups * Format.countsByteCount + width * positionCount else {
            return nil
        }
        self.bytes = bytes
        self.positionCount = positionCount
        self.width = width
    }

    private var groupByteCount: Int {
        SegmentFormat.Order.countsByteCount + width * SegmentFormat.Order.groupPositionCount
    }

    /// The row of position `index` of the page: not yet compared with the count of events.
    @inline(__always)
    func row(_ index: Int) -> UInt32 {
        assert(index >= 0 && index < positionCount)
        let (planes, count) = planes(ofGroup: index / SegmentFormat.Order.groupPositionCount)
        var offset = planes + index % SegmentFormat.Order.groupPositionCount
        var row: UInt32 = 0
        for plane in 0..<width {
            row |= UInt32(bytes[offset]) << UInt32(plane * 8)
            offset += count
        }
        return row
    }

    /// The rows of some positions of the page, into the first of `target`.
    func decode(_ positions: Range<Int>, into target: borrowing ScratchArray<UInt32>) {
        var index = positions.lowerBound
        while index < positions.upperBound {
            let group = index / SegmentFormat.Order.groupPositionCount
            let end = Swift.min(
                positions.upperBound, (group + 1) * SegmentFormat.Order.groupPositionCount)
            let (planes, count) = planes(ofGroup: group)
            let start = index - positions.lowerBound
            for plane in 0..<width {
                let from =
                    planes + plane * count + index % SegmentFormat.Order.groupPositionCount
                let shift = UInt32(plane * 8)
                for step in 0..<(end - index) {
                    let row = UInt32(bytes[from + step]) << shift
                    target[start + step] = plane == 0 ? row : target[start + step] | row
                }
            }
            index = end
        }
    }

    /// Events of a partition in this segment before the group of position `index`.
    func count(of partition: Partition, beforeGroupOf index: Int) -> UInt32 {
        let group = index / SegmentFormat.Order.groupPositionCount
        return bytes.uint32(at: group * groupByteCount + Int(partition.rawValue) * 4)
    }

    /// Positions before `index`, in its group, whose row is one of `rows`. At most 4,095 are looked
    /// at, in a loop for each width so that the compiler can take many at once.
    func count(of rows: Range<Int>, inGroupBefore index: Int) -> Int {
        let (offset, stride) = planes(ofGroup: index / SegmentFormat.Order.groupPositionCount)
        let before = index % SegmentFormat.Order.groupPositionCount
        let low = bytes.slice(offset, stride)
        let first = UInt32(truncatingIfNeeded: rows.lowerBound)
        let wanted = UInt32(truncatingIfNeeded: rows.count)
        var count: UInt32 = 0
        switch width {
        case 1:
            for place in 0..<before where UInt32(low[place]) &- first < wanted { count &+= 1 }
        case 2:
            let middle = bytes.slice(offset + stride, stride)
            for place in 0..<before {
                let row = UInt32(low[place]) | UInt32(middle[place]) << 8
                count &+= row &- first < wanted ? 1 : 0
            }
        default:
            let middle = bytes.slice(offset + stride, stride)
            let high = bytes.slice(offset + 2 * stride, stride)
            for place in 0..<before {
                let row =
                    UInt32(low[place]) | UInt32(middle[place]) << 8 | UInt32(high[place]) << 16
                count &+= row &- first < wanted ? 1 : 0
            }
        }
        return Int(count)
    }

    /// Where the planes of a group begin, and how many bytes each has.
    @inline(__always)
    private func planes(ofGroup group: Int) -> (offset: Int, count: Int) {
        let first = group * SegmentFormat.Order.groupPositionCount
        return (
            group * groupByteCount + SegmentFormat.Order.countsByteCount,
            Swift.min(SegmentFormat.Order.groupPositionCount, positionCount - first)
        )
    }
}
