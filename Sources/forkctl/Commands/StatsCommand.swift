// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line.
import ArgumentParser
import ForkEngine
import SegmentStore

struct StatsCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Print what a history adds up to.",
        discussion: """
            The totals are kept, not counted: the answer takes the same in any history.

            Example:
              forkctl stats
              forkctl stats --at main@2026-10-01 -o json
            """)

    @OptionGroup
    var storeOptions: StoreOptions

    @OptionGroup
    var points: PointOptions

    @OptionGroup
    var output: OutputOptions

    func run(on console: Console) throws -> ExitStatus {
        let format = try output.format(of: .table, .json)
        let view = try points.view(in: try storeOptions.open(), on: console)
        let summary = try view.summary()
        guard format == .table else {
            try printJSON(summary, of: view, on: console)
            return .ok
        }
        let used = summary.sequences.count { $0 > 0 }
        Details.print(
            [
                ("fork", view.name),
                ("head", String(view.head.rawValue)),
                ("events", Quantity.grouped(summary.eventCount)),
                ("streams", Quantity.grouped(summary.streamCount)),
                ("size", Quantity.bytes(summary.logicalByteCount)),
                ("latest time", summary.latestTime?.rfc3339),
                ("partitions in use", "\(used) of \(Partition.count)"),
            ], on: console)
        try printTypes(of: view, on: console)
        return .ok
    }

    private func printTypes(of view: View, on console: Console) throws {
        let types = try view.typeCounts()
        guard !types.isEmpty else { return }
        console.output.print("")
        var table = TableWriter([.init("TYPE"), .init("EVENTS", .right)], on: console)
        for (type, count) in types { try table.row([type, Quantity.grouped(count)]) }
        try table.finish()
    }

    private func printJSON(
        _ summary: HistorySummary, of view: View, on console: Console
    ) throws {
        let types = try view.typeCounts()
        var json = JSONWriter(on: console, layout: .indented)
        try json.object { (json) throws(CommandFailure) in
            Envelope.begin("Stats", in: &json)
            json.member("fork", view.name)
            json.member("head", view.head)
            json.member("eventCount", summary.eventCount)
            json.member("streamCount", summary.streamCount)
            json.member("logicalByteCount", summary.logicalByteCount)
            json.member("latestTime", summary.latestTime)
            try json.array("types") { (json) throws(CommandFailure) in
                for (type, count) in types {
                    try json.object { (json) throws(CommandFailure) in
                        json.member("type", type)
                        json.member("eventCount", count)
                    }
                }
            }
            try json.array("partitions") { (json) throws(CommandFailure) in
                for (number, sequence) in summary.sequences.enumerated() {
                    try json.object { (json) throws(CommandFailure) in
                        json.member("partition", UInt64(number))
                        json.member("eventCount", sequence)
                    }
                }
            }
        }
        json.endText()
    }
}
