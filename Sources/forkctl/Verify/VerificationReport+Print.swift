// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. What `verify` prints.

extension VerificationReport {
    func print(as format: OutputFormat, on console: Console) throws(CommandFailure) {
        if format == .json { return try printJSON(on: console) }
        for fault in faults {
            let place = fault.fork.map { "fork '\($0)': " } ?? ""
            console.output.print("\(place)\(fault.sentence)")
        }
        let sums =
            "\(Quantity.count(forkCount, "fork")), \(Quantity.count(objectCount, "object")),"
            + " \(Quantity.count(eventCount, "event")) checked"
        console.output.print(
            faults.isEmpty
                ? "\(sums): all is well"
                : "\(sums): \(Quantity.count(UInt64(faults.count), "fault")) found")
    }

    private func printJSON(on console: Console) throws(CommandFailure) {
        var json = JSONWriter(on: console, layout: .indented)
        try json.object { (json) throws(CommandFailure) in
            Envelope.begin("Verification", in: &json)
            json.member("isSound", faults.isEmpty)
            json.member("forkCount", forkCount)
            json.member("objectCount", objectCount)
            json.member("eventCount", eventCount)
            try json.array("faults") { (json) throws(CommandFailure) in
                for fault in faults {
                    try json.object { (json) throws(CommandFailure) in
                        json.member("fork", fault.fork)
                        json.member("sentence", fault.sentence)
                    }
                }
            }
        }
        json.endText()
    }
}
