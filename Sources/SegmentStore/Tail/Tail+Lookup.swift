// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, tail. One stream, one version, one position.
import CPlatform

/// A stream's newest event: in a tail, or anywhere.
package struct StreamHead: Hashable, Sendable {
    package let version: Version
    package let position: Position

    package init(version: Version, position: Position) {
        self.version = version
        self.position = position
    }
}

extension Tail {
    /// The stream's newest event; nil where the tail has none. Two to four cache misses.
    package func latest(_ hash: StreamHash, name: UnsafeRawBufferPointer) -> StreamHead? {
        for slice in slices.reversed() {
            let layer = slice.layer
            if let index = layer.latest(hash: hash, name: name, in: slice.bounds) {
                return layer.head(index)
            }
        }
        return nil
    }

    /// Where the stream's event of `version` lies; nil where the tail does not have it.
    /// O(log of the stream's events in the tail).
    package func find(
        _ hash: StreamHash, name: UnsafeRawBufferPointer, version: Version
    ) -> Position? {
        for slice in slices.reversed() {
            let (layer, bounds) = (slice.layer, slice.bounds)
            guard let newest = layer.latest(hash: hash, name: name, in: bounds) else { continue }
            if let index = layer.find(version: version, from: newest, in: bounds) {
                return layer.position(index)
            }
        }
        return nil
    }

    /// Lends the event at `position` to `body`; nil where the tail does not hold it. O(1).
    package func withEvent<Result>(
        at position: Position, _ body: (EventReference) throws(StorageError) -> Result
    ) throws(StorageError) -> Result? {
        for slice in slices.reversed() where position >= slice.lowerBound {
            guard let index = slice.index(of: position) else { return nil }
            defer { extendLifetime(slice) }
            return try body(slice.layer.reference(index))
        }
        return nil
    }

    /// The heads of all streams of a batch, in its order; nil where the tail has none. Streams
    /// are looked up 32 at a time, so that their cache misses overlap.
    package func heads(
        of batch: EventBatch, into heads: UnsafeMutableBufferPointer<StreamHead?>
    ) {
        precondition(heads.count == batch.streamCount, "one head for each stream")
        heads.update(repeating: nil)
        for slice in slices.reversed() {
            let bounds = slice.bounds
            if bounds.isEmpty { continue }
            var first = 0
            while first < heads.count {
                let end = min(first + TailLayer.passCount, heads.count)
                slice.layer.heads(of: batch, first..<end, in: bounds, into: heads)
                first = end
            }
        }
        extendLifetime(batch)
    }
}

extension TailSlice {
    /// The entry at `position`; nil outside the slice.
    func index(of position: Position) -> Int? {
        guard position >= lowerBound else { return nil }
        let index = layer.start.distance(to: position)
        return index < UInt64(bounds.upperBound) ? Int(index) : nil
    }
}

extension TailLayer {
    func head(_ index: Int) -> StreamHead {
        StreamHead(version: chunks.entry(index).pointee.version, position: position(index))
    }

    /// Fills in the heads that are still nil: slots, entries and records are asked for in three
    /// passes before the fourth uses them.
    fileprivate func heads(
        of batch: EventBatch, _ streams: Range<Int>, in bounds: Range<Int>,
        into heads: UnsafeMutableBufferPointer<StreamHead?>
    ) {
        let table = self.table
        if bounds.upperBound >= TailLayer.prefetchCountMin {
            for index in streams where heads[index] == nil {
                table.prefetch(batch.stream(index).hash)
            }
            for index in streams where heads[index] == nil {
                let word = table.load(table.firstSlot(of: batch.stream(index).hash))
                if word != 0 { platform_prefetch(chunks.entry(StreamTable.index(word))) }
            }
            for index in streams where heads[index] == nil {
                let word = table.load(table.firstSlot(of: batch.stream(index).hash))
                guard word != 0 else { continue }
                platform_prefetch(chunks.entry(StreamTable.index(word)).pointee.record)
            }
        }
        for index in streams where heads[index] == nil {
            let stream = batch.stream(index)
            guard let newest = find(hash: stream.hash, name: stream.name, in: table).newest
            else { continue }
            heads[index] = latest(from: newest, in: bounds).map { head($0) }
        }
    }
}
