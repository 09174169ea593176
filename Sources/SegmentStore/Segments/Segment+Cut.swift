// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, segments. What a cut through a segment leaves: a fork at a past position
// shares the segment, and counts only what lies below its cut.

extension Segment {
    /// How many of a stream's rows lie below a cut: the rows of one stream are in order of
    /// position, so these are the first ones. At most 19 blocks read, nearly always one. Where one
    /// of them is damaged the order pages tell, in O(events below the cut) (invariant 10).
    package func visibleCount(
        rows: Range<UInt32>, below cut: Position
    ) throws(StorageError) -> UInt32 {
        guard cut < range.upperBound else { return UInt32(rows.count) }
        guard cut > range.lowerBound else { return 0 }
        var (low, high) = (rows.lowerBound, rows.upperBound)
        do throws(StorageError) {
            while low < high {
                let middle = low + (high - low) / 2
                if try position(ofRow: middle) < cut { low = middle + 1 } else { high = middle }
            }
        } catch {
            guard error.isDamage else { throw error }
            let isShown = try isShown(below: cut)
            return UInt32(isShown[Int(rows.lowerBound)..<Int(rows.upperBound)].count { $0 })
        }
        return low - rows.lowerBound
    }

    /// By row, whether its position lies below a cut in `range` or at its end: told by the order pages
    /// alone, whatever is wrong with blocks. O(events below the cut).
    func isShown(below cut: Position) throws(StorageError) -> [Bool] {
        var isShown = [Bool](repeating: false, count: eventCount)
        for index in 0..<footer.first.distance(to: cut) {
            isShown[Int(try row(at: footer.first.advanced(by: index)))] = true
        }
        return isShown
    }

    /// The sequence, in its partition, of the event at a position of `range`. One order page, and
    /// at most 4,096 rows looked at.
    package func sequence(of position: Position) throws(StorageError) -> UInt64 {
        let partition = footer.partition(ofRow: Int(try row(at: position)))
        let index = Int(footer.first.distance(to: position))
        return try footer.sequenceBefore(partition) &+ count(of: partition, before: index)
    }

    /// The next sequence of each of the 32 partitions at a cut in `range` or at its end.
    package func sequences(at cut: Position) throws(StorageError) -> [UInt64] {
        precondition(cut >= range.lowerBound && cut <= range.upperBound)
        let index = Int(footer.first.distance(to: cut))
        var sequences: [UInt64] = []
        for number in 0..<UInt8(Partition.count) {
            let partition = Partition(number)
            let count =
                index == eventCount
                ? UInt64(footer.rows(of: partition).count)
                : try count(of: partition, before: index)
            sequences.append(footer.sequenceBefore(partition) &+ count)
        }
        return sequences
    }

    /// Events of a partition among the first `index` of the segment.
    private func count(of partition: Partition, before index: Int) throws(StorageError) -> UInt64 {
        let number = index / SegmentFormat.Order.pagePositionCount
        let page = try orderPage(number)
        defer { withExtendedLifetime(page) {} }
        let place = index % SegmentFormat.Order.pagePositionCount
        let order = try order(number, in: page)
        let rows = footer.rows(of: partition)
        return UInt64(order.count(of: partition, beforeGroupOf: place))
            + UInt64(order.count(of: rows, inGroupBefore: place))
    }
}

// MARK: Totals

extension Segment {
    /// Totals of the history below a cut in `range` or at its end. At its edges without a block
    /// read (only type pages); within, each block is read once, past the cache.
    package func totals(at cut: Position) throws(StorageError) -> HistoryTotals {
        precondition(cut >= range.lowerBound && cut <= range.upperBound)
        var totals = totalsBefore
        if cut == range.lowerBound { return totals }
        totals.events = cut.rawValue
        totals.sequences = try sequences(at: cut)
        if cut == range.upperBound {
            totals.bytes = footer.bytesAfter
            totals.latestTime = footer.latestAfter
            totals.streams = footer.streamsAfter
            try add(typeCounts: nil, to: &totals)
        } else {
            try add(rowsBelow: footer.first.distance(to: cut), to: &totals)
        }
        return totals
    }

    /// Adds the events whose position is below `limit`, counted from the segment's first.
    private func add(
        rowsBelow limit: UInt64, to totals: inout HistoryTotals
    ) throws(StorageError) {
        var names = SegmentScanNames(self)
        let typeCounts = ScratchArray<UInt64>(count: footer.typeCount)
        for number in 0..<footer.blockCount {
            let page = try blockPage(number, retention: .passing)
            defer { withExtendedLifetime(page) {} }
            let block = try block(number, in: page)
            let firstRow = Int(footer.blockFirstRow(number))
            for index in 0..<block.rowCount where block.positionOffset(index) < limit {
                let row = firstRow + index
                var decoded = try self.row(index, of: block, number: number)
                decoded.stream = try names.streamNumber(ofRow: row)
                let event = try event(
                    decoded, row: UInt32(row), position: footer.first,
                    stream: names.stream(decoded.stream), type: names.type(decoded.type))
                totals.bytes &+= event.logicalByteCount
                totals.latestTime = Swift.max(totals.latestTime, event.time)
                if event.version == .zero { totals.streams &+= 1 }
                typeCounts[Int(decoded.type)] += 1
            }
        }
        try add(typeCounts: typeCounts.prefix(footer.typeCount), to: &totals)
        withExtendedLifetime(typeCounts) {}
    }

    /// Adds events by type: as many as given, or all that the segment has.
    private func add(
        typeCounts: UnsafeBufferPointer<UInt64>?, to totals: inout HistoryTotals
    ) throws(StorageError) {
        guard totals.types != nil else { return }
        guard typeCounts != nil || footer.typeCount <= SegmentFormat.countedTypesMax else {
            totals.types = nil
            return
        }
        var added: [HistoryTotals.TypeCount] = []
        try forEachType { (number, name, eventCount) throws(StorageError) in
            let count = typeCounts.map { $0[number] } ?? eventCount
            if count > 0 { added.append(.init(name: Array(name), count: count)) }
            return true
        }
        totals.add(types: added)
    }

    /// Calls `body` with number, name and count of events of each type, by name, until it
    /// returns false.
    func forEachType(
        _ body: (Int, UnsafeRawBufferPointer, UInt64) throws(StorageError) -> Bool
    ) throws(StorageError) {
        for number in 0..<footer.typePageCount {
            let page = try typePage(number)
            defer { withExtendedLifetime(page) {} }
            let names = try types(number, in: page)
            let first = footer.types(ofPage: number).lowerBound
            for index in 0..<names.count {
                let name = try typeName(index, of: names, page: number)
                guard names.row(index) <= UInt64(eventCount) else {
                    throw id.damage(at: nil, "type \(first + index) has more events than it has")
                }
                guard try body(first + index, name, names.row(index)) else { return }
            }
        }
    }
}
