// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line.
import ArgumentParser
import ForkEngine
import SegmentStore

struct RepairCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair",
        abstract: "Mend what is damaged, and say what is lost.",
        discussion: """
            What anything still tells of is built again: a segment from its journals, an index run \
            and manifest nodes from segments, a journal's events from a fork that has flushed them. \
            A segment that is lost stays a hole in its forks; a fork whose journal is lost ends \
            where the loss begins. Damaged files are kept in the store's folder quarantine/. \
            Afterwards verify finds no news, and gc works again. Ends with status 12 where events \
            are lost. Stop the writers of damaged forks first.

            Example:
              forkctl repair --dry-run
              forkctl repair
            """)

    @Flag(help: "Only print what would be done, and what is lost.")
    var dryRun = false

    @OptionGroup
    var storeOptions: StoreOptions

    @OptionGroup
    var output: OutputOptions

    func run(on console: Console) throws -> ExitStatus {
        let format = try output.format(of: .table, .json, .ndjson)
        var remade: [String] = []
        if !dryRun { remade = try Store.remakeParts(at: try storeOptions.folder()) }
        for name in remade { console.note("made '\(name)' again, which was missing") }
        let store = try storeOptions.open()
        let report = try store.repair(isDryRun: dryRun)
        if !dryRun { console.done = "the store is repaired" }
        let form = RepairForm(report: report)
        switch format {
        case .json: try form.printJSON(on: console)
        case .ndjson: try form.printLines(on: console)
        default: try form.print(on: console)
        }
        return report.isLossless ? .ok : .partlyDone
    }
}
