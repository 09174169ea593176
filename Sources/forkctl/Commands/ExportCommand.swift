// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line.
import ArgumentParser
import ForkEngine
import SegmentStore

struct ExportCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Print a history as event lines, in position order.",
        discussion: """
            One JSON object a line. What is printed can be imported: 'data' stands byte for byte \
            as it came in.

            Example:
              forkctl export > events.ndjson
              forkctl export --at trial@-15m --from 1000 --to 2000
            """)

    @OptionGroup
    var storeOptions: StoreOptions

    @OptionGroup
    var points: PointOptions

    @OptionGroup
    var range: PositionRangeOptions

    func run(on console: Console) throws -> ExitStatus {
        let view = try points.view(in: try storeOptions.open(), on: console)
        let positions = try range.positions(in: view)
        let source = EventSource(view: view, order: .ascending) { (body) throws(ForkError) in
            try view.scan(positions, body)
        }
        try EventPrinter(source, on: console).print(as: .ndjson)
        return .ok
    }
}
