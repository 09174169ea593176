// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. `diff --streams`: what each side added to each stream.
import ForkEngine
import SegmentStore

struct DiffStreams {
    let sides: [Difference.Side]

    private struct Change {
        let side: String
        let stream: StreamChange
    }

    private static let form = Listing.Form<Change>(
        kind: "StreamChange",
        columns: [
            .init("SIDE"), .init("STREAM"), .init("FROM VERSION", .right), .init("EVENTS", .right),
            .init("SIZE", .right),
        ],
        cells: { change in
            [
                change.side, change.stream.stream, String(change.stream.firstVersion.rawValue),
                Quantity.grouped(change.stream.eventCount),
                Quantity.bytes(change.stream.byteCount),
            ]
        },
        members: { (change, json) throws(CommandFailure) in
            json.member("side", change.side)
            json.member("stream", change.stream.stream)
            json.member("firstVersion", change.stream.firstVersion.rawValue)
            json.member("eventCount", change.stream.eventCount)
            json.member("byteCount", change.stream.byteCount)
        })

    func print(as format: OutputFormat, on console: Console) throws {
        try Listing.print(Self.form, as: format, on: console) { item in
            for side in sides {
                try side.streamChanges().forEach { (stream) throws(CommandFailure) in
                    try item(Change(side: side.name, stream: stream))
                }
            }
            return nil
        }
    }
}
