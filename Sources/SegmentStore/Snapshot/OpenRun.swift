// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. An open index run with the segments it points into.

/// An index run; the segments of its table are opened when they are first read. Shared by all
/// roots that hold the run. Thread-safe.
final class OpenRun: Sendable {
    let index: IndexRun
    private let cache: SegmentCache
    /// By index in the run's table.
    private let opened: Locked<[Segment?]>

    init(_ index: IndexRun, segments cache: SegmentCache) {
        self.index = index
        self.cache = cache
        opened = Locked(Array(repeating: nil, count: index.segments.count))
    }

    /// Segment `number` of the run's table, which the caller knows to be in it.
    func segment(_ number: Int) throws(StorageError) -> Segment {
        if let segment = opened.withLock({ $0[number] }) { return segment }
        let place = index.segments[number]
        let segment = try cache.open(place.address, holding: place.range)
        opened.withLock { $0[number] = segment }
        return segment
    }
}
