// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, words. Instants as text, in the grammar of RFC 3339, section 5.6.
// Whatever is accepted is kept exactly, to the nanosecond; whatever is printed reads back equal.
public import SegmentStore

/// Reads and prints instants: `2026-10-01T12:00:00.5+02:00`.
///
/// An offset is required (`Z` or `+hh:mm`; `-00:00` counts as UTC). Refused are: a second of 60,
/// because nanoseconds since 1970 have no place for a leap second; a tenth digit of the fraction
/// that is not 0, because it would be lost; instants outside of 64 bits, that is before
/// 1677-09-21T00:12:43.145224192Z or after 2262-04-11T23:47:16.854775807Z.
package enum RFC3339 {
    /// Reads the whole text as one instant. 30 ns.
    package static func parse(_ text: UnsafeRawBufferPointer) throws(TextError) -> Timestamp {
        var cursor = TimeCursor(text: text)
        let date = try cursor.date()
        try cursor.expect("T", orLower: true, because: "a time after the date, as in 12:00:00Z")
        let secondOfDay = try cursor.timeOfDay()
        let nanoseconds = try cursor.fraction()
        let offset = try cursor.offset()
        try cursor.expectEnd()
        let seconds = Int64(date.daysSince1970) * 86_400 + Int64(secondOfDay - offset)
        guard let instant = Timestamp(seconds: seconds, nanoseconds: nanoseconds) else {
            throw TextError("the time is outside of 1677-09-21 to 2262-04-11", column: 1)
        }
        return instant
    }

    /// Reads a date alone, `2026-10-01`, as the first instant of that day in UTC.
    package static func parseDate(_ text: UnsafeRawBufferPointer) throws(TextError) -> Timestamp {
        var cursor = TimeCursor(text: text)
        let date = try cursor.date()
        try cursor.expectEnd()
        let seconds = Int64(date.daysSince1970) * 86_400
        guard let instant = Timestamp(seconds: seconds, nanoseconds: 0) else {
            throw TextError("the date is outside of 1677-09-21 to 2262-04-11", column: 1)
        }
        return instant
    }

    /// Prints an instant in UTC, with as many digits of fraction as it has.
    package static func append(_ instant: Timestamp, to buffer: inout ByteBuffer) {
        let (seconds, nanoseconds) = instant.split
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let date = CivilDate(daysSince1970: Int(days))
        let secondOfDay = Int(seconds - days * 86_400)
        buffer.append(decimal: date.year, digitCount: 4)
        buffer.append(UInt8(ascii: "-"))
        buffer.append(decimal: date.month, digitCount: 2)
        buffer.append(UInt8(ascii: "-"))
        buffer.append(decimal: date.day, digitCount: 2)
        buffer.append(UInt8(ascii: "T"))
        buffer.append(decimal: secondOfDay / 3_600, digitCount: 2)
        buffer.append(UInt8(ascii: ":"))
        buffer.append(decimal: secondOfDay / 60 % 60, digitCount: 2)
        buffer.append(UInt8(ascii: ":"))
        buffer.append(decimal: secondOfDay % 60, digitCount: 2)
        if nanoseconds > 0 {
            var fraction = nanoseconds
            var digitCount = 9
            while fraction % 10 == 0 {
                fraction /= 10
                digitCount -= 1
            }
            buffer.append(UInt8(ascii: "."))
            buffer.append(decimal: fraction, digitCount: digitCount)
        }
        buffer.append(UInt8(ascii: "Z"))
    }
}

extension Timestamp {
    /// Reads an instant as RFC 3339 prescribes it; see `rfc3339`.
    ///
    /// - Throws: `TextError` where the text is no such instant, has a leap second, has more
    ///   digits than nanoseconds, or lies outside of 1677 to 2262.
    public init(rfc3339 text: String) throws(TextError) {
        self = try text.withBytes { (bytes) throws(TextError) in try RFC3339.parse(bytes) }
    }

    /// The instant in UTC, with as many digits of fraction as it has: `2026-10-01T12:00:00Z`.
    public var rfc3339: String {
        var buffer = ByteBuffer(capacity: 32)
        RFC3339.append(self, to: &buffer)
        return String(repairing: buffer.bytes)
    }

    /// Whole seconds since 1970, rounded down, and the nanoseconds beyond them.
    var split: (seconds: Int64, nanoseconds: Int) {
        let (quotient, remainder) = rawValue.quotientAndRemainder(dividingBy: 1_000_000_000)
        return remainder >= 0
            ? (quotient, Int(remainder)) : (quotient - 1, Int(remainder) + 1_000_000_000)
    }

