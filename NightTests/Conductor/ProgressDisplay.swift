// SPDX-License-Identifier: Apache-2.0
// forknight: what is seen while it runs: a block that is drawn over on a terminal, else a line now and
// then.
import Glibc
import SegmentStore

struct ProgressDisplay {
    private let isTerminal = isatty(1) != 0
    private let workerCount: Int
    private var lastShown = SystemTime().sinceBoot()
    private var lineCount = 0

    init(workerCount: Int) { self.workerCount = workerCount }

    mutating func show(_ parts: [PartProgress]) {
        let now = SystemTime().sinceBoot()
        let pause: UInt64 = isTerminal ? 500_000_000 : 30_000_000_000
        guard now - lastShown >= pause else { return }
        lastShown = now
        let left = "about \(Self.duration(millisecondsLeft(parts))) left"
        guard isTerminal else {
            let shares = parts.filter { !$0.isOver }.map { "\($0.part.name) \(Self.percent($0))" }
            Descriptors.write("forknight: \(shares.joined(separator: ", ")); \(left)\n", to: 1)
            return
        }
        var lines = parts.map(Self.line)
        lines.append(left)
        let block = lines.map { "\u{1B}[2K\($0)\n" }.joined()
        clear()
        Descriptors.write(block, to: 1)
        lineCount = lines.count
    }

    /// Takes the block away.
    mutating func clear() {
        if lineCount > 0 { Descriptors.write("\u{1B}[\(lineCount)A\u{1B}[J", to: 1) }
        lineCount = 0
    }

    private static func line(_ part: PartProgress) -> String {
        let name = part.part.name.padded(to: 18)
        if part.obstacle != nil { return name + "skipped" }
        let failures = part.failures.isEmpty ? "" : "  \(part.failures.count) FAILED"
        return name + percent(part) + "  \(grouped(part.distinctCount)) \(part.part.unit)"
            + failures
    }

    private static func percent(_ part: PartProgress) -> String {
        let tenths = Int(part.fraction * 1_000)
        return "\(tenths / 10).\(tenths % 10) %"
    }

    /// Nil while some part has done nothing yet.
    private func millisecondsLeft(_ parts: [PartProgress]) -> Double? {
        var sum = 0.0
        for part in parts {
            guard let left = part.millisecondsLeft else { return nil }
            sum += left / Double(max(1, min(workerCount, part.part.roundsAtOnceMax)))
        }
        return sum
    }

    static func duration(_ milliseconds: Double?) -> String {
        guard let milliseconds else { return "an unknown time" }
        let seconds = Int(milliseconds / 1_000)
        switch seconds {
        case ..<100: return "\(seconds) s"
        case ..<6_000: return "\(seconds / 60) min"
        default: return "\(seconds / 3_600) h \(seconds / 60 % 60) min"
        }
    }
}

/// "1,234,567".
func grouped(_ number: Int) -> String {
    let digits = Array(String(number))
    return String(
        digits.indices.flatMap { index in
            let isGroup = index > 0 && (digits.count - index) % 3 == 0
            return isGroup ? [",", digits[index]] : [digits[index]]
        })
}

extension String {
    /// With spaces behind it.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }
}
