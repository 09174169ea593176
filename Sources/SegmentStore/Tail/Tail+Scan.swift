// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, tail. Events in order: by position, or of one stream by version.

extension Tail {
    /// Lends the events of `positions` in order, downwards where `reverse`, as far as the tail
    /// has them, until `body` returns false. `partition`: only that one's. Returns whether it
    /// came to the end.
    @discardableResult
    package func scan(
        _ positions: Range<Position>, reverse: Bool = false, partition: Partition? = nil,
        _ body: (EventReference) throws(StorageError) -> Bool
    ) throws(StorageError) -> Bool {
        defer { extendLifetime(slices) }
        for slice in reverse ? slices.reversed() : slices {
            let (layer, range) = (slice.layer, slice.indexes(within: positions))
            for offset in 0..<range.count {
                let index = reverse ? range.upperBound - 1 - offset : range.lowerBound + offset
                if let partition, layer.chunks.entry(index).pointee.hash.partition != partition {
                    continue
                }
                guard try body(layer.reference(index)) else { return false }
            }
        }
        return true
    }

    /// Lends the events of `positions` as one array in position order, as the segment builder
    /// takes them. O(events), 150 bytes an event while it lasts.
    package func withEvents<Result>(
        _ positions: Range<Position>,
        _ body: (UnsafeBufferPointer<EventReference>) throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        let ranges = slices.map { $0.indexes(within: positions) }
        let count = ranges.reduce(0) { $0 + $1.count }
        let events = UnsafeMutableBufferPointer<EventReference>.allocate(capacity: count)
        defer { events.deallocate() }
        var next = 0
        for (slice, range) in zip(slices, ranges) {
            for index in range {
                events.initializeElement(at: next, to: slice.layer.reference(index))
                next += 1
            }
        }
        defer { extendLifetime(slices) }
        return try body(UnsafeBufferPointer(events))
    }

    /// Lends the stream's events of `versions` in order, downwards where `reverse`, as far as
    /// the tail has them, until `body` returns false. Returns whether it came to the end.
    /// O(events lent) cache misses.
    @discardableResult
    package func scanStream(
        _ hash: StreamHash, name: UnsafeRawBufferPointer, versions: Range<Version>,
        reverse: Bool = false, _ body: (EventReference) throws(StorageError) -> Bool
    ) throws(StorageError) -> Bool {
        if versions.isEmpty { return true }
        defer { extendLifetime(slices) }
        for slice in reverse ? slices.reversed() : slices {
            let (layer, bounds) = (slice.layer, slice.bounds)
            guard let newest = layer.latest(hash: hash, name: name, in: bounds) else { continue }
            let isDone =
                reverse
                ? try layer.scanDown(from: newest, versions, in: bounds, body)
                : try layer.scanUp(to: newest, versions, in: bounds, body)
            guard isDone else { return false }
        }
        return true
    }
}

extension TailSlice {
    /// The entries of `positions` that the slice has.
    fileprivate func indexes(within positions: Range<Position>) -> Range<Int> {
        let bounds = self.bounds
        let lower = min(
            layer.start.distance(to: positions.lowerBound), UInt64(bounds.upperBound))
        let upper = min(
            layer.start.distance(to: positions.upperBound), UInt64(bounds.upperBound))
        let start = max(Int(lower), bounds.lowerBound)
        return start..<max(start, Int(upper))
    }
}

extension TailLayer {
    /// The newest of `versions` at or before entry `newest`.
    private func last(of versions: Range<Version>, from newest: Int, in bounds: Range<Int>) -> Int?
    {
        let wanted = versions.upperBound.rawValue - 1
        if chunks.entry(newest).pointee.version.rawValue <= wanted { return newest }
        return find(version: Version(wanted), from: newest, in: bounds)
    }

    fileprivate func scanDown(
        from newest: Int, _ versions: Range<Version>, in bounds: Range<Int>,
        _ body: (EventReference) throws(StorageError) -> Bool
    ) throws(StorageError) -> Bool {
        guard var index = last(of: versions, from: newest, in: bounds) else { return true }
        while index >= bounds.lowerBound {
            let entry = chunks.entry(index).pointee
            guard entry.version >= versions.lowerBound else { break }
            guard try body(reference(index)) else { return false }
            guard entry.hasPrevious else { break }
            index = entry.previous
        }
        return true
    }

    /// The list runs from newest to oldest, so 64 entries at a time are collected downwards and
    /// lent upwards.
    fileprivate func scanUp(
        to newest: Int, _ versions: Range<Version>, in bounds: Range<Int>,
        _ body: (EventReference) throws(StorageError) -> Bool
    ) throws(StorageError) -> Bool {
        guard let last = last(of: versions, from: newest, in: bounds) else { return true }
        let end = chunks.entry(last).pointee.version.rawValue
        var version = max(versions.lowerBound.rawValue, oldestVersion(from: last, in: bounds))
        var collected = InlineArray<64, Int>(repeating: 0)
        while version <= end {
            let top = min(end, version + 63)
            guard var index = find(version: Version(top), from: last, in: bounds) else { break }
            let count = Int(top - version) + 1
            for place in 0..<count {
                collected[count - 1 - place] = index
                if place + 1 < count { index = chunks.entry(index).pointee.previous }
            }
            for place in 0..<count {
                guard try body(reference(collected[place])) else { return false }
            }
            version = top + 1
        }
        return true
    }

    /// The version of the stream's first entry within `bounds`. O(log of its entries).
    private func oldestVersion(from index: Int, in bounds: Range<Int>) -> UInt64 {
        var entry = chunks.entry(index).pointee
        while entry.hasPrevious, entry.previous >= bounds.lowerBound {
            let isInside = entry.jump >= bounds.lowerBound
            entry = chunks.entry(isInside ? entry.jump : entry.previous).pointee
        }
        return entry.version.rawValue
    }
}
