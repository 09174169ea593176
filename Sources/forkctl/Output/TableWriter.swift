// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. Columns that line up, for people.

/// Prints rows under a head. Widths come from the first thousand rows, which are held back until
/// then; rows after those may stick out, and memory stays bounded.
struct TableWriter {
    enum Alignment {
        case left
        case right
    }

    struct Column {
        let title: String
        let alignment: Alignment

        init(_ title: String, _ alignment: Alignment = .left) {
            self.title = title
            self.alignment = alignment
        }
    }

    private static let rowCountHeldMax = 1_000

    private let columns: [Column]
    private let console: Console
    private var held: [[String]] = []
    private var widths: [Int]
    private var isHeadPrinted = false

    init(_ columns: [Column], on console: Console) {
        self.columns = columns
        self.console = console
        widths = columns.map { DisplayWidth.of($0.title) }
    }

    /// Adds a row with a cell for each column.
    mutating func row(_ cells: [String]) throws(CommandFailure) {
        precondition(cells.count == columns.count)
        let cells = cells.map(Self.printable)
        if isHeadPrinted {
            printRow(cells)
            try console.output.flushIfLarge()
            return
        }
        for (index, cell) in cells.enumerated() {
            widths[index] = max(widths[index], DisplayWidth.of(cell))
        }
        held.append(cells)
        if held.count == Self.rowCountHeldMax { try release() }
    }

    /// Prints what is held back; the head as well where there was no row.
    mutating func finish() throws(CommandFailure) {
        if !isHeadPrinted { try release() }
    }

    private mutating func release() throws(CommandFailure) {
        isHeadPrinted = true
        printRow(columns.map(\.title), style: console.outputStyle)
        for cells in held {
            printRow(cells)
            try console.output.flushIfLarge()
        }
        held = []
    }

    private func printRow(_ cells: [String], style: TextStyle = .plain) {
        var line = ""
        for (index, cell) in cells.enumerated() {
            let gap = String(repeating: " ", count: max(0, widths[index] - DisplayWidth.of(cell)))
            let isLast = index == cells.count - 1
            switch columns[index].alignment {
            case .left: line += style.bold(cell) + (isLast ? "" : gap)
            case .right: line += gap + style.bold(cell)
            }
            if !isLast { line += "  " }
        }
        console.output.print(line)
    }

    /// The cell with control characters replaced, so that no data moves the cursor or sets a
    /// colour; "-" where it is empty, so that columns can be counted.
    static func printable(_ cell: String) -> String {
        if cell.isEmpty { return "-" }
        let isPlain = cell.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f }
        if isPlain { return cell }
        var result = String.UnicodeScalarView()
        for scalar in cell.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: result.append("\u{fffd}")
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
