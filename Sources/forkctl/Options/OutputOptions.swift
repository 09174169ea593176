// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. `-o`: the format of what a command prints.
import ArgumentParser

enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    /// Columns, for people.
    case table
    /// One document.
    case json
    /// One document a line.
    case ndjson
    /// Names alone, one a line.
    case name
}

struct OutputOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: ArgumentHelp("How to print.", valueName: "format"))
    var output: OutputFormat?

    /// The format asked for, or the first of those that the command has.
    func format(of formats: OutputFormat...) throws(CommandFailure) -> OutputFormat {
        guard let output else { return formats.first ?? .table }
        guard formats.contains(output) else {
            let names = formats.map(\.rawValue).joined(separator: ", ")
            throw .usage("this command prints \(names), not \(output.rawValue): change -o")
        }
        return output
    }
}
