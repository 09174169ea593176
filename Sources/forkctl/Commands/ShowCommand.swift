// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line.
import ArgumentParser
import ForkEngine
import SegmentStore

struct ShowCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one fork at length.",
        discussion: """
            Example:
              forkctl show trial
              forkctl show trial -o json
            """)

    @Argument(help: "The fork's name.", transform: { try ForkName($0) })
    var name: ForkName

    @OptionGroup
    var storeOptions: StoreOptions

    @OptionGroup
    var output: OutputOptions

    func run(on console: Console) throws -> ExitStatus {
        let format = try output.format(of: .table, .json, .name)
        let store = try storeOptions.open()
        let fork = try store.describe(name)
        if format == .name {
            console.output.print(fork.name)
            return .ok
        }
        let exclusive = try ExclusiveSize.of([fork], in: store, on: console)?.byteCountTogether
        if format == .json {
            var json = JSONWriter(on: console, layout: .indented)
            try json.object { (json) throws(CommandFailure) in
                Envelope.begin("Fork", in: &json)
                try ForkForm.members(of: fork, in: &json)
                json.member("exclusiveByteCount", exclusive)
            }
            json.endText()
        } else {
            Details.print(rows(of: fork, exclusive: exclusive, now: store.clock.now()), on: console)
        }
        return .ok
    }

    private func rows(
        of fork: ForkDescription, exclusive: UInt64?, now: Timestamp
    ) -> [(name: String, value: String?)] {
        let parent = fork.parent == nil ? nil : "\(ForkForm.parent(of: fork))@\(fork.base)"
        return [
            ("name", fork.name),
            (
                "state",
                fork.isLive ? "\(fork.state.rawValue), open for writing" : fork.state.rawValue
            ),
            ("parent", parent),
            ("head", String(fork.head.rawValue)),
            ("events", Quantity.grouped(fork.head.rawValue)),
            ("own events", Quantity.grouped(fork.ownEventCount)),
            ("size", Quantity.bytes(fork.logicalByteCount)),
            ("own size", Quantity.bytes(fork.ownByteCount)),
            ("shared size", Quantity.bytes(fork.sharedByteCount)),
            (
                "exclusive size",
                exclusive.map { "\(Quantity.bytes($0)) on disk, which a drop frees" }
            ),
            ("created", "\(fork.created.rfc3339) (\(Quantity.relative(fork.created, to: now)))"),
            ("expires", ForkForm.expiry(of: fork, now: now)),
            ("labels", fork.labels.isEmpty ? nil : ForkForm.labels(of: fork)),
        ]
    }
}
