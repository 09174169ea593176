// SPDX-License-Identifier: Apache-2.0
// forknight: what was done, as a table, and how each failure is seen again.

struct NightTable {
    let parts: [PartProgress]
    let commit: String
    let isNight: Bool

    private static let titles = [
        "part", "unit", "wanted", "checked", "distinct", "rounds", "failed", "besides",
    ]

    private func cells(_ part: PartProgress) -> [String] {
        let wanted =
            switch part.goal {
            case .units(let count): grouped(count)
            case .rounds(let count): "\(grouped(count)) rounds"
            case .nothing: "-"
            }
        return [
            part.part.name, part.part.unit, wanted, grouped(part.total.units),
            grouped(part.distinctCount), grouped(part.roundCount), "\(part.failures.count)",
            besides(part),
        ]
    }

    private func besides(_ part: PartProgress) -> String {
        if let obstacle = part.obstacle { return "SKIPPED: \(obstacle)" }
        let coverage = part.total.coverage.sorted { $0.key < $1.key }.map { name, coverage in
            "\(name) \(coverage.seenCount) of \(coverage.total)"
        }
        let counts = part.total.counts.sorted { $0.key < $1.key }.map { name, count in
            "\(name) \(grouped(count))"
        }
        return (coverage + counts).joined(separator: ", ")
    }

    var text: String {
        let rows = [Self.titles] + parts.map(cells)
        let widths = Self.titles.indices.map { column in
            rows.map { $0[column].count }.max() ?? 0
        }
        let lines = rows.map { row in
            zip(row, widths).map { $0.padded(to: $1 + 2) }.joined()
        }
        return ([head] + lines + closing).joined(separator: "\n")
    }

    /// As docs/reliability.md shows it.
    var markdown: String {
        let rows = parts.map { "| " + cells($0).joined(separator: " | ") + " |" }
        let titles = "| " + Self.titles.joined(separator: " | ") + " |"
        let rule = "|" + String(repeating: " --- |", count: Self.titles.count)
        return ([head, "", titles, rule] + rows + [""] + closing).joined(separator: "\n")
    }

    private var head: String {
        let seconds = parts.reduce(0) { $0 + $1.milliseconds } / 1_000
        return "\(isNight ? "A long night" : "On every change"), at \(commit.prefix(12)): "
            + "\(grouped(seconds)) s of one worker"
    }

    private var closing: [String] {
        let skipped = parts.filter { $0.obstacle != nil }.count
        var lines = ["\(skipped) parts skipped"]
        for part in parts {
            lines += part.gaps.map { "FAILED: \(part.part.name): \($0)" }
            for (round, text) in part.failures {
                let name = RoundName(part: part.part.name, round: round).text
                lines.append("FAILED: \(name): \(text)\n  replay: forknight --replay \(name)")
            }
        }
        return lines
    }
}
