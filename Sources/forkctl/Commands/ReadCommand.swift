// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line.
import ArgumentParser
import ForkEngine
import SegmentStore

struct ReadCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "read",
        abstract: "Print the events of one stream.",
        discussion: """
            In the order of versions; --from and --to count versions. -o ndjson prints event \
            lines.

            Example:
              forkctl read order-1
              forkctl read order-1 --reverse --limit 1 -o json
              forkctl read order-1 --at main@2026-10-01T12:00:00Z --count
            """)

    @Argument(help: "The stream's id.")
    var stream: String

    @OptionGroup
    var storeOptions: StoreOptions

    @OptionGroup
    var points: PointOptions

    @OptionGroup
    var range: VersionRangeOptions

    @OptionGroup
    var filterOptions: EventFilterOptions

    @Flag(help: "Newest first.")
    var reverse = false

    @Flag(help: "Print only how many there are.")
    var count = false

    @OptionGroup
    var page: PageOptions

    @OptionGroup
    var output: OutputOptions

    func run(on console: Console) throws -> ExitStatus {
        let format = try output.format(of: .table, .json, .ndjson)
        try EventName.check(stream, as: .stream)
        let view = try points.view(in: try storeOptions.open(), on: console)
        let length = try stream.withBytes { (name) throws(ForkError) in
            try view.eventCount(of: name)
        }
        guard length > .zero else {
            throw CommandFailure(
                .notFound,
                "fork '\(view.name)' has no stream '\(stream)' at position \(view.head):"
                    + " 'forkctl streams' lists those it has")
        }
        let source = try source(in: view, length: length)
        guard count else {
            try EventPrinter(source, limit: page.limit, on: console).print(as: format)
            return .ok
        }
        try EventCount(count: try source.count(limit: page.limit), view: view)
            .print(as: format, on: console)
        return .ok
    }

    private func source(in view: View, length: Version) throws(CommandFailure) -> EventSource {
        let all = range.versions(of: length)
        let bounds = (all.lowerBound.rawValue..<all.upperBound.rawValue)
            .after(try page.numberAfter(), reverse: reverse)
        let versions = Version(bounds.lowerBound)..<Version(bounds.upperBound)
        let options = filterOptions
        let filter = SegmentFilter(
            types: options.type.isEmpty ? nil : options.type.map { Array($0.utf8) },
            since: options.since, until: options.until)
        var source = EventSource(view: view, order: .partial) { (body) throws(ForkError) in
            try stream.withBytes { (name) throws(ForkError) in
                try view.read(name, versions: versions, reverse: reverse) {
                    (event) throws(ForkError) in
                    filter.matches(event) ? try body(event) : true
                }
            }
        }
        source.cursor = { $0.version.rawValue }
        return source
    }
}
