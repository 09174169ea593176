// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. How far a long command is, on a terminal only.
import Glibc

/// One line on standard error, drawn again at most ten times a second; the caller erases it
/// before it writes anything else there.
struct ProgressBar {
    /// What is counted, as in "events".
    let unit: String
    /// The bytes that the whole input has; nil where that is not known.
    let byteCountTotal: UInt64?
    private let isShown: Bool
    private let start: ContinuousClock.Instant
    private var lastDrawn: ContinuousClock.Instant
    private var isDrawn = false

    init(unit: String, byteCountTotal: UInt64?, on console: Console) {
        self.unit = unit
        self.byteCountTotal = byteCountTotal
        isShown = console.showsProgress
        start = ContinuousClock.now
        lastDrawn = start
    }

    var elapsed: Duration { ContinuousClock.now - start }

    /// Draws the state where it is time to.
    mutating func update(count: UInt64, byteCount: UInt64) {
        guard isShown else { return }
        let now = ContinuousClock.now
        guard now - lastDrawn >= .milliseconds(100) else { return }
        lastDrawn = now
        isDrawn = true
        Console.writeToStandardError(
            "\r" + line(count: count, byteCount: byteCount, elapsed: now - start) + "\u{1b}[K")
    }

    mutating func erase() {
        if isDrawn { Console.writeToStandardError("\r\u{1b}[K") }
        isDrawn = false
    }

    /// `[=====>    ]  45%  12,345 events  210,000/s  8.1 MiB/s  ETA 3s`
    func line(count: UInt64, byteCount: UInt64, elapsed: Duration) -> String {
        let seconds = max(elapsed.inSeconds, 0.001)
        let byteRate = Double(byteCount) / seconds
        var parts: [String] = []
        if let total = byteCountTotal, total > 0 {
            let share = min(1, Double(byteCount) / Double(total))
            parts.append(Self.bar(share: share, width: 20))
            parts.append(Quantity.padded("\(Int(share * 100))%", width: 4))
        }
        parts.append("\(Quantity.grouped(count)) \(unit)")
        parts.append("\(Quantity.grouped(UInt64(Double(count) / seconds)))/s")
        parts.append("\(Quantity.bytes(UInt64(byteRate)))/s")
        if let total = byteCountTotal, byteCount > 0, byteRate > 0 {
            let left = Double(total - min(total, byteCount)) / byteRate
            // Beyond that an estimate says nothing.
            if left < 360_000 { parts.append("ETA \(Quantity.duration(.seconds(Int64(left))))") }
        }
        return parts.joined(separator: "  ")
    }

    private static func bar(share: Double, width: Int) -> String {
        let filled = Int(share * Double(width))
        let head = filled < width ? ">" : ""
        let empty = max(0, width - filled - head.utf8.count)
        return "[" + String(repeating: "=", count: filled) + head
            + String(repeating: " ", count: empty) + "]"
    }
}

extension Duration {
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
