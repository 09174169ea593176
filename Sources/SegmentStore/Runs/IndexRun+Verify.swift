// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, runs. Reads all of a run and holds it against itself and its segments.

/// What a verified run was found to hold.
package struct RunVerification: Hashable, Sendable {
    package var streamCount = 0
    package var extentCount: UInt64 = 0
    package var eventCount: UInt64 = 0
}

extension IndexRun {
    /// Checks that the run says one thing throughout: streams in order and found by look-up, each
    /// under the hash of its name; versions gapless (invariant 3); as many extents and events as
    /// it has counted. O(streams + extents), past the page cache.
    ///
    /// - Parameters:
    ///   - hash: how names are hashed; tests give another to make hashes collide.
    ///   - visit: called for each extent, streams ascending, extents newest first.
    @discardableResult
    package func verify(
        hash: (UnsafeRawBufferPointer) -> StreamHash = StreamHash.init(of:),
        visit: (IndexRecord, RunExtent) throws(StorageError) -> Void = { _, _ in }
    ) throws(StorageError) -> RunVerification {
        var result = RunVerification()
        let cursor = IndexRunCursor(self)
        while try cursor.advance() {
            guard let record = cursor.record else { break }
            let found = hash(record.name)
            guard found.key == cursor.key else { throw damage(record, "has another hash") }
            guard let again = try find(found, record.name), again.isSamePlace(as: record) else {
                throw damage(record, "is not found by look-up")
            }
            result.streamCount += 1
            result.extentCount += UInt64(record.count)
            var newer: RunExtent?
            for index in 0..<record.count {
                let extent = try record.extent(index)
                guard newer == nil || extent.segment < newer?.segment ?? 0 else {
                    throw damage(record, "has extents that are not newest first")
                }
                newer = extent
                result.eventCount += UInt64(extent.count)
                try visit(record, extent)
            }
        }
        guard result.extentCount == extentCount else {
            throw object.id.damage(
                at: nil, "it counts \(extentCount) extents and has \(result.extentCount)")
        }
        guard result.eventCount == range.lowerBound.distance(to: range.upperBound) else {
            throw object.id.damage(
                at: nil,
                "it has \(result.eventCount) events at the positions \(range.lowerBound) to"
                    + " \(range.upperBound)")
        }
        return result
    }

    private func damage(_ record: IndexRecord, _ reason: String) -> StorageError {
        object.id.damage(
            at: nil, "stream \"\(String(decoding: record.name, as: UTF8.self))\" \(reason)")
    }
}
