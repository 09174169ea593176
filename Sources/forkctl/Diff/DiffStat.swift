// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. `diff --stat`: sums of each side.
import ForkEngine
import SegmentStore

struct DiffStat {
    private struct Side {
        let name: String
        let head: Position
        let eventCount: UInt64
        let streamCount: UInt64
        let byteCount: UInt64
        let movedCount: UInt64
    }

    private let common: Position
    private let sides: [Side]

    init(_ difference: Difference, sides: [Difference.Side]) throws(ForkError) {
        common = difference.common
        var sums: [Side] = []
        for side in sides {
            let streams = try side.streamChanges()
            sums.append(
                Side(
                    name: side.name, head: side.head, eventCount: side.eventCount,
                    streamCount: UInt64(streams.count),
                    byteCount: streams.byteCount,
                    movedCount: side.movedCount))
        }
        self.sides = sums
    }

    func print(
        as format: OutputFormat, reads: ReadCounts, on console: Console
    ) throws(CommandFailure) {
        if format == .json { return try printJSON(reads: reads, on: console) }
        console.output.print(
            "common up to position \(common); read \(DiffReads.text(of: reads))")
        var table = TableWriter(
            [
                .init("SIDE"), .init("HEAD", .right), .init("EVENTS", .right),
                .init("STREAMS", .right), .init("SIZE", .right), .init("MOVED", .right),
            ], on: console)
        for side in sides {
            try table.row([
                side.name, Quantity.grouped(side.head.rawValue), Quantity.grouped(side.eventCount),
                Quantity.grouped(side.streamCount), Quantity.bytes(side.byteCount),
                Quantity.grouped(side.movedCount),
            ])
        }
        try table.finish()
    }

    private func printJSON(
        reads: ReadCounts, on console: Console
    ) throws(CommandFailure) {
        var json = JSONWriter(on: console, layout: .indented)
        try json.object { (json) throws(CommandFailure) in
            Envelope.begin("Difference", in: &json)
            json.member("common", common)
            json.member("isEqual", sides.allSatisfy { $0.eventCount == 0 })
            try json.array("sides") { (json) throws(CommandFailure) in
                for side in sides {
                    try json.object { (json) throws(CommandFailure) in
                        json.member("name", side.name)
                        json.member("head", side.head)
                        json.member("eventCount", side.eventCount)
                        json.member("streamCount", side.streamCount)
                        json.member("byteCount", side.byteCount)
                        json.member("movedCount", side.movedCount)
                    }
                }
            }
            try DiffReads.members(of: reads, in: &json)
        }
        json.endText()
    }
}
