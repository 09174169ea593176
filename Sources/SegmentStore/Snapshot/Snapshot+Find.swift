// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. One stream, or many: where it ends, one version of it.
//
// Runs are asked newest first. The versions of a stream descend from run to run (invariant 3), so
// the first run that has something visible of it has its newest.

extension Snapshot {
    /// The version behind the stream's last event below the cut; nil where it has none.
    /// A probe of each newer run's filter, then some five cache misses.
    package func nextVersion(
        of hash: StreamHash, name: UnsafeRawBufferPointer
    ) throws(StorageError) -> Version? {
        for view in runs {
            guard let record = try view.run.index.find(hash, name) else { continue }
            if let extent = try view.newestExtent(of: record) { return extent.endVersion }
        }
        try requireOlderRuns()
        return nil
    }

    /// The same for many streams at once, whose cache misses overlap: `versions[i]` becomes that
    /// of `queries[i]`. A name must stay valid until this returns.
    package func nextVersions(
        of queries: UnsafeBufferPointer<StreamQuery>,
        into versions: UnsafeMutableBufferPointer<Version?>
    ) throws(StorageError) {
        precondition(queries.count == versions.count, "one version for each stream")
        versions.update(repeating: nil)
        let records = UnsafeMutableBufferPointer<IndexRecord?>.allocate(capacity: queries.count)
        records.initialize(repeating: nil)
        defer {
            records.deinitialize()
            records.deallocate()
        }
        for view in runs {
            try view.run.index.findMany(queries, into: records)
            for index in 0..<queries.count where versions[index] == nil {
                guard let record = records[index] else { continue }
                if let extent = try view.newestExtent(of: record) {
                    versions[index] = extent.endVersion
                } else {
                    // All of it is above the cut: an older run must be asked as well.
                    records[index] = nil
                }
            }
        }
        if lost != nil, versions.contains(nil) { try requireOlderRuns() }
    }

    /// Lends the stream's event of this version; false where there is none below the cut.
    package func withEvent(
        of hash: StreamHash, name: UnsafeRawBufferPointer, version: Version,
        _ body: (EventReference) throws(StorageError) -> Void
    ) throws(StorageError) -> Bool {
        if let found = try withEvent(of: hash, name: name, version: version, in: runs, body) {
            return found
        }
        guard let lost else { return false }
        // Each version is in one run: one that is older than what is lost is that version.
        let older = runsBelowLost
        if try withEvent(of: hash, name: name, version: version, in: older, body) == true {
            return true
        }
        throw lost
    }

    /// The same in some runs, newest first; nil where none of them can tell.
    @inline(__always)
    private func withEvent(
        of hash: StreamHash, name: UnsafeRawBufferPointer, version: Version, in runs: [RunView],
        _ body: (EventReference) throws(StorageError) -> Void
    ) throws(StorageError) -> Bool? {
        for view in runs {
            guard let record = try view.run.index.find(hash, name) else { continue }
            // An older run has the versions below this one's first, and no others.
            if version < record.firstVersion { continue }
            guard let index = try record.extentIndex(holding: version) else { return false }
            var extent = try record.extent(index)
            extent.count = try view.visibleCount(extent)
            guard version < extent.endVersion else { return false }
            let offset = UInt32(version.rawValue - extent.firstVersion.rawValue)
            try view.withEvent(
                row: extent.firstRow + offset, of: extent, hash: hash, name: name, body)
            return true
        }
        return nil
    }
}
