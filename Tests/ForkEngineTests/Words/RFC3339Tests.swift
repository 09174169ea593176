// SPDX-License-Identifier: Apache-2.0
import ForkTesting
import SegmentStore
import Testing

@testable import ForkEngine

@Suite("RFC 3339 instants")
struct RFC3339Tests {
    @Test(
        "an instant is kept to the nanosecond, whatever its offset",
        arguments: [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01T00:00:00.000000001Z", 1),
            ("1970-01-01t01:00:00z", 3_600_000_000_000),
            ("1970-01-01T01:00:00+01:00", 0),
            ("1969-12-31T23:59:59.9Z", -100_000_000),
            ("2019-09-12T14:47:24+03:00", 1_568_288_844_000_000_000),
            ("2000-02-29T12:00:00.5-00:00", 951_825_600_500_000_000),
            ("1677-09-21T00:12:43.145224192Z", Int64.min),
            ("2262-04-11T23:47:16.854775807Z", Int64.max),
            ("2262-04-12T22:47:16.8547758070000+23:00", Int64.max),
        ])
    func parses(text: String, nanoseconds: Int64) throws {
        #expect(try Timestamp(rfc3339: text).rawValue == nanoseconds)
    }

    @Test(
        "an instant prints in UTC with as many digits as it has",
        arguments: [
            (0, "1970-01-01T00:00:00Z"),
            (1, "1970-01-01T00:00:00.000000001Z"),
            (-1, "1969-12-31T23:59:59.999999999Z"),
            (951_825_600_500_000_000, "2000-02-29T12:00:00.5Z"),
            (1_583_020_799_120_000_000, "2020-02-29T23:59:59.12Z"),
            (Int64.min, "1677-09-21T00:12:43.145224192Z"),
            (Int64.max, "2262-04-11T23:47:16.854775807Z"),
        ])
    func prints(nanoseconds: Int64, text: String) {
        #expect(Timestamp(rawValue: nanoseconds).rfc3339 == text)
    }

    @Test("what is printed reads back equal, over the whole range")
    func roundTrip() throws {
        var generator = SeededGenerator(seed: 7)
        for shift in 0..<64 {
            for _ in 0..<40 {
                let value = Timestamp(
                    rawValue: Int64(bitPattern: generator.next()) >> Int64(shift))
                #expect(try Timestamp(rfc3339: value.rfc3339) == value)
            }
        }
    }

    @Test("every day from 1678 to 2261 follows the one before it")
    func calendar() {
        var days = CivilDate(year: 1678, month: 1, day: 1).daysSince1970
        for year in 1678...2261 {
            for month in 1...12 {
                for day in 1...CivilDate.dayCount(year: year, month: month) {
                    let date = CivilDate(year: year, month: month, day: day)
                    guard date.daysSince1970 == days, CivilDate(daysSince1970: days) == date else {
                        Issue.record("\(date) is not day \(days)")
                        return
                    }
                    days += 1
                }
            }
        }
        #expect(CivilDate(year: 1970, month: 1, day: 1).daysSince1970 == 0)
        #expect(CivilDate(year: 2000, month: 3, day: 1).daysSince1970 == 11_017)
    }

    @Test(
        "what is no instant is refused, with the column",
        arguments: [
            ("", 1), ("2026", 5), ("2026-13-01T00:00:00Z", 6), ("2026-00-01T00:00:00Z", 6),
            ("2026-02-29T00:00:00Z", 9), ("2026-04-31T00:00:00Z", 9), ("1900-02-29T00:00:00Z", 9),
            ("2026-01-01", 11), ("2026-01-01 00:00:00Z", 11), ("2026-01-01T24:00:00Z", 12),
            ("2026-01-01T00:60:00Z", 15), ("2016-12-31T23:59:60Z", 18),
            ("2026-01-01T00:00:00", 20), ("2026-01-01T00:00:00.Z", 21),
            ("2026-01-01T00:00:00.0000000001Z", 30), ("2026-01-01T00:00:00+0200", 23),
            ("2026-01-01T00:00:00+24:00", 21), ("2026-01-01T00:00:00+01:60", 24),
            ("2026-01-01T00:00:00Zz", 21), ("2026-01-01T00:00:00 Z", 20),
            ("1677-09-21T00:12:43.145224191Z", 1), ("2262-04-11T23:47:16.854775808Z", 1),
            ("0000-01-01T00:00:00Z", 1), ("9999-12-31T23:59:59Z", 1), ("+026-01-01T00:00:00Z", 1),
            ("2026-01-01T00:00:00\u{661}Z", 20),
        ])
    func refuses(text: String, column: Int) {
        let error = #expect(throws: TextError.self) { try Timestamp(rfc3339: text) }
        #expect(error?.column == column, "\(text)")
    }

    @Test("a span is added without overflow, or not at all")
    func addsDurations() {
        #expect(Timestamp(rawValue: 5).adding(.seconds(-1)) == Timestamp(rawValue: -999_999_995))
        #expect(Timestamp.max.adding(.nanoseconds(1)) == nil)
        #expect(Timestamp.min.adding(.nanoseconds(-1)) == nil)
        #expect(Timestamp(rawValue: 0).adding(.seconds(Int64.max)) == nil)
        #expect(Timestamp.max.duration(since: .min).components.seconds == 18_446_744_073)
    }
}
