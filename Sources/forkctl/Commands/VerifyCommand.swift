// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line.
import ArgumentParser
import ForkEngine
import SegmentStore

struct VerifyCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Re-read and check the store.",
        discussion: """
            Every event of every fork is read and checked. --quick reads the manifests alone, and \
            looks whether all that they name is there.

            Example:
              forkctl verify
              forkctl verify --quick
            """)

    @Flag(help: "Do not read the events.")
    var quick = false

    @OptionGroup
    var storeOptions: StoreOptions

    @OptionGroup
    var output: OutputOptions

    func run(on console: Console) throws -> ExitStatus {
        let format = try output.format(of: .table, .json)
        let verification = Verification(
            store: try storeOptions.open(), isQuick: quick, console: console)
        let report = try verification.run()
        try report.print(as: format, on: console)
        return report.faults.isEmpty ? .ok : .damaged
    }
}
