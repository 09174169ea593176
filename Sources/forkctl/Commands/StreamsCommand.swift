// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line.
import ArgumentParser
import ForkEngine
import SegmentStore

struct StreamsCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "streams",
        abstract: "List the streams of a history with their event counts.",
        discussion: """
            In the order of their ids' bytes.

            Example:
              forkctl streams
              forkctl streams order- --at trial --limit 20 -o name
            """)

    @Argument(help: "Only streams whose ids begin with this.")
    var prefix = ""

    @OptionGroup
    var storeOptions: StoreOptions

    @OptionGroup
    var points: PointOptions

    @OptionGroup
    var page: PageOptions

    @OptionGroup
    var output: OutputOptions

    private static let form = Listing.Form<StreamSummary>(
        kind: "Stream",
        columns: [.init("STREAM"), .init("EVENTS", .right), .init("PARTITION", .right)],
        cells: { [$0.name, Quantity.grouped($0.eventCount), String($0.partition.rawValue)] },
        members: { (stream, json) throws(CommandFailure) in
            json.member("stream", stream.name)
            json.member("eventCount", stream.eventCount)
            json.member("partition", UInt64(stream.partition.rawValue))
        },
        name: { $0.name })

    func run(on console: Console) throws -> ExitStatus {
        let format = try output.format(of: .table, .json, .ndjson, .name)
        let view = try points.view(in: try storeOptions.open(), on: console)
        var streams = try view.streams(prefix: prefix)[...]
        if let after = page.after {
            streams = streams.drop {
                !after.utf8.lexicographicallyPrecedes($0.name.utf8)
            }
        }
        let shown = streams.prefix(page.limit ?? .max)
        try Listing.print(Self.form, as: format, on: console) { item in
            for stream in shown { try item(stream) }
            return shown.count < streams.count ? shown.last?.name : nil
        }
        return .ok
    }
}
