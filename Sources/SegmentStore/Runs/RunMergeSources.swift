// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, runs. The k-way walk of a merge: runs and replacements side by side, in
// ascending order of (key, name).

/// The streams that a merge takes in. `lowest` says which comes next, `takeExtents` collects what
/// each source has of it, `advance` moves those sources on.
struct RunMergeSources {
    /// A stream that comes next; its name is valid until `advance`.
    struct Stream {
        let key: UInt64
        let name: UnsafeRawBufferPointer
    }

    private let plan: RunMergePlan
    private let inputs: [RunMergeInput]
    private let cursors: [IndexRunCursor]
    private let replacements: [RunReplacement]
    private var nextRows: [Int]

    init(_ inputs: [RunMergeInput], plan: RunMergePlan, replacements: [RunReplacement]) {
        self.plan = plan
        self.inputs = inputs
        self.replacements = replacements
        cursors = inputs.map { IndexRunCursor($0.run) }
        nextRows = replacements.map { _ in 0 }
    }

    func start() throws(StorageError) {
        for cursor in cursors { _ = try cursor.advance() }
    }

    /// The lowest stream of all sources; nil when all have ended. Sources are few: each is looked
    /// at, by key first.
    func lowest() -> Stream? {
        var lowest: Stream?
        for cursor in cursors {
            guard let record = cursor.record else { continue }
            let stream = Stream(key: cursor.key, name: record.name)
            if Self.isLower(stream, than: lowest) { lowest = stream }
        }
        for number in replacements.indices {
            guard let stream = replacementStream(number) else { continue }
            if Self.isLower(stream, than: lowest) { lowest = stream }
        }
        return lowest
    }

    /// Collects the extents of a stream from all sources, newest first, with segments numbered as
    /// in the new run.
    func takeExtents(
        of stream: Stream, into extents: inout [RunExtent],
        visibleCount: IndexRunBuilder.VisibleCount
    ) throws(StorageError) {
        for number in cursors.indices.reversed() {
            guard let record = cursors[number].record, cursors[number].key == stream.key,
                ByteOrder.equal(record.name, stream.name)
            else { continue }
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
        for number in replacements.indices {
            guard let candidate = replacementStream(number), Self.isSame(candidate, stream) else {
                continue
            }
            var extent = replacements[number].streams[nextRows[number]].extent
            extent.segment = plan.replacementTargets[number]
            // Few extents are newer, or many: their order tells.
            let place = extents.firstIndex { $0.segment < extent.segment } ?? extents.count
            extents.insert(extent, at: place)
        }
    }

    /// Moves on every source that stands at `stream`, whose name is not valid after this.
    mutating func advance(past stream: Stream) throws(StorageError) {
        // Lists first: their names stay. Then cursors, the one that lends the name last.
        for number in replacements.indices {
            if let candidate = replacementStream(number), Self.isSame(candidate, stream) {
                nextRows[number] += 1
            }
        }
        var lender: IndexRunCursor?
        for cursor in cursors {
            guard let record = cursor.record, cursor.key == stream.key else { continue }
            if record.name.baseAddress == stream.name.baseAddress {
                lender = cursor
            } else if ByteOrder.equal(record.name, stream.name) {
                _ = try cursor.advance()
            }
        }
        _ = try lender?.advance()
    }

    private func replacementStream(_ number: Int) -> Stream? {
        let streams = replacements[number].streams
        guard nextRows[number] < streams.count else { return nil }
        let row = streams[nextRows[number]]
        return Stream(key: row.key, name: streams.name(row))
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

    private static func isLower(_ stream: Stream, than other: Stream?) -> Bool {
        guard let other else { return true }
        return stream.key < other.key
            || stream.key == other.key && ByteOrder.compare(stream.name, other.name) < 0
    }

    private static func isSame(_ stream: Stream, _ other: Stream) -> Bool {
        stream.key == other.key && ByteOrder.equal(stream.name, other.name)
    }
}
