// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, segments. Which totals some history has: what is read from a footer is held
// to this once, so that whoever adds to it or takes from it stays within 64 bits (invariant 6).

extension HistoryTotals {
    /// No history has more bytes, so that the sum of two never overflows.
    static let bytesMax = UInt64(Int64.max)

    /// The first thing wrong with these totals, taken by themselves; nil where some history has
    /// them. O(types).
    func fault() -> String? {
        guard sequences.count == Partition.count, Self.sum(sequences) == events else {
            return "the sequences of its partitions are not those of \(events) events"
        }
        guard bytes <= Self.bytesMax else { return "no history has \(bytes) bytes" }
        guard streams <= events else {
            return "\(events) events are not of \(streams) streams"
        }
        guard events > 0 || (bytes == 0 && latestTime == .min) else {
            return "no events have bytes and times"
        }
        return typesFault()
    }

    private func typesFault() -> String? {
        guard let types else { return nil }
        guard types.count <= SegmentFormat.countedTypesMax else {
            return "it counts too many types"
        }
        for index in types.indices {
            guard (1...EventLimits.typeByteCount).contains(types[index].name.count),
                index == 0 || types[index - 1].order(to: types[index]) < 0
            else { return "its types are out of order" }
        }
        guard let counted = Self.sum(types.lazy.map(\.count)), counted <= events else {
            return "it counts more types than events"
        }
        return nil
    }

    /// Nil beyond 64 bits.
    private static func sum(_ counts: some Sequence<UInt64>) -> UInt64? {
        var total: UInt64 = 0
        for count in counts {
            let (sum, isOver) = total.addingReportingOverflow(count)
            if isOver { return nil }
            total = sum
        }
        return total
    }
}
