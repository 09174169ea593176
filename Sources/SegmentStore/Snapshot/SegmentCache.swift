// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. Open segments by address, shared by all roots that hold them.

/// Opens segments. Thread-safe.
final class SegmentCache: Sendable {
    private let objects: ObjectStore
    private let cache = BoundedCache<ObjectAddress, Segment>(countMax: 1_024)

    init(objects: ObjectStore) { self.objects = objects }

    /// The segment at `address`, of which somebody says that `range` counts: damage where it
    /// begins elsewhere or ends before.
    func open(
        _ address: ObjectAddress, holding range: Range<Position>
    ) throws(StorageError) -> Segment {
        let segment = try open(address)
        guard segment.range.lowerBound == range.lowerBound,
            range.upperBound <= segment.range.upperBound
        else {
            throw segment.id.damage(
                at: nil,
                "it holds the positions \(segment.range), and is said to hold \(range)")
        }
        return segment
    }

    func open(_ address: ObjectAddress) throws(StorageError) -> Segment {
        try cache.value(of: address) { () throws(StorageError) in
            try Segment.open(objects.open(ObjectID(address: address, kind: .segment)))
        }
    }

    func open(_ entry: SegmentEntry) throws(StorageError) -> Segment {
        try open(entry.address, holding: entry.range)
    }
}
