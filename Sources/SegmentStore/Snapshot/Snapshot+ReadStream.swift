// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. A stream by version, both ways. Extents are decoded as the read
// comes to them: the first event costs the same whatever the length of the stream.

extension Snapshot {
    /// Lends the stream's events of `versions` in order, downwards where `reverse`, until `body`
    /// answers false. Versions that are not there are passed over. Returns whether it came to the
    /// end. Before the first event it looks up the stream in one run after the other: downwards up
    /// to the first that has it, upwards in those that hold the versions. O(1) memory a run.
    @discardableResult
    package func readStream(
        of hash: StreamHash, name: UnsafeRawBufferPointer, versions: Range<Version>,
        reverse: Bool = false, _ body: (EventReference) throws(StorageError) -> Bool
    ) throws(StorageError) -> Bool {
        if versions.isEmpty { return true }
        var older: [StreamInRun] = []
        var isComplete = false
        // Newest first: the versions of a stream descend from run to run (invariant 3).
        for view in runs {
            guard let record = try view.run.index.find(hash, name) else { continue }
            if record.firstVersion < versions.upperBound, versions.lowerBound < record.endVersion {
                let part = StreamInRun(view: view, record: record, hash: hash, versions: versions)
                if !reverse {
                    older.append(part)
                } else if try !part.readDescending(body) {
                    return false
                }
            }
            if record.firstVersion <= versions.lowerBound {
                isComplete = true
                break
            }
        }
        if !isComplete { try requireOlderRuns() }
        for part in older.reversed() {
            guard try part.readAscending(body) else { return false }
        }
        return true
    }
}

/// What one run has of a stream's versions: at least one.
private struct StreamInRun {
    let view: RunView
    let record: IndexRecord
    let hash: StreamHash
    let versions: Range<Version>

    func readAscending(
        _ body: (EventReference) throws(StorageError) -> Bool
    ) throws(StorageError) -> Bool {
        // Extents go from the newest to the oldest.
        var index = try record.extentIndex(holding: versions.lowerBound) ?? record.count - 1
        while true {
            let extent = try record.extent(index)
            if extent.firstVersion >= versions.upperBound { return true }
            let rows = try rows(of: extent)
            for row in rows {
                guard try withEvent(row, of: extent, body) else { return false }
            }
            if index == 0 { return true }
            index -= 1
        }
    }

    func readDescending(
        _ body: (EventReference) throws(StorageError) -> Bool
    ) throws(StorageError) -> Bool {
        let last = Version(versions.upperBound.rawValue - 1)
        var index = try record.extentIndex(holding: last) ?? 0
        while index < record.count {
            let extent = try record.extent(index)
            if extent.endVersion <= versions.lowerBound { return true }
            for row in try rows(of: extent).reversed() {
                guard try withEvent(row, of: extent, body) else { return false }
            }
            index += 1
        }
        return true
    }

    /// The rows of an extent that are asked for and lie below the end of the view.
    private func rows(of extent: RunExtent) throws(StorageError) -> Range<UInt32> {
        var visible = extent
        visible.count = try view.visibleCount(extent)
        let wanted = (visible.firstVersion..<visible.endVersion).clamped(to: versions)
        guard !wanted.isEmpty else { return 0..<0 }
        // Both are offsets into an extent, whose events are bounded.
        let skipped = UInt32(wanted.lowerBound.rawValue - extent.firstVersion.rawValue)
        let count = UInt32(wanted.upperBound.rawValue - wanted.lowerBound.rawValue)
        let first = extent.firstRow + skipped
        return first..<(first + count)
    }

    @inline(__always)
    private func withEvent(
        _ row: UInt32, of extent: RunExtent, _ body: (EventReference) throws(StorageError) -> Bool
    ) throws(StorageError) -> Bool {
        try view.withEvent(row: row, of: extent, hash: hash, name: record.name, body)
    }
}
