// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. A stream by version, both ways.

extension Snapshot {
    /// Lends the stream's events of `versions` in order, downwards where `reverse`, until `body`
    /// answers false. Versions that are not there are passed over. Returns whether it came to the
    /// end. O(extents of those versions) before the first event.
    @discardableResult
    package func readStream(
        of hash: StreamHash, name: UnsafeRawBufferPointer, versions: Range<Version>,
        reverse: Bool = false, _ body: (EventReference) throws(StorageError) -> Bool
    ) throws(StorageError) -> Bool {
        let parts = try parts(of: hash, name, in: versions)
        for part in reverse ? parts : parts.reversed() {
            let extent = part.extent
            let rows = part.rows
            for step in 0..<UInt32(rows.count) {
                let row = reverse ? rows.upperBound - 1 - step : rows.lowerBound + step
                let goesOn = try part.view.withEvent(
                    row: row, of: extent, hash: hash, name: name, body)
                guard goesOn else { return false }
            }
        }
        return true
    }

    /// Rows of one extent that are asked for.
    private struct Part {
        let view: RunView
        let extent: RunExtent
        let rows: Range<UInt32>
    }

    /// The parts of a stream that hold `versions` below the cut, newest first.
    private func parts(
        of hash: StreamHash, _ name: UnsafeRawBufferPointer, in versions: Range<Version>
    ) throws(StorageError) -> [Part] {
        var parts: [Part] = []
        if versions.isEmpty { return parts }
        for view in runs {
            guard let record = try view.run.index.find(hash, name) else { continue }
            let last = Version(versions.upperBound.rawValue - 1)
            // Extents newer than the one that holds the last version are not looked at.
            let start = try record.extentIndex(holding: last) ?? 0
            for index in start..<record.count {
                var extent = try record.extent(index)
                if extent.endVersion <= versions.lowerBound { return parts }
                if extent.firstVersion >= versions.upperBound { continue }
                extent.count = try view.visibleCount(extent)
                let held = extent.firstVersion..<extent.endVersion
                let wanted = held.clamped(to: versions)
                if wanted.isEmpty { continue }
                let skipped = wanted.lowerBound.rawValue - extent.firstVersion.rawValue
                let first = extent.firstRow + UInt32(skipped)
                let count = wanted.upperBound.rawValue - wanted.lowerBound.rawValue
                parts.append(
                    Part(view: view, extent: extent, rows: first..<(first + UInt32(count))))
            }
            if record.firstVersion <= versions.lowerBound { break }
        }
        return parts
    }
}
