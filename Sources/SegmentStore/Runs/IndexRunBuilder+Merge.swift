// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, runs. Neighbouring runs into one: only the index is rewritten, no event.
// Invariant 3 is checked on the way: versions of a stream are gapless over all its extents.

extension IndexRunBuilder {
    /// How many of `rows` of a segment stand below a position. Rows of one stream are in the order
    /// of their positions, so these are the first so many.
    package typealias VisibleCount = (
        _ segment: ObjectAddress, _ rows: Range<UInt32>, _ cut: Position
    ) throws(StorageError) -> UInt32

    /// Whether one run can hold what these hold together. A policy that merges asks first, or its
    /// flushes would fail once a run is as large as one gets. May answer no a little early.
    package static func canMerge(_ runs: [IndexRun]) -> Bool {
        let segments = runs.reduce(0) { $0 + $1.segments.count }
        let streams = runs.reduce(0) { $0 + $1.streamCount }
        // An extent takes at most twice the bytes in a larger run: five of version, two of segment.
        let recordPages = runs.reduce(0) { $0 + $1.meta.recordPageCount }
        return segments <= IndexRunFormat.segmentCountMax
            && streams <= IndexRunFormat.entryCountMax
            && 2 * recordPages <= IndexRunFormat.recordPageCountMax
    }

    /// Merges neighbouring runs into one: O(streams + extents), 12 bytes of memory a stream, the
    /// runs read once from front to back.
    ///
    /// - Parameters:
    ///   - inputs: oldest first, at least one, each beginning where the one before ends. What a
    ///     run has at or above its `end` there is left out.
    ///   - replacements: coalesced segments, oldest first, that take the place of whole
    ///     neighbouring segments.
    ///   - isOldest: whether the new run will be the oldest of its root: then it has no filter.
    ///   - visibleCount: asked for segments that an `end` cuts, and for no other.
    /// - Throws: damage where the runs, or a replacement, do not agree on their streams; a limit
    ///   where they are too large for one (see `canMerge`).
    package static func merge(
        _ inputs: [RunMergeInput], replacing replacements: [RunReplacement] = [], isOldest: Bool,
        in store: ObjectStore, visibleCount: VisibleCount
    ) throws(StorageError) -> BuiltRun {
        precondition(!inputs.isEmpty)
        let plan = try RunMergePlan(inputs, replacing: replacements)
        var writer = try IndexRunWriter.start(segments: plan.segments, in: store)
        var sources = RunMergeSources(inputs, plan: plan, replacements: replacements)
        var extents: [RunExtent] = []
        var events: UInt64 = 0
        while let stream = try sources.next() {
            extents.removeAll(keepingCapacity: true)
            try sources.takeExtents(into: &extents, visibleCount: visibleCount)
            if extents.isEmpty { continue }
            guard let count = eventCount(of: extents) else {
                throw inputs[inputs.count - 1].run.id.damage(
                    at: nil,
                    "extents of stream \"\(String(decoding: stream.name, as: UTF8.self))\""
                        + " do not follow those of the runs before it")
            }
            events += count
            try writer.append(key: stream.key, name: stream.name, extents: extents)
        }
        let first = plan.segments[0].range.lowerBound
        let end = plan.segments[plan.segments.count - 1].range.upperBound
        guard events == first.distance(to: end) else {
            throw inputs[inputs.count - 1].run.id.damage(
                at: nil, "extents of \(events) events cover the positions \(first) to \(end)")
        }
        return try writer.finish(hasFilter: !isOldest)
    }

    /// The events of extents, newest first; nil where they do not follow one another without a
    /// gap, each in an older segment.
    private static func eventCount(of extents: [RunExtent]) -> UInt64? {
        var events = UInt64(extents[0].count)
        for index in 1..<extents.count {
            guard extents[index].endVersion == extents[index - 1].firstVersion,
                extents[index].segment < extents[index - 1].segment
            else { return nil }
            events += UInt64(extents[index].count)
        }
        return events
    }
}
