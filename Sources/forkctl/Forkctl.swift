// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. The root command and the order in which help lists the rest.
import ArgumentParser

struct Forkctl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forkctl",
        abstract: "Copy-on-write forks of an event store.",
        discussion: """
            A fork is an independent history that shares what it inherits. Creating one copies \
            no events, whatever the size; dropping one is as cheap.

            Example:
              forkctl init
              forkctl import events.ndjson
              forkctl create trial --ttl 2h
              forkctl append order-1 --fork trial --type order.paid --data '{"amount": 5}'
              forkctl diff trial
              forkctl drop trial

            The store is --store, else FORKCTL_STORE, else the nearest .forkctl upward. The fork \
            is --fork, else FORKCTL_FORK, else main.
            """,
        version: BuildVersion.text,
        groupedSubcommands: [
            CommandGroup(
                name: "Events",
                subcommands: [
                    InitCommand.self, ImportCommand.self, ExportCommand.self, AppendCommand.self,
                    ReadCommand.self, QueryCommand.self, StreamsCommand.self, StatsCommand.self,
                ]),
            CommandGroup(
                name: "Forks",
                subcommands: [
                    CreateCommand.self, ListCommand.self, ShowCommand.self, TreeCommand.self,
                    DiffCommand.self, DropCommand.self,
                ]),
            CommandGroup(
                name: "Store",
                subcommands: [
                    CollectCommand.self, VerifyCommand.self, RepairCommand.self, ScrubCommand.self,
                    BackupCommand.self, RestoreCommand.self, VersionCommand.self,
                ]),
        ])
}

/// A command that writes through a console, and that may end in more ways than well or badly.
protocol ConsoleCommand: ParsableCommand {
    func run(on console: Console) throws -> ExitStatus
}

extension ConsoleCommand {
    /// What the parser would call; `Main` calls `run(on:)` instead.
    func run() throws {
        let console = Console()
        _ = try run(on: console)
        try console.output.flush()
    }
}
