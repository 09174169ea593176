// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line.
import ArgumentParser
import ForkEngine

struct InitCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make an empty store with a fork 'main'.",
        discussion: """
            The store is the folder .forkctl in DIR. Nothing else in DIR is touched.

            Example:
              forkctl init
              forkctl init /var/lib/orders
            """)

    @Argument(help: "The folder to make the store in.", completion: .directory)
    var dir = "."

    @OptionGroup
    var output: OutputOptions

    func run(on console: Console) throws -> ExitStatus {
        let format = try output.format(of: .table, .json)
        _ = try Store.initialize(at: dir)
        console.done = "the store is made"
        let path = dir == "." ? StoreFolder.name : "\(dir)/\(StoreFolder.name)"
        if format == .json {
            var json = JSONWriter(on: console, layout: .indented)
            try json.object { (json) throws(CommandFailure) in
                Envelope.begin("Store", in: &json)
                json.member("path", path)
                json.member("formatVersion", UInt64(BuildVersion.formatNumber))
            }
            json.endText()
        } else {
            console.output.print("made the store \(path) with an empty fork 'main'")
        }
        return .ok
    }
}
