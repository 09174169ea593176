// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. A repair as people and programs read it.
import ForkEngine
import SegmentStore

struct RepairForm {
    let report: RepairReport

    // MARK: Text

    func print(on console: Console) throws(CommandFailure) {
        for item in report.items {
            let outcome =
                report.isDryRun ? "would be \(item.outcome.rawValue)" : item.outcome.rawValue
            console.output.print("\(outcome): \(item.path): \(item.description)")
            try console.output.flushIfLarge()
        }
        for loss in report.losses {
            console.output.print("gone from \(loss.fork): \(Self.sentence(loss))")
            for stream in loss.streams {
                console.output.print(
                    "  \(TableWriter.printable(stream.name)) versions [\(stream.from), \(stream.to))"
                )
            }
            try console.output.flushIfLarge()
        }
        let items = Quantity.count(UInt64(report.items.count), "damaged thing")
        let verdict =
            report.items.isEmpty && report.losses.isEmpty
            ? "nothing to repair"
            : report.isLossless ? "\(items), nothing is lost" : "\(items), events are lost"
        console.output.print(verdict)
    }

    private static func sentence(_ loss: RepairReport.Loss) -> String {
        let place = loss.to.map { "positions [\(loss.from), \($0))" } ?? "all from \(loss.from) on"
        if loss.isCut { return "\(place), with \(loss.path): it ends there now" }
        let count = loss.eventCount.map { Quantity.count($0, "event") } ?? "events"
        let others = Int(clamping: loss.streamCount) - Set(loss.streams.map(\.name)).count
        let more = others > 0 ? ", and \(others) streams more than are named" : ""
        return "\(count) of \(place), with \(loss.path)\(more)"
    }

    // MARK: JSON

    func printJSON(on console: Console) throws(CommandFailure) {
        var json = JSONWriter(on: console, layout: .indented)
        try json.object { (json) throws(CommandFailure) in
            Envelope.begin("Repair", in: &json)
            json.member("isDryRun", report.isDryRun)
            json.member("isLossless", report.isLossless)
            try json.array("items") { (json) throws(CommandFailure) in
                for item in report.items {
                    try json.object { (json) throws(CommandFailure) in members(of: item, &json) }
                }
            }
            try json.array("losses") { (json) throws(CommandFailure) in
                for loss in report.losses {
                    try json.object { (json) throws(CommandFailure) in
                        try members(of: loss, &json)
                    }
                    try console.output.flushIfLarge()
                }
            }
        }
        json.endText()
    }

    /// One line an item, then one a loss.
    func printLines(on console: Console) throws(CommandFailure) {
        var json = JSONWriter(on: console, layout: .line)
        for item in report.items {
            try json.object { (json) throws(CommandFailure) in members(of: item, &json) }
            json.endText()
        }
        for loss in report.losses {
            try json.object { (json) throws(CommandFailure) in try members(of: loss, &json) }
            json.endText()
            try console.output.flushIfLarge()
        }
    }

    private func members(of item: RepairReport.Item, _ json: inout JSONWriter) {
        json.member("path", item.path)
        json.member("outcome", item.outcome.rawValue)
        json.member("description", item.description)
    }

    private func members(
        of loss: RepairReport.Loss, _ json: inout JSONWriter
    ) throws(CommandFailure) {
        json.member("fork", loss.fork)
        json.member("path", loss.path)
        json.member("from", loss.from)
        json.member("to", loss.to)
        json.member("isCut", loss.isCut)
        json.member("eventCount", loss.eventCount)
        json.member("streamCount", loss.streamCount)
        try json.array("streams") { (json) throws(CommandFailure) in
            for stream in loss.streams {
                try json.object { (json) throws(CommandFailure) in
                    json.member("stream", stream.name)
                    json.member("from", stream.from.rawValue)
                    json.member("to", stream.to.rawValue)
                }
            }
        }
    }
}
