// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, segments. From events in order of position to one durable segment.

package enum SegmentBuilder {
    /// Builds a segment of 1 to 262,144 events and makes it durable. O(events), and a few
    /// allocations whatever their number.
    ///
    /// Its bytes depend only on `events` and `context`. Positions must be consecutive, and versions
    /// within each stream; stream, type and data within their limits; otherwise, and where the
    /// context does not fit the events, nothing is written and the error says which event.
    package static func build(
        _ events: UnsafeBufferPointer<EventReference>, context: SegmentContext,
        in store: ObjectStore
    ) throws(StorageError) -> BuiltSegment {
        let range = try check(events, context: context)
        let grouping = try SegmentGrouping(events)
        let types = SegmentTypes(events)
        let after = totals(
            after: context.before, events, streams: grouping.streams, types: types.counts)
        guard after.bytes <= HistoryTotals.bytesMax else {
            throw .unfitForSegment("no history has \(after.bytes) bytes", at: range.lowerBound)
        }
        var writer = try store.makeWriter(.segment)
        let zones = try appendBlocks(events, grouping, types, to: &writer)
        try appendOrder(grouping, to: &writer)
        let streamPages = try appendStreams(grouping.streams, to: &writer)
        let typePages = try appendTypes(types.counts, to: &writer)
        let footer = SegmentFooterWriter(
            eventCount: events.count, first: range.lowerBound,
            streamCount: grouping.streams.count, typeCount: types.counts.count,
            partitionFirstRows: grouping.partitionFirstRows(), zones: zones,
            streamPages: streamPages, typePages: typePages)
        let footerPage = footer.page(context: context, after: after)
        _ = try writer.appendPage(footerPage.bytes)
        return BuiltSegment(
            object: try writer.finish(), range: range, after: after,
            streams: SegmentStreamTable(grouping.streams))
    }
}

// MARK: Checking the input

extension SegmentBuilder {
    private static func check(
        _ events: UnsafeBufferPointer<EventReference>, context: SegmentContext
    ) throws(StorageError) -> Range<Position> {
        guard let first = events.first?.position else {
            throw .unfitForSegment("there are no events", at: .zero)
        }
        guard events.count <= SegmentFormat.eventCountMax else {
            throw .limit(
                what: "events of a segment", limit: SegmentFormat.eventCountMax,
                actual: events.count)
        }
        guard first.rawValue < UInt64(Int64.max) else {
            throw .unfitForSegment("no history is that long", at: first)
        }
        for (index, event) in events.enumerated() {
            guard event.position == first.advanced(by: UInt64(index)) else {
                throw .unfitForSegment("positions are not consecutive", at: event.position)
            }
            try check(event)
        }
        let end = first.advanced(by: UInt64(events.count))
        try check(context, first..<end)
        return first..<end
    }

    private static func check(_ event: EventReference) throws(StorageError) {
        guard (1...EventLimits.streamByteCount).contains(event.stream.count) else {
            throw .limit(
                what: "stream", limit: EventLimits.streamByteCount, actual: event.stream.count)
        }
        guard (1...EventLimits.typeByteCount).contains(event.type.count) else {
            throw .limit(
                what: "type", limit: EventLimits.typeByteCount, actual: event.type.count)
        }
        let byteCount = event.data.count + (event.metadata?.count ?? 0)
        guard byteCount <= EventLimits.eventByteCount else {
            throw .limit(what: "event", limit: EventLimits.eventByteCount, actual: byteCount)
        }
    }

    private static func check(
        _ context: SegmentContext, _ range: Range<Position>
    ) throws(StorageError) {
        var position = range.lowerBound
        for overlay in context.overlays {
            guard overlay.from == position, overlay.to > position else {
                throw .unfitForSegment("overlays do not cover the events", at: overlay.from)
            }
            position = overlay.to
        }
        guard position == range.upperBound else {
            throw .unfitForSegment("overlays do not cover the events", at: position)
        }
        let before = context.before
        guard before.events == range.lowerBound.rawValue else {
            throw .unfitForSegment("the totals before are not of its place", at: range.lowerBound)
        }
        // They may come from the footer of another segment.
        if let fault = before.fault() { throw .unfitForSegment(fault, at: range.lowerBound) }
    }
}

