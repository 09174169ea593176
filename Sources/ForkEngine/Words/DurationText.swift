// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, words. Spans of time as people write them: 90s, 15m, 1d12h, 2w.

/// Reads and prints whole seconds as integers with units: `s`, `m`, `h`, `d` (24 hours), `w`.
///
/// Units combine in any order, each at most once. There is no sign, no fraction, and no default
/// unit: `90` could be seconds or days.
public enum DurationText {
    /// The longest span: what 64 bits of nanoseconds hold, 292 years.
    public static let secondsMax: Int64 = 9_223_372_036

    private static let units: [(name: UInt8, seconds: Int64)] = [
        (UInt8(ascii: "w"), 604_800), (UInt8(ascii: "d"), 86_400), (UInt8(ascii: "h"), 3_600),
        (UInt8(ascii: "m"), 60), (UInt8(ascii: "s"), 1),
    ]

    /// Reads the whole text; `TextError` where it is no such span or longer than `secondsMax`.
    public static func parse(_ text: String) throws(TextError) -> Duration {
        try text.withBytes { (bytes) throws(TextError) in try parse(bytes) }
    }

    package static func parse(_ text: UnsafeRawBufferPointer) throws(TextError) -> Duration {
        var total: Int64 = 0
        var unitsSeen: Set<UInt8> = []
        var index = 0
        guard text.count > 0 else {
            throw TextError("a duration is missing: write one as in 90s, 15m or 1d12h")
        }
        while index < text.count {
            let start = index
            let amount = try number(in: text, at: &index)
            guard index < text.count else {
                throw TextError(
                    "a duration needs a unit: write \(amount)s, \(amount)m, \(amount)h,"
                        + " \(amount)d or \(amount)w", column: index + 1)
            }
            guard let unit = units.first(where: { $0.name == text[index] }) else {
                throw TextError(
                    "unknown unit of a duration: use s, m, h, d or w, as in 1d12h",
                    column: index + 1)
            }
            guard unitsSeen.insert(unit.name).inserted else {
                throw TextError("a unit of a duration stands here twice", column: index + 1)
            }
            index += 1
            let (scaled, isTooLarge) = amount.multipliedReportingOverflow(by: unit.seconds)
            let (sum, isTooLong) = total.addingReportingOverflow(scaled)
            guard !isTooLarge, !isTooLong, sum <= secondsMax else {
                throw TextError("a duration is longer than 292 years", column: start + 1)
            }
            total = sum
        }
        return .seconds(total)
    }

    /// Prints the whole seconds of a span, largest unit first: `1d12h`; `0s` below a second.
    /// Parts of a second are dropped, and a negative span prints as `0s`.
    public static func text(of duration: Duration) -> String {
        var rest = max(0, duration.components.seconds)
        var result = ""
        // Weeks are read but not printed: people count "10d", not "1w3d".
        for unit in units.dropFirst() where rest >= unit.seconds {
            result += "\(rest / unit.seconds)\(Unicode.Scalar(unit.name))"
            rest %= unit.seconds
        }
        return result.isEmpty ? "0s" : result
    }

    private static func number(
        in text: UnsafeRawBufferPointer, at index: inout Int
    ) throws(TextError) -> Int64 {
        let start = index
        var value: Int64 = 0
        while index < text.count, case let digit = text[index] &- UInt8(ascii: "0"), digit <= 9 {
            let (scaled, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, isTooLong) = scaled.addingReportingOverflow(Int64(digit))
            guard !isTooLarge, !isTooLong else {
                throw TextError("a duration is longer than 292 years", column: start + 1)
            }
            value = sum
            index += 1
        }
        guard index > start else {
            throw TextError(
                "a duration is whole numbers with units, as in 90s, 15m or 1d12h",
                column: index + 1)
        }
        return value
    }
}
