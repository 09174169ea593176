// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line.
import ArgumentParser
import ForkEngine
import SegmentStore

struct CreateCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a fork of another, at its head or at any point.",
        discussion: """
            No events are copied, whatever the size. The position that was chosen and the expiry \
            that holds are always printed. The name of an expired fork is free.

            Example:
              forkctl create trial
              forkctl create ci/run-17 --from main@-15m --ttl 2h -l ci=true
              forkctl create audit --from main@2026-10-01 --no-expiry --if-not-exists
            """)

    @Argument(help: "The new fork's name.", transform: { try ForkName($0) })
    var name: ForkName

    @Option(
        help: ArgumentHelp(
            "Where it begins: NAME, NAME@POSITION, NAME@TIME, NAME@-DURATION.",
            discussion: "Default: the head of FORKCTL_FORK, else of main.", valueName: "point"),
        transform: { try Point($0) })
    var from: Point?

    @OptionGroup
    var expiry: ExpiryOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("A label of the fork; repeat for more.", valueName: "key=value"),
        transform: { try Label($0) })
    var label: [Label] = []

    @Flag(help: "Where a fork of this name lives, print it and end well.")
    var ifNotExists = false

    @OptionGroup
    var storeOptions: StoreOptions

    @OptionGroup
    var output: OutputOptions

    func run(on console: Console) throws -> ExitStatus {
        let format = try output.format(of: .table, .json, .name)
        let labels = try Labels(label)
        let expiry = try expiry.expiry()
        let store = try storeOptions.open()
        let current = try ForkOptions.environment()
        let origin = try PointResolver(store: store, fork: current)
            .resolve(from ?? Point(.named(current)))
        let created = try store.create(
            NewFork(
                name: name, from: origin, expiry: expiry, labels: labels,
                ifNotExists: ifNotExists))
        console.done = "fork '\(name)' \(created.isNew ? "is created" : "exists")"
        if !created.isNew {
            let ignored = hasOptions ? ", and the options are ignored" : ""
            console.note("fork '\(name)' exists: it is unchanged\(ignored)")
        }
        // Seen from the moment at which it was made, a time to live is the one that was given.
        let now = created.isNew ? created.fork.created : store.clock.now()
        try print(created, from: origin, as: format, now: now, on: console)
        ExpiredForks.tellOldest(of: store, on: console)
        return .ok
    }

    /// Whether anything was said of how the fork is to be.
    private var hasOptions: Bool {
        from != nil || !label.isEmpty || expiry.isGiven
    }

    private func print(
        _ created: CreatedFork, from origin: Point, as format: OutputFormat, now: Timestamp,
        on console: Console
    ) throws(CommandFailure) {
        let fork = created.fork
        switch format {
        case .json:
            var json = JSONWriter(on: console, layout: .indented)
            try json.object { (json) throws(CommandFailure) in
                Envelope.begin("Fork", in: &json)
                try ForkForm.members(of: fork, in: &json)
                json.member("isNew", created.isNew)
            }
            json.endText()
        case .name:
            console.output.print(fork.name)
        case .table, .ndjson:
            let parent = fork.parentName ?? origin.description
            console.output.print(
                "\(created.isNew ? "created" : "found") \(fork.name) from \(parent)@\(fork.base),"
                    + " expires: \(ForkForm.expiry(of: fork, now: now))")
        }
    }
}