extension StorageError {
    /// What a builder was given is no history.
    static func unfitForSegment(_ reason: String, at position: Position) -> StorageError {
        .damaged(
            .init(
                path: "(a segment being built)", offset: nil,
                reason: "\(reason), at position \(position)"))
    }
}

// MARK: Writing the pages

extension SegmentBuilder {
    private static func appendBlocks(
        _ events: UnsafeBufferPointer<EventReference>, _ grouping: borrowing SegmentGrouping,
        _ types: borrowing SegmentTypes, to writer: inout ObjectWriter
    ) throws(StorageError) -> [SegmentZone] {
        var builder = SegmentBlockBuilder()
        for row in 0..<events.count {
            let index = Int(grouping.eventOfRow[row])
            try builder.append(
                events[index], positionOffset: UInt64(index), type: types.typeOfEvent[index],
                to: &writer)
        }
        try builder.finishBlock(to: &writer)
        return builder.zones
    }

    private static func appendOrder(
        _ grouping: borrowing SegmentGrouping, to writer: inout ObjectWriter
    ) throws(StorageError) {
        typealias Format = SegmentFormat.Order
        let eventCount = grouping.rowOfEvent.count
        let width = Format.rowWidth(eventCount: eventCount)
        let firstRows = grouping.partitionFirstRows()
        var counts = [UInt32](repeating: 0, count: Partition.count)
        var page = ByteSink(capacity: 32 << 10)
        for start in stride(from: 0, to: eventCount, by: Format.groupPositionCount) {
            let count = Swift.min(Format.groupPositionCount, eventCount - start)
            for partition in counts { page.append(partition) }
            let planes = page.extend(by: width * count)
            for index in 0..<count {
                let row = grouping.rowOfEvent[start + index]
                for plane in 0..<width {
                    planes[plane * count + index] = UInt8(truncatingIfNeeded: row >> (8 * plane))
                }
                counts[partition(of: row, firstRows)] += 1
            }
            let group = start / Format.groupPositionCount + 1
            if group % Format.groupsPerPage == 0 || start + count == eventCount {
                _ = try writer.appendPage(page.bytes)
                page.removeAll()
            }
        }
    }

    /// The last partition whose first row is at most `row`.
    @inline(__always)
    private static func partition(of row: UInt32, _ firstRows: [UInt32]) -> Int {
        var (low, high) = (0, Partition.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if firstRows[middle] <= row { low = middle } else { high = middle }
        }
        return low
    }

    private static func appendStreams(
        _ streams: [SegmentGrouping.Stream], to writer: inout ObjectWriter
    ) throws(StorageError) -> [(first: UInt32, row: UInt32)] {
        var builder = SegmentNamePageBuilder()
        for stream in streams {
            try builder.append(
                stream.name, row: UInt64(stream.firstRow), version: stream.firstVersion.rawValue,
                to: &writer)
        }
        try builder.finishPage(to: &writer)
        return builder.pages
    }

    private static func appendTypes(
        _ types: [SegmentTypes.Entry], to writer: inout ObjectWriter
    ) throws(StorageError) -> [(first: UInt32, row: UInt32)] {
        var builder = SegmentNamePageBuilder()
        for type in types {
            try builder.append(type.name, row: type.count, version: 0, to: &writer)
        }
        try builder.finishPage(to: &writer)
        return builder.pages
    }
}

// MARK: What is told about the segment

extension SegmentBuilder {
    /// Nothing here overflows: `before` was checked, and a segment adds less than 2^43 to any of it.
    private static func totals(
        after before: HistoryTotals, _ events: UnsafeBufferPointer<EventReference>,
        streams: [SegmentGrouping.Stream],
        types: [SegmentTypes.Entry]
    ) -> HistoryTotals {
        var after = before
        after.events += UInt64(events.count)
        for event in events {
            after.bytes += event.logicalByteCount
            after.latestTime = Swift.max(after.latestTime, event.time)
        }
        for stream in streams {
            if stream.firstVersion == .zero { after.streams += 1 }
            after.sequences[Int(stream.hash.partition.rawValue)] += UInt64(stream.count)
        }
        if types.count <= SegmentFormat.countedTypesMax {
            after.add(types: types.map { .init(name: Array($0.name), count: $0.count) })
        } else {
            after.types = nil
        }
        return after
    }
}
