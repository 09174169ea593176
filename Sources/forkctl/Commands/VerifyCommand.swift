// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line.
import ArgumentParser
import ForkEngine
import SegmentStore

struct VerifyCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Re-read and check the store, or one fork.",
        discussion: """
            Every object's address, every page, index runs against segments, every pending \
            journal, and every file accounted for. Damage is told with the forks and the streams \
            that it touches. With FORK only what that fork reaches is read, and files are not \
            accounted for. --quick reads the manifests and pending journals alone, and looks \
            whether all that they name is there. Others may write meanwhile.

            Example:
              forkctl verify
              forkctl verify trial
              forkctl verify --quick
            """)

    @Argument(
        help: "The fork: expired or not. Default: the whole store.",
        transform: { try ForkName($0) })
    var fork: ForkName?

    @Flag(help: "Do not read the events.")
    var quick = false

    @OptionGroup
    var storeOptions: StoreOptions

    @OptionGroup
    var output: OutputOptions

    func run(on console: Console) throws -> ExitStatus {
        let format = try output.format(of: .table, .json)
        let store = try storeOptions.open()
        let report =
            if let fork {
                try store.verify(fork, isQuick: quick)
            } else {
                try store.verify(isQuick: quick)
            }
        let form = VerificationForm(report: report, fork: fork, isQuick: quick)
        if format == .json {
            try form.printJSON(on: console)
        } else {
            try form.print(on: console)
        }
        return report.isSound ? .ok : .damaged
    }
}
