// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, runs. Which segments a merged run points into, and where each segment of
// the runs it is made of went.

/// A run that goes into a merge.
package struct RunMergeInput: Sendable {
    package let run: IndexRun
    /// Where the run ends in its root: lower than its own end where the root was trimmed there.
    package let end: Position

    package init(_ run: IndexRun, end: Position) {
        self.run = run
        self.end = end
    }

    package init(_ run: IndexRun) { self.init(run, end: run.range.upperBound) }
}

/// One segment in place of several neighbours, which it holds the same events as.
package struct RunReplacement: Sendable {
    /// The new segment; its range is that of the old ones together.
    package let segment: RunSegment
    package let streams: SegmentStreamTable

    package init(_ segment: RunSegment, streams: SegmentStreamTable) {
        self.segment = segment
        self.streams = streams
    }

    package init(_ segment: BuiltSegment) {
        self.init(RunSegment(segment), streams: segment.streams)
    }
}

/// Maps the segments of merged runs to those of the run that comes out.
struct RunMergePlan {
    /// The segments of the new run, oldest first.
    private(set) var segments: [RunSegment] = []
    /// For each run and each of its segments, the index in the new run; nil where the segment is
    /// at or above the run's end, or replaced.
    private(set) var targets: [[UInt32?]] = []
    /// For each run the segment that its end cuts, if one.
    private(set) var cutSegments: [UInt32?] = []
    /// For each replacement its index in the new run.
    private(set) var replacementTargets: [UInt32] = []

    /// `inputs`: oldest first, each beginning where the one before ends. `replacements`: oldest
    /// first, each over whole neighbouring segments.
    init(_ inputs: [RunMergeInput], replacing replacements: [RunReplacement]) throws(StorageError) {
        var next: Position?
        for input in inputs {
            let range = input.run.range
            guard next == nil || next == range.lowerBound, input.end > range.lowerBound,
                input.end <= range.upperBound
            else {
                throw input.run.id.damage(
                    at: nil, "its positions do not follow those of the run before it")
            }
            next = input.end
            try add(input, replacing: replacements)
        }
        guard replacementTargets.count == replacements.count, !isInReplacement else {
            throw Self.misfit(inputs)
        }
    }

    /// Whether the last segment added was one that a replacement covers but does not end with.
    private var isInReplacement = false

    private mutating func add(
        _ input: RunMergeInput, replacing replacements: [RunReplacement]
    ) throws(StorageError) {
        var map: [UInt32?] = []
        var cutSegment: UInt32?
        for (index, segment) in input.run.segments.enumerated() {
            guard segment.range.lowerBound < input.end else {
                map.append(nil)
                continue
            }
            if input.end < segment.range.upperBound { cutSegment = UInt32(index) }
            let range = segment.range.lowerBound..<min(segment.range.upperBound, input.end)
            if try isReplaced(range, by: replacements, in: input) {
                map.append(nil)
            } else {
                map.append(UInt32(segments.count))
                segments.append(RunSegment(address: segment.address, range: range))
            }
        }
        targets.append(map)
        cutSegments.append(cutSegment)
    }

    private mutating func isReplaced(
        _ range: Range<Position>, by replacements: [RunReplacement], in input: RunMergeInput
    ) throws(StorageError) -> Bool {
        if !isInReplacement {
            let number = replacementTargets.count
            guard number < replacements.count,
                replacements[number].segment.range.lowerBound < range.upperBound
            else { return false }
            guard replacements[number].segment.range.lowerBound == range.lowerBound else {
                throw Self.misfit([input])
            }
            isInReplacement = true
            replacementTargets.append(UInt32(segments.count))
            segments.append(replacements[number].segment)
        }
        let end = replacements[replacementTargets.count - 1].segment.range.upperBound
        guard range.upperBound <= end else { throw Self.misfit([input]) }
        isInReplacement = range.upperBound < end
        return true
    }

    private static func misfit(_ inputs: [RunMergeInput]) -> StorageError {
        let path = inputs.first?.run.id.path ?? ""
        return .damaged(
            .init(
                path: path, offset: nil,
                reason: "its segments are not those that a coalesced segment was made of"))
    }
}
