// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, manifest. What a root says of one index run.

/// An index run in a root: the object and the positions of it that count.
package struct RunEntry: Hashable, Sendable {
    package var first: Position
    /// A trim may have lowered this below what the object covers.
    package var end: Position
    package var address: ObjectAddress
    /// Streams that the run names, whatever counts of it.
    package var streamCount: UInt64
    /// The size of the whole object.
    package var byteCount: UInt64
    /// Whether the run has a filter: all but the oldest do.
    package var hasFilter: Bool

    package init(
        first: Position, end: Position, address: ObjectAddress, streamCount: UInt64,
        byteCount: UInt64, hasFilter: Bool
    ) {
        self.first = first
        self.end = end
        self.address = address
        self.streamCount = streamCount
        self.byteCount = byteCount
        self.hasFilter = hasFilter
    }

    package var range: Range<Position> { first..<end }
    package var object: ObjectID { ObjectID(address: address, kind: .run) }

    var put: ManifestEdit {
        var value: [UInt8] = []
        value.reserveCapacity(ManifestEntryFormat.runByteCount)
        address.encode(into: &value)
        value.appendLittleEndian(end.rawValue)
        value.appendLittleEndian(streamCount)
        value.appendLittleEndian(byteCount)
        value.append(hasFilter ? 1 : 0)
        value.append(contentsOf: repeatElement(0, count: 7))
        return .put(key: ManifestKey.run(first), value: value)
    }

    var delete: ManifestEdit { .delete(key: ManifestKey.run(first)) }

    /// Nil where the entry is of another kind or holds what no run can.
    init?(_ entry: ManifestEntry) {
        let value = entry.value
        guard let first = ManifestKey.first(entry.key, tag: ManifestEntryFormat.runTag),
            value.count == ManifestEntryFormat.runByteCount
        else { return nil }
        self.first = first
        address = ObjectAddress(value, at: 0)
        end = Position(value.littleEndian64(at: ManifestEntryFormat.endOffset))
        streamCount = value.littleEndian64(at: ManifestEntryFormat.streamCountOffset)
        byteCount = value.littleEndian64(at: ManifestEntryFormat.runSizeOffset)
        let filter = value.littleEndian64(at: ManifestEntryFormat.filterOffset)
        hasFilter = filter == 1
        guard first < end, end.rawValue < ManifestEntryFormat.positionMax, filter <= 1 else {
            return nil
        }
    }
}
