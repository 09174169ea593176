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
        let group = index / SegmentFormat.Order.groupPositionCount
        let first = group * SegmentFormat.Order.groupPositionCount
        let count = Swift.min(SegmentFormat.Order.groupPositionCount, positionCount - first)
        var offset =
            group * groupByteCount + SegmentFormat.Order.countsByteCount + (index - first)
        var row: UInt32 = 0
        for plane in 0..<width {
            row |= UInt32(bytes[offset]) << UInt32(plane * 8)
            offset += count
        }
        return row
    }

    /// Events of a partition in this segment before the group of position `index`.
    func count(of partition: Partition, beforeGroupOf index: Int) -> UInt32 {
        let group = index / SegmentFormat.Order.groupPositionCount
        return bytes.uint32(at: group * groupByteCount + Int(partition.rawValue) * 4)
    }
}