    /// The inverse of `split`; nil outside of 64 bits. A negative time is built from the second
    /// above it, because its own second may begin below the range.
    init?(seconds: Int64, nanoseconds: Int) {
        let isBelowZero = seconds < 0 && nanoseconds > 0
        let (scaled, isTooLarge) = (isBelowZero ? seconds + 1 : seconds)
            .multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, isOutside) = scaled.addingReportingOverflow(
            Int64(isBelowZero ? nanoseconds - 1_000_000_000 : nanoseconds))
        guard !isTooLarge, !isOutside else { return nil }
        self.init(rawValue: sum)
    }
}

/// Walks over the parts of an instant; each part knows its own range.
private struct TimeCursor {
    let text: UnsafeRawBufferPointer
    var index = 0

    var column: Int { index + 1 }

    var next: UInt8? { index < text.count ? text[index] : nil }

    mutating func date() throws(TextError) -> CivilDate {
        let year = try number(digitCount: 4, in: 0...9_999, "a year of four digits")
        try expect("-", because: "'-' after the year")
        let month = try number(digitCount: 2, in: 1...12, "a month from 01 to 12")
        try expect("-", because: "'-' after the month")
        let lastDay = CivilDate.dayCount(year: year, month: month)
        let day = try number(digitCount: 2, in: 1...lastDay, "a day that the month has")
        return CivilDate(year: year, month: month, day: day)
    }

    mutating func timeOfDay() throws(TextError) -> Int {
        let hour = try number(digitCount: 2, in: 0...23, "an hour from 00 to 23")
        try expect(":", because: "':' after the hour")
        let minute = try number(digitCount: 2, in: 0...59, "a minute from 00 to 59")
        try expect(":", because: "':' after the minute")
        let second = try number(
            digitCount: 2, in: 0...59, "a second from 00 to 59 (leap seconds have no place here)")
        return hour * 3_600 + minute * 60 + second
    }

    /// Nanoseconds; 0 where there is no fraction.
    mutating func fraction() throws(TextError) -> Int {
        guard next == UInt8(ascii: ".") else { return 0 }
        index += 1
        var value = 0
        var digitCount = 0
        while let byte = next, let digit = digitValue(byte) {
            if digitCount < 9 {
                value = value * 10 + digit
            } else if digit != 0 {
                throw TextError("more than nine digits of a second would be lost", column: column)
            }
            digitCount += 1
            index += 1
        }
        guard digitCount > 0 else { throw wanted("a digit after the '.'") }
        while digitCount < 9 {
            value *= 10
            digitCount += 1
        }
        return value
    }

    /// Seconds east of UTC.
    mutating func offset() throws(TextError) -> Int {
        let wantedOffset: StaticString = "an offset after the time: Z, or as in +02:00"
        guard let sign = next else { throw wanted(wantedOffset) }
        index += 1
        switch sign {
        case UInt8(ascii: "Z"), UInt8(ascii: "z"): return 0
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            let hour = try number(digitCount: 2, in: 0...23, "an offset's hour from 00 to 23")
            try expect(":", because: "':' in the offset")
            let minute = try number(digitCount: 2, in: 0...59, "an offset's minute from 00 to 59")
            let seconds = hour * 3_600 + minute * 60
            return sign == UInt8(ascii: "-") ? -seconds : seconds
        default:
            index -= 1
            throw wanted(wantedOffset)
        }
    }

    mutating func number(
        digitCount: Int, in range: ClosedRange<Int>, _ what: StaticString
    ) throws(TextError) -> Int {
        let start = index
        var value = 0
        for _ in 0..<digitCount {
            guard let byte = next, let digit = digitValue(byte) else { throw wanted(what) }
            value = value * 10 + digit
            index += 1
        }
        guard range.contains(value) else {
            index = start
            throw wanted(what)
        }
        return value
    }

    mutating func expect(
        _ character: Unicode.Scalar, orLower: Bool = false, because what: StaticString
    ) throws(TextError) {
        let byte = UInt8(ascii: character)
        guard let found = next, found == byte || (orLower && found == byte | 0x20) else {
            throw wanted(what)
        }
        index += 1
    }

    func expectEnd() throws(TextError) {
        guard index == text.count else { throw wanted("nothing more") }
    }

    private func digitValue(_ byte: UInt8) -> Int? {
        byte &- UInt8(ascii: "0") <= 9 ? Int(byte &- UInt8(ascii: "0")) : nil
    }

    @inline(never)
    private func wanted(_ what: StaticString) -> TextError {
        TextError("not a time as in 2026-10-01T12:00:00Z: expected \(what)", column: column)
    }
}
