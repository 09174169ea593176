// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, manifest. What a root says of one segment.

/// A segment in a root: the object, the positions of it that count, and the totals of all events
/// before them, so that totals at any cut cost one segment at most.
package struct SegmentEntry: Hashable, Sendable {
    package var first: Position
    /// A trim may have lowered this below what the object holds.
    package var end: Position
    package var address: ObjectAddress
    /// The overlay of the first event.
    package var overlay: OverlayID
    /// The size of the whole object, whatever counts of it.
    package var byteCount: UInt64
    /// Logical bytes of the events before `first`.
    package var bytesBefore: UInt64
    /// The latest time of the events before `first`; `.min` where there are none.
    package var latestTimeBefore: Timestamp
    /// Streams in the events before `first`.
    package var streamsBefore: UInt64

    package init(
        first: Position, end: Position, address: ObjectAddress, overlay: OverlayID,
        byteCount: UInt64, bytesBefore: UInt64, latestTimeBefore: Timestamp, streamsBefore: UInt64
    ) {
        self.first = first
        self.end = end
        self.address = address
        self.overlay = overlay
        self.byteCount = byteCount
        self.bytesBefore = bytesBefore
        self.latestTimeBefore = latestTimeBefore
        self.streamsBefore = streamsBefore
    }

    package var range: Range<Position> { first..<end }
    package var object: ObjectID { ObjectID(address: address, kind: .segment) }

    var put: ManifestEdit {
        var value: [UInt8] = []
        value.reserveCapacity(ManifestEntryFormat.segmentByteCount)
        address.encode(into: &value)
        value.appendLittleEndian(end.rawValue)
        value.appendLittleEndian(overlay.rawValue)
        value.appendLittleEndian(byteCount)
        value.appendLittleEndian(bytesBefore)
        value.appendLittleEndian(latestTimeBefore.rawValue)
        value.appendLittleEndian(streamsBefore)
        return .put(key: ManifestKey.segment(first), value: value)
    }

    var delete: ManifestEdit { .delete(key: ManifestKey.segment(first)) }

    /// Nil where the entry is of another kind or holds what no segment can.
    init?(_ entry: ManifestEntry) {
        let value = entry.value
        guard let first = ManifestKey.first(entry.key, tag: ManifestEntryFormat.segmentTag),
            value.count == ManifestEntryFormat.segmentByteCount
        else { return nil }
        self.first = first
        address = ObjectAddress(value, at: 0)
        end = Position(value.littleEndian64(at: ManifestEntryFormat.endOffset))
        overlay = OverlayID(value.littleEndian64(at: ManifestEntryFormat.overlayOffset))
        byteCount = value.littleEndian64(at: ManifestEntryFormat.segmentSizeOffset)
        bytesBefore = value.littleEndian64(at: ManifestEntryFormat.bytesBeforeOffset)
        latestTimeBefore = Timestamp(
            rawValue: Int64(
                bitPattern: value.littleEndian64(at: ManifestEntryFormat.latestTimeBeforeOffset)))
        streamsBefore = value.littleEndian64(at: ManifestEntryFormat.streamsBeforeOffset)
        guard first < end, end.rawValue < ManifestEntryFormat.positionMax,
            first.distance(to: end) <= UInt64(EventLimits.segmentEventCount)
        else { return nil }
    }
}
