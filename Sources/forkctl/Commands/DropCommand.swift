// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line.
import ArgumentParser
import ForkEngine
import SegmentStore

struct DropCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "drop",
        abstract: "Drop forks, by name or by label.",
        discussion: """
            As cheap as creating them. Forks made from a dropped one go on; what nothing reaches \
            any more is freed by 'forkctl gc'. 'main' cannot be dropped. --dry-run also tells \
            what each fork alone reaches (EXCLUSIVE, bytes on disk), and how many forks were made \
            from it.

            Example:
              forkctl drop trial
              forkctl drop -l ci=true --dry-run
            """)

    @Argument(help: "The forks' names.", transform: { try ForkName($0) })
    var names: [ForkName] = []

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Drop all forks with this label, or with this key; repeat for more conditions.",
            valueName: "key[=value]"),
        transform: { try LabelSelector($0) })
    var label: [LabelSelector] = []

    @Flag(help: "Only print what would be dropped.")
    var dryRun = false

    @OptionGroup
    var storeOptions: StoreOptions

    @OptionGroup
    var output: OutputOptions

    func validate() throws {
        if names.isEmpty == label.isEmpty {
            throw ValidationError("name the forks to drop, or pick them with --label: one of both")
        }
    }

    func run(on console: Console) throws -> ExitStatus {
        let format = try output.format(of: .table, .json, .ndjson, .name)
        let store = try storeOptions.open()
        let forks = try chosen(in: store)
        // All are dropped before the first is printed: a reader that goes away stops no drop.
        var done: [DroppedFork] = []
        var failure: CommandFailure?
        if dryRun {
            done = try DroppedFork.examined(forks, in: store, on: console)
        }
        for fork in forks where !dryRun {
            do throws(ForkError) {
                try store.drop(try fork.checkedName())
                done.append(DroppedFork(fork: fork))
            } catch {
                failure = self.failure(error, doneCount: done.count, of: forks.count)
                break
            }
        }
        if !dryRun, !done.isEmpty {
            console.done = "\(Quantity.count(UInt64(done.count), "fork")) dropped"
        }
        do {
            try Listing.print(
                DroppedFork.form(isDryRun: dryRun), as: format, on: console
            ) { item in
                for fork in done { try item(fork) }
                return nil
            }
        } catch {
            // What could not be dropped is the one to tell: its sentence also says what was.
            throw failure ?? CommandFailure(error)
        }
        if let failure { throw failure }
        if forks.isEmpty { console.note("no fork has this label: nothing was dropped") }
        return .ok
    }

    /// All of them, before anything is dropped: an unknown name or `main` drops nothing.
    private func chosen(in store: Store) throws -> [ForkDescription] {
        if !label.isEmpty {
            return try ForkSelection(store: store, selectors: label).all()
                .filter { $0.id != .main }
        }
        var forks: [ForkDescription] = []
        var seen: Set<ForkName> = []
        for name in names where seen.insert(name).inserted {
            let fork = try store.describe(name)
            if fork.id == .main {
                throw CommandFailure(.denied, "the fork 'main' cannot be dropped")
            }
            forks.append(fork)
        }
        return forks
    }

    private func failure(_ error: ForkError, doneCount: Int, of count: Int) -> CommandFailure {
        if doneCount == 0 { return CommandFailure(error) }
        return CommandFailure(
            .partlyDone, "\(doneCount) of \(count) forks are dropped, then: \(error.message)")
    }
}
