// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. `diff --events`: the events of each side, own side first.
import ForkEngine
import SegmentStore

struct DiffEvents {
    let sides: [Difference.Side]

    func print(as format: OutputFormat, on console: Console) throws(CommandFailure) {
        switch format {
        case .json: try printJSON(on: console)
        case .ndjson: try printLines(on: console)
        case .table, .name: try printTable(on: console)
        }
    }

    private func printTable(on console: Console) throws(CommandFailure) {
        var table = TableWriter([.init("SIDE")] + EventTable.columns, on: console)
        for side in sides {
            try EventSource(side: side).forEach { (event) throws(CommandFailure) in
                try table.row([side.name] + EventTable.cells(of: event))
                return true
            }
        }
        try table.finish()
    }

    /// One side alone is event lines, which can be imported; of two, each line names its side.
    private func printLines(on console: Console) throws(CommandFailure) {
        if sides.count == 1 {
            return try EventPrinter(EventSource(side: sides[0]), on: console).print(as: .ndjson)
        }
        var json = JSONWriter(on: console, layout: .line)
        try forEachLine(on: console) { (side, line) throws(CommandFailure) in
            try json.object { (json) throws(CommandFailure) in
                json.member("side", side.name)
                json.member("event", raw: line)
            }
            json.endText()
        }
    }

    private func printJSON(on console: Console) throws(CommandFailure) {
        var json = JSONWriter(on: console, layout: .indented)
        try json.object { (json) throws(CommandFailure) in
            Envelope.begin("EventChangeList", in: &json)
            try json.array("items") { (json) throws(CommandFailure) in
                try forEachLine(on: console) { (side, line) throws(CommandFailure) in
                    try json.object { (json) throws(CommandFailure) in
                        json.member("side", side.name)
                        json.member("event", raw: line)
                    }
                }
            }
            json.null("next")
        }
        json.endText()
    }

    private func forEachLine(
        on console: Console,
        _ body: (Difference.Side, UnsafeRawBufferPointer) throws(CommandFailure) -> Void
    ) throws(CommandFailure) {
        for side in sides {
            let printer = EventPrinter(EventSource(side: side), on: console)
            _ = try printer.page { (event) throws(CommandFailure) in
                let line = try printer.line(of: event)
                try body(side, UnsafeRawBufferPointer(rebasing: line.dropLast()))
            }
        }
    }
}
