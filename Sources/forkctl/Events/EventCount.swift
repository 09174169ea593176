// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. `--count`.
import ForkEngine
import SegmentStore

extension EventSource {
    /// How many events there are, at most `limit`.
    func count(limit: Int?) throws(CommandFailure) -> UInt64 {
        let limit = limit.map { UInt64($0) } ?? .max
        var count: UInt64 = 0
        try forEach { (_) throws(CommandFailure) in
            count += 1
            return count < limit
        }
        return count
    }
}

struct EventCount {
    let count: UInt64
    let view: View

    func print(as format: OutputFormat, on console: Console) throws(CommandFailure) {
        guard format != .table else { return console.output.print(String(count)) }
        var json = JSONWriter(on: console, layout: format == .json ? .indented : .line)
        try json.object { (json) throws(CommandFailure) in
            Envelope.begin("EventCount", in: &json)
            json.member("count", count)
            json.member("fork", view.name)
            json.member("head", view.head)
        }
        json.endText()
    }
}
