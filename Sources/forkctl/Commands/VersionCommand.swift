// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line.
import ArgumentParser

struct VersionCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Print the version, the commit and the format version.",
        discussion: """
            Example:
              forkctl version -o json
            """)

    @OptionGroup
    var output: OutputOptions

    func run(on console: Console) throws -> ExitStatus {
        switch try output.format(of: .table, .json) {
        case .json:
            var json = JSONWriter(on: console, layout: .indented)
            try json.object { (json) throws(CommandFailure) in
                Envelope.begin("Version", in: &json)
                json.member("version", BuildVersion.number)
                json.member("commit", BuildVersion.commit)
                json.member("formatVersion", UInt64(BuildVersion.formatNumber))
            }
            json.endText()
        default:
            console.output.print(BuildVersion.text)
        }
        return .ok
    }
}
