// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, segments. The footer, as it is written.

struct SegmentFooterWriter {
    var eventCount: Int
    var first: Position
    var streamCount: Int
    var typeCount: Int
    var partitionFirstRows: [UInt32]
    var zones: [SegmentZone]
    var streamPages: [(first: UInt32, row: UInt32)]
    var typePages: [(first: UInt32, row: UInt32)]

    func page(context: SegmentContext, after: HistoryTotals) -> ByteSink {
        typealias Format = SegmentFormat.Footer
        let before = context.before
        var sink = ByteSink(capacity: 4096)
        sink.append(Format.magic)
        sink.append(SegmentFormat.version)
        sink.append(UInt32(eventCount))
        sink.append(first.rawValue)
        sink.append(context.seed)
        sink.append(UInt32(zones.count))
        sink.append(UInt32(streamPages.count))
        sink.append(UInt32(typePages.count))
        sink.append(UInt32(streamCount))
        sink.append(UInt32(typeCount))
        sink.append(UInt32(context.overlays.count))
        sink.append(before.types.map { UInt32($0.count) } ?? Format.typesIncomplete)
        sink.append(0 as UInt32)
        for totals in [before, after] {
            sink.append(totals.bytes)
            sink.append(totals.latestTime.rawValue)
            sink.append(totals.streams)
        }
        precondition(sink.count == Format.partitionRowsOffset)
        for row in partitionFirstRows { sink.append(row) }
        precondition(sink.count == Format.sequencesOffset)
        for sequence in before.sequences { sink.append(sequence) }
        precondition(sink.count == Format.headerByteCount)
        appendTables(context, to: &sink)
        return sink
    }

    private func appendTables(_ context: SegmentContext, to sink: inout ByteSink) {
        for zone in zones {
            sink.append(zone.firstRow)
            sink.append(zone.earliest.rawValue)
            sink.append(zone.latest.rawValue)
            sink.append(zone.types)
        }
        for page in streamPages {
            sink.append(page.row)
            sink.append(page.first)
        }
        for page in typePages { sink.append(page.first) }
        for range in context.overlays {
            sink.append(range.overlay.rawValue)
            sink.append(range.from.rawValue)
            sink.append(range.to.rawValue)
        }
        for type in context.before.types ?? [] {
            sink.append(type.count)
            sink.append(UInt8(type.name.count))
            type.name.withUnsafeBytes { sink.append($0) }
        }
    }
}
