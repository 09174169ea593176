// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, runs. The k-way walk of a merge: runs and replacements side by side, in
// ascending order of (key, name).

/// The streams that a merge takes in, each once: `next` moves on to the lowest that is left, and
/// `takeExtents` collects what every source has of it.
struct RunMergeSources {
    /// A stream; its name is valid until `next` is called again.
    struct Stream {
        let key: UInt64
        let name: UnsafeRawBufferPointer
    }

    private let plan: RunMergePlan
    private let inputs: [RunMergeInput]
    private let replacements: [RunReplacement]
    private let cursors: [IndexRunCursor]
    /// The next row of each replacement.
    private var rows: [Int]
    /// Where each source stands: the runs, oldest first, then the replacements; nil at its end.
    private var heads: [Stream?]
    /// The sources that stand at the current stream, ascending.
    private var current: [Int]

    init(_ inputs: [RunMergeInput], plan: RunMergePlan, replacements: [RunReplacement]) {
        self.plan = plan
        self.inputs = inputs
        self.replacements = replacements
        cursors = inputs.map { IndexRunCursor($0.run) }
        rows = replacements.map { _ in -1 }
        heads = Array(repeating: nil, count: inputs.count + replacements.count)
        current = Array(heads.indices)
    }

    /// The next stream; nil when all sources have ended. Sources are few: each is looked at.
    mutating func next() throws(StorageError) -> Stream? {
        for source in current { heads[source] = try advance(source) }
        current.removeAll(keepingCapacity: true)
        var lowest: Stream?
        for source in heads.indices {
            guard let head = heads[source] else { continue }
            let order = lowest.map { Self.compare(head, $0) } ?? -1
            if order < 0 {
                lowest = head
                current.removeAll(keepingCapacity: true)
            }
            if order <= 0 { current.append(source) }
        }
        return lowest
    }

    /// Collects the extents of the current stream from all sources, newest first, with segments
    /// numbered as in the new run.
    func takeExtents(
        into extents: inout [RunExtent], visibleCount: IndexRunBuilder.VisibleCount
    ) throws(StorageError) {
        for source in current.reversed() where source < cursors.count {
            try takeExtents(ofRun: source, into: &extents, visibleCount)
        }
        for source in current where source >= cursors.count {
            let number = source - cursors.count
            let extent = RunExtent(
                replacements[number].streams[rows[number]],
                segment: plan.replacementTargets[number])
            let place = extents.firstIndex { $0.segment < extent.segment } ?? extents.count
            extents.insert(extent, at: place)
        }
    }

    private func takeExtents(
        ofRun number: Int, into extents: inout [RunExtent],
        _ visibleCount: IndexRunBuilder.VisibleCount
    ) throws(StorageError) {
        guard let record = cursors[number].record else { return }
        for index in 0..<record.count {
            var extent = try record.extent(index)
            guard let target = plan.targets[number][Int(extent.segment)] else { continue }
            if extent.segment == plan.cutSegments[number] {
                try cut(&extent, of: inputs[number], visibleCount)
                guard extent.count > 0 else { continue }
            }
            extent.segment = target
            extents.append(extent)
        }
    }

    /// Lowers an extent of the segment that its run's end cuts to what is below the end.
    private func cut(
        _ extent: inout RunExtent, of input: RunMergeInput,
        _ visibleCount: IndexRunBuilder.VisibleCount
    ) throws(StorageError) {
        let segment = input.run.segments[Int(extent.segment)]
        let visible = try visibleCount(segment.address, extent.rows, input.end)
        guard visible <= extent.count else {
            throw input.run.id.damage(
                at: nil, "an extent of \(extent.count) events has \(visible) below \(input.end)")
        }
        extent.count = visible
    }

    private mutating func advance(_ source: Int) throws(StorageError) -> Stream? {
        if source < cursors.count {
            let cursor = cursors[source]
            guard try cursor.advance(), let record = cursor.record else { return nil }
            return Stream(key: cursor.key, name: record.name)
        }
        let number = source - cursors.count
        let streams = replacements[number].streams
        rows[number] += 1
        guard rows[number] < streams.count else { return nil }
        let stream = streams[rows[number]]
        return Stream(key: stream.hash.key, name: stream.name)
    }

    @inline(__always)
    private static func compare(_ left: Stream, _ right: Stream) -> Int {
        if left.key != right.key { return left.key < right.key ? -1 : 1 }
        return ByteOrder.compare(left.name, right.name)
    }
}
