// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line.
import ArgumentParser
import ForkEngine
import SegmentStore

struct DiffCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show what two histories have beyond their common point.",
        discussion: """
            A: a fork against its parent's head. A..B: what B has and A has not. A...B, or A B: \
            both sides. Events that are equal on both sides are counted as moved, not listed. The \
            cost depends on the changes alone.

            Example:
              forkctl diff trial
              forkctl diff main..trial --events -o ndjson
              forkctl diff main@-1h...main --streams
            """)

    @Argument(
        help: ArgumentHelp(
            "A point or a range. Default: FORKCTL_FORK, else main.", valueName: "a"))
    var first: String?

    @Argument(help: ArgumentHelp("Another point.", valueName: "b"))
    var second: String?

    enum Detail: String, EnumerableFlag {
        case stat
        case streams
        case events

        static func help(for value: Detail) -> ArgumentHelp? {
            switch value {
            case .stat: "Print sums. This is the default."
            case .streams: "Print the streams that changed."
            case .events: "Print the events."
            }
        }
    }

    @Flag(exclusivity: .exclusive)
    var detail = Detail.stat

    @Flag(help: "Exit with 1 where there is a difference.")
    var exitCode = false

    @OptionGroup
    var storeOptions: StoreOptions

    @OptionGroup
    var output: OutputOptions

    func run(on console: Console) throws -> ExitStatus {
        let format =
            detail == .stat
            ? try output.format(of: .table, .json)
            : try output.format(of: .table, .json, .ndjson)
        let store = try storeOptions.open()
        let comparison = try Comparison(first, second, in: store)
        if let note = comparison.note { console.note(note) }
        let before = store.segments.objects.readCounts()
        let difference = try comparison.difference(in: store)
        let sides = comparison.sides(of: difference)
        switch detail {
        case .stat:
            let stat = try DiffStat(difference, sides: sides)
            try stat.print(
                as: format, reads: store.segments.objects.readCounts() - before, on: console)
        case .streams:
            tell(difference, on: console)
            try DiffStreams(sides: sides).print(as: format, on: console)
        case .events:
            tell(difference, on: console)
            try DiffEvents(sides: sides).print(as: format, on: console)
        }
        if detail != .stat {
            let reads = store.segments.objects.readCounts() - before
            try console.output.flush()
            console.note("read \(DiffReads.text(of: reads))")
        }
        let isEqual = sides.allSatisfy { $0.eventCount == 0 }
        return exitCode && !isEqual ? .differs : .ok
    }

    /// The positions that the points came to.
    private func tell(_ difference: Difference, on console: Console) {
        console.note(
            "comparing \(difference.left.name) up to \(difference.left.head) with"
                + " \(difference.right.name) up to \(difference.right.head), common up to position"
                + " \(difference.common)")
    }
}
