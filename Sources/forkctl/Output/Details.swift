// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. One thing at length: a line for each of its properties.

enum Details {
    /// Prints `name  value` lines with the values under each other; a row without a value is left
    /// out.
    static func print(_ rows: [(name: String, value: String?)], on console: Console) {
        let shown = rows.filter { $0.value != nil }
        let width = shown.map { DisplayWidth.of($0.name) }.max() ?? 0
        for row in shown {
            let gap = String(repeating: " ", count: width - DisplayWidth.of(row.name) + 2)
            console.output.print(
                console.outputStyle.bold(row.name) + gap + TableWriter.printable(row.value ?? ""))
        }
    }
}
