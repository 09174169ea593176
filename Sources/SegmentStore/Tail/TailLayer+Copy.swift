// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, tail. Indexing the events of a small layer again, so that chains of forks
// do not become chains of layers.
import Synchronization

extension TailLayer {
    /// Takes over the events of a slice that ends where this layer does; their frames are shared.
    func copy(_ slice: TailSlice) {
        let bounds = slice.bounds
        guard !bounds.isEmpty else { return }
        let offset = writer.pointee.count - bounds.lowerBound
        let frames = slice.layer.held.withLock { $0 }
        for (index, frame) in frames.enumerated() {
            // A frame's entries end where the next frame's begin.
            let next = index + 1 < frames.count ? frames[index + 1].firstIndex : Int.max
            if frame.firstIndex < bounds.upperBound, next > bounds.lowerBound {
                hold(
                    frame.buffer,
                    firstIndex: max(frame.firstIndex, bounds.lowerBound) + offset)
            }
        }
        var index = bounds.lowerBound
        while index < bounds.upperBound {
            let count = min(TailLayer.passCount, bounds.upperBound - index)
            for place in 0..<count {
                let entry = slice.layer.chunks.entry(index + place).pointee
                pending[place] = Pending(
                    record: EventRecord(verifiedAt: entry.record), hash: entry.hash)
            }
            insertCopied(count)
            index += count
        }
        publishEntries()
    }

    private func insertCopied(_ count: Int) {
        do throws(StorageError) {
            try insertPending(count, journal: nil, offset: 0)
        } catch {
            preconditionFailure("a layer's own entries follow each other: \(error)")
        }
    }
}
