// SPDX-License-Identifier: Apache-2.0
// forkbench: what was measured, printed as it comes and kept for a file.

/// Things that are measured together, between two looks at the yardstick.
protocol Group {
    static var title: String { get }
    /// Measures all anew.
    mutating func measure() throws -> [Comparison]
}

/// One group as it was measured.
struct MeasuredGroup {
    let title: String
    let before: Double
    let after: Double
    let comparisons: [Comparison]

    var y: Double { (before + after) / 2 }
    /// Whether the disk was about as fast after as before: only then do the times mean something.
    var isSteady: Bool { max(before, after) <= 2 * min(before, after) }
}

struct Report {
    private let options: Options
    private let yardstick: Yardstick
    private(set) var groups: [MeasuredGroup] = []

    private static let attemptCount = 4

    init(_ options: Options, _ yardstick: Yardstick) {
        self.options = options
        self.yardstick = yardstick
        Console.line(
            "forkbench: \(options.largeEventCount.grouped) events, \(options.forkCount.grouped)"
                + " forks, \(Options.levelCount) levels over \(options.depthEventCount.grouped)"
                + " events, in \(options.folder)")
    }

    /// Measures a group and prints it, again where the disk changed meanwhile.
    mutating func measure(_ group: some Group) throws {
        var group = group
        for attempt in 1...Self.attemptCount {
            let before = yardstick.median()
            let comparisons = try group.measure()
            let measured = MeasuredGroup(
                title: type(of: group).title, before: before, after: yardstick.median(),
                comparisons: comparisons)
            show(measured)
            if measured.isSteady || attempt == Self.attemptCount {
                groups.append(measured)
                return
            }
            Console.line("  the disk was not steady: measured again")
        }
    }

    private func show(_ group: MeasuredGroup) {
        Console.line("")
        Console.line(
            "\(group.title); y \(group.before.text()) µs before, \(group.after.text()) µs after")
        for comparison in group.comparisons {
            Console.line(
                "  " + comparison.title.padded(to: 64) + "median µs".rightAligned(in: 12)
                    + "90 %".rightAligned(in: 10) + "y".rightAligned(in: 8)
                    + "ratio".rightAligned(in: 8))
            for item in comparison.cases {
                let note = item.note.isEmpty ? "" : "; " + item.note
                Console.line(
                    "    " + (item.name + note).padded(to: 62)
                        + item.samples.median.text(2).rightAligned(in: 12)
                        + item.samples.slow.text(2).rightAligned(in: 10)
                        + (item.samples.median / group.y).text(2).rightAligned(in: 8)
                        + comparison.ratio(item).text(2).rightAligned(in: 8))
            }
        }
    }

    /// Says which ratios are above their limits; whether none is.
    func finish() -> Bool {
        Console.line("")
        var isFine = true
        for group in groups {
            for comparison in group.comparisons {
                for item in comparison.excesses {
                    isFine = false
                    Console.line(
                        "over its limit: \(comparison.title), \(item.name):"
                            + " \(comparison.ratio(item).text(2)) times"
                            + " \(comparison.cases[0].name), not at most"
                            + " \((comparison.limit ?? 0).text(2))")
                }
            }
        }
        if isFine { Console.line("every ratio is within its limit") }
        return isFine
    }
}

extension Report {
    func writeJSON(to path: String) throws {
        try JSONFile.write(
            .object([
                ("eventCount", .number(Double(options.largeEventCount))),
                ("forkCount", .number(Double(options.forkCount))),
                ("levelCount", .number(Double(Options.levelCount))),
                ("depthEventCount", .number(Double(options.depthEventCount))),
                ("groups", .array(groups.map(json))),
            ]), to: path)
    }

    private func json(_ group: MeasuredGroup) -> JSONFile.Value {
        .object([
            ("title", .text(group.title)),
            ("yMicrosecondsBefore", .number(group.before)),
            ("yMicrosecondsAfter", .number(group.after)),
            ("comparisons", .array(group.comparisons.map(json))),
        ])
    }

    private func json(_ comparison: Comparison) -> JSONFile.Value {
        .object([
            ("title", .text(comparison.title)),
            ("limit", comparison.limit.map { .number($0) } ?? .null),
            (
                "cases",
                .array(
                    comparison.cases.map { item in
                        .object([
                            ("name", .text(item.name)), ("note", .text(item.note)),
                            ("medianMicroseconds", .number(item.samples.median)),
                            ("slowMicroseconds", .number(item.samples.slow)),
                            ("ratio", .number(comparison.ratio(item))),
                        ])
                    })
            ),
        ])
    }
}
