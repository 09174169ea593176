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
            In the order of their ids' bytes, which is not the order in which they lie: each \
            listing looks at the names of all streams of the history, whatever the prefix and \
            the limit.

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
        let limit = page.limit ?? .max
        try Listing.print(Self.form, as: format, on: console) { item in
            var count = 0
            var last: String?
            var failure: CommandFailure?
            // One more than is shown, to know whether there is more.
            try view.forEachStream(
                prefix: prefix, after: page.after, limit: limit == .max ? limit : limit + 1
            ) { (stream) throws(ForkError) in
                count += 1
                guard count <= limit else { return false }
                do throws(CommandFailure) {
                    try item(stream)
                } catch {
                    failure = error
                    return false
                }
                last = stream.name
                return true
            }
            if let failure { throw failure }
            return count > limit ? last : nil
        }
        return .ok
    }
}
