// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. Numbers as people read them. JSON never goes through here.
import ForkEngine
import SegmentStore

enum Quantity {
    /// `25,806`.
    static func grouped(_ value: UInt64) -> String {
        let digits = String(value)
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0 && (digits.utf8.count - index) % 3 == 0 { result.append(",") }
            result.append(digit)
        }
        return result
    }

    /// `1 event`, `25,806 events`.
    static func count(_ value: UInt64, _ singular: String, _ plural: String? = nil) -> String {
        "\(grouped(value)) \(value == 1 ? singular : plural ?? singular + "s")"
    }

    /// `999 B`, `1.0 KiB`, `16.4 MiB`: binary units, rounded to one decimal.
    static func bytes(_ value: UInt64) -> String {
        guard value >= 1_024 else { return "\(value) B" }
        var unit: UInt64 = 1_024
        var name = "KiB"
        // 1,023.95 would be printed as 1024.0: take the next unit from there.
        for next in ["MiB", "GiB", "TiB", "PiB", "EiB"] where value / unit >= 1_023 {
            guard Double(value) / Double(unit) >= 1_023.95 else { break }
            unit *= 1_024
            name = next
        }
        return "\(oneDecimal(Double(value) / Double(unit))) \(name)"
    }

    /// `12.3`: a number from 0 to 10^17, rounded to one decimal.
    static func oneDecimal(_ value: Double) -> String {
        let tenths = UInt64((max(0, min(value, 1e17)) * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// The two largest units of a span: `3d4h`, `12m5s`, `0s`.
    static func duration(_ duration: Duration) -> String {
        let seconds = max(0, duration.components.seconds)
        let unit: Int64 =
            switch seconds {
            case 86_400...: 3_600
            case 3_600...: 60
            default: 1
            }
        return DurationText.text(of: .seconds(seconds / unit * unit))
    }

    /// How long a piece of work took: `0.18 s`, `12.4 s`, `3m5s`.
    static func elapsed(_ duration: Duration) -> String {
        let seconds = duration.inSeconds
        if seconds >= 60 { return Self.duration(duration) }
        if seconds >= 10 { return "\(oneDecimal(seconds)) s" }
        let hundredths = UInt64((max(0, seconds) * 100).rounded())
        return "\(hundredths / 100).\(padded("\(hundredths % 100)", width: 2, with: "0")) s"
    }

    /// `in 3d4h`, `5m ago`, `now`, seen from `now`.
    static func relative(_ instant: Timestamp, to now: Timestamp) -> String {
        let span = instant.duration(since: now)
        if span.components.seconds == 0 { return "now" }
        return span > .zero ? "in \(duration(span))" : "\(duration(.zero - span)) ago"
    }

    static func padded(_ text: String, width: Int, with character: Character = " ") -> String {
        String(repeating: character, count: max(0, width - text.count)) + text
    }
}
