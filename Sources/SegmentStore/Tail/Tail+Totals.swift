// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, tail. Sums up to a position: what a tail adds to its root's totals.

/// What the events of a tail before some position add up to.
package struct TailTotals: Equatable, Sendable {
    package var eventCount: UInt64 = 0
    /// Bytes of stream, type, data and metadata.
    package var logicalByteCount: UInt64 = 0
    /// The latest time; `.min` where there is no event.
    package var latestTime = Timestamp.min
    /// Streams that begin here: events of version 0.
    package var newStreamCount: UInt64 = 0
    /// Events of each partition.
    package var sequences = [UInt64](repeating: 0, count: Partition.count)

    package init() {}
}

extension Tail {
    /// Sums over the events before `position`. O(256) for each layer.
    package func totals(before position: Position) -> TailTotals {
        var totals = TailTotals()
        for slice in slices where slice.lowerBound < position {
            let bounds = slice.bounds
            let end = min(
                Int(min(slice.layer.start.distance(to: position), UInt64(Int.max))),
                bounds.upperBound)
            guard end > bounds.lowerBound else { continue }
            totals.add(slice.layer, bounds.lowerBound..<end)
        }
        return totals
    }

    /// How many events of a partition lie before `position`. O(256) for each layer.
    package func sequence(of partition: Partition, before position: Position) -> UInt64 {
        var count: UInt64 = 0
        for slice in slices where slice.lowerBound < position {
            let bounds = slice.bounds
            let end = min(
                Int(min(slice.layer.start.distance(to: position), UInt64(Int.max))),
                bounds.upperBound)
            guard end > bounds.lowerBound else { continue }
            count += slice.layer.sequence(of: partition, before: end)
            count -= slice.layer.sequence(of: partition, before: bounds.lowerBound)
        }
        return count
    }

    /// The event's place in its partition, counted from the tail's start; nil where the tail does
    /// not hold it. O(layers) for a tail of whole layers, which each entry's number makes quick.
    package func sequence(at position: Position) -> UInt64? {
        var count: UInt64 = 0
        guard let place = slices.lastIndex(where: { $0.lowerBound <= position }),
            let index = slices[place].index(of: position)
        else { return nil }
        let entry = slices[place].layer.chunks.entry(index).pointee
        let partition = entry.hash.partition
        for slice in slices[..<place] {
            count += slice.layer.sequence(of: partition, before: slice.bounds.upperBound)
            count -= slice.layer.sequence(of: partition, before: slice.bounds.lowerBound)
        }
        count += UInt64(entry.sequence)
        count -= slices[place].layer.sequence(
            of: partition, before: slices[place].bounds.lowerBound)
        return count
    }

    /// The first event later than `time`: where a cut "as of `time`" lies, given that no event
    /// before the tail is later. `end` where none is. O(log n + 512) for each layer.
    package func firstPosition(laterThan time: Timestamp) -> Position {
        for slice in slices {
            let (layer, bounds) = (slice.layer, slice.bounds)
            var lower = bounds.lowerBound
            var upper = bounds.upperBound
            // Totals before a block bound the times below it, so halving goes by blocks.
            while upper - lower > TailBlock.entryCount {
                let middle = (lower + (upper - lower) / 2) & ~(TailBlock.entryCount - 1)
                guard middle > lower else { break }
                if layer.chunks.block(of: middle).pointee.latestTime > time.rawValue {
                    upper = middle
                } else {
                    lower = middle
                }
            }
            for index in lower..<upper
            where EventRecord(verifiedAt: layer.chunks.entry(index).pointee.record).time > time {
                return layer.position(index)
            }
        }
        return end
    }
}

extension TailTotals {
    fileprivate mutating func add(_ layer: TailLayer, _ range: Range<Int>) {
        let before = layer.totals(before: range.lowerBound)
        let after = layer.totals(before: range.upperBound)
        eventCount += UInt64(range.count)
        logicalByteCount += after.logicalByteCount - before.logicalByteCount
        newStreamCount += UInt64(after.newStreamCount - before.newStreamCount)
        // Events of the layer below the range are earlier history, so that their times count
        // in the running maximum as well.
        latestTime = max(latestTime, Timestamp(nanoseconds: after.latestTime))
        for partition in 0..<Partition.count {
            sequences[partition] += UInt64(
                after.sequences[partition] - before.sequences[partition])
        }
    }
}
