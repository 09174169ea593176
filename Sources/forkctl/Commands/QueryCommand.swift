// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line.
import ArgumentParser
import ForkEngine
import SegmentStore

struct QueryCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Print the events of a history that meet conditions.",
        discussion: """
            In position order; --reverse turns the output, never the bounds. -o ndjson prints \
            event lines.

            Example:
              forkctl query --type order.paid --since 2026-10-01 --limit 20
              forkctl query --at main@-1h --partition 7 --count
              forkctl query --reverse --limit 10 -o ndjson
            """)

    @OptionGroup
    var storeOptions: StoreOptions

    @OptionGroup
    var points: PointOptions

    @OptionGroup
    var range: PositionRangeOptions

    @OptionGroup
    var filterOptions: EventFilterOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Only events of this partition, 0 to 31.", valueName: "number"))
    var partition: UInt8?

    @Flag(help: "Newest first.")
    var reverse = false

    @Flag(help: "Print only how many there are.")
    var count = false

    @OptionGroup
    var page: PageOptions

    @OptionGroup
    var output: OutputOptions

    func validate() throws {
        if let partition, Int(partition) >= Partition.count {
            throw ValidationError("--partition is a number from 0 to \(Partition.count - 1)")
        }
    }

    func run(on console: Console) throws -> ExitStatus {
        let format = try output.format(of: .table, .json, .ndjson)
        let view = try points.view(in: try storeOptions.open(), on: console)
        var filter = filterOptions.filter
        filter.partition = partition.map { Partition($0) }
        let all = try range.positions(in: view)
        let bounds = (all.lowerBound.rawValue..<all.upperBound.rawValue)
            .after(try page.numberAfter(), reverse: reverse)
        let positions = Position(bounds.lowerBound)..<Position(bounds.upperBound)
        let source = EventSource(view: view, order: order(of: filter)) { (body) throws(ForkError) in
            try view.scan(positions, reverse: reverse, filter: filter, body)
        }
        guard count else {
            try EventPrinter(source, limit: page.limit, on: console).print(as: format)
            return .ok
        }
        let isWhole = filter.isEmpty
        try EventCount(
            count: isWhole ? UInt64(bounds.count) : try source.count(limit: page.limit),
            view: view
        ).print(as: format, on: console)
        return .ok
    }

    /// A filter by partition alone leaves all of the partition.
    private func order(of filter: EventFilter) -> EventSource.Order {
        guard filter.types.isEmpty, filter.since == nil, filter.until == nil else {
            return .partial
        }
        return reverse ? .descending : .ascending
    }
}
