// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, segments. Reading many events in order of position.

extension Segment {
    /// Up to this many positions, what a scan reads stays in the page cache. A longer one leaves
    /// nothing there, its tables included: memory is bounded however long a history is.
    private static let keptPositionCountMax: UInt64 = 4096

    /// Calls `body` with each event in `positions` that matches, by position, or from the last
    /// to the first with `reverse`, until `body` returns false. Returns whether it came to the end.
    ///
    /// Reads the blocks that hold those events, each once, but for those whose zone says that none
    /// of their events matches. Positions outside `range` are passed over.
    @discardableResult
    package func scan(
        _ positions: Range<Position>, reverse: Bool = false, filter: SegmentFilter = .all,
        body: (EventReference) throws(StorageError) -> Bool
    ) throws(StorageError) -> Bool {
        let wanted = positions.clamped(to: range)
        guard !wanted.isEmpty,
            let condition = try SegmentScanCondition(filter, in: self)
        else { return true }
        let count = wanted.lowerBound.distance(to: wanted.upperBound)
        let retention: PageRetention = count <= Self.keptPositionCountMax ? .kept : .passing
        var rows = SegmentScanRows(
            self, condition, retention: retention, positionCount: Int(count))
        let first = Int(footer.first.distance(to: wanted.lowerBound))
        let end = Int(footer.first.distance(to: wanted.upperBound))
        typealias Format = SegmentFormat.Order
        let orderRows = ScratchArray<UInt32>(
            count: Swift.min(Int(count), Format.pagePositionCount))
        let pageNumbers = first / Format.pagePositionCount...(end - 1) / Format.pagePositionCount
        for step in 0..<pageNumbers.count {
            let number = reverse ? pageNumbers.upperBound - step : pageNumbers.lowerBound + step
            let start = number * Format.pagePositionCount
            let part =
                Swift.max(first, start)..<Swift.min(end, start + Format.pagePositionCount)
            let page = try orderPage(number, retention: retention)
            try order(number, in: page)
                .decode(part.lowerBound - start..<part.upperBound - start, into: orderRows)
            withExtendedLifetime(page) {}
            let goesOn = try scan(
                part, orderRows, reverse: reverse, condition.rows, &rows, body)
            guard goesOn else { return false }
        }
        return true
    }

    /// Scans `part`, counted from the segment's first position, whose rows are given.
    private func scan(
        _ part: Range<Int>, _ orderRows: borrowing ScratchArray<UInt32>, reverse: Bool,
        _ wantedRows: Range<Int>, _ rows: inout SegmentScanRows,
        _ body: (EventReference) throws(StorageError) -> Bool
    ) throws(StorageError) -> Bool {
        /// How far ahead rows are prefetched: about the time memory takes to answer.
        let ahead = 12
        for step in 0..<part.count {
            let index = reverse ? part.count - 1 - step : step
            if step + ahead < part.count {
                rows.prefetch(orderRows[reverse ? index - ahead : index + ahead])
            }
            let row = orderRows[index]
            guard wantedRows.contains(Int(row)) else {
                try check(row: row)
                continue
            }
            guard let decoded = try rows.row(row) else { continue }
            let event = try rows.event(
                decoded, row: row,
                position: footer.first.advanced(by: UInt64(part.lowerBound + index)))
            guard try body(event) else { return false }
        }
        return true
    }
}
