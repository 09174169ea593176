// SPDX-License-Identifier: Apache-2.0
import ForkTesting
import SegmentStore
import Testing

@testable import ForkEngine

@Suite("Names of forks, streams and types")
struct NameTests {
    @Test(
        "a name of the right characters is taken as it is",
        arguments: ["main", "0", "ci/run-17", "a.b_c-d/e", String(repeating: "x", count: 128)])
    func accepts(name: String) throws {
        #expect(try ForkName(name).text == name)
    }

    @Test(
        "a refused name says which character, and proposes one that is accepted",
        arguments: [
            ("", "it is empty", "fork", 1),
            ("Main", "'M' (capital letters are not used)", "main", 1),
            ("my fork", "a space", "my-fork", 3),
            ("-a", "begins with '-'", "a", 1),
            ("a..b", "'..'", "a.b", 2),
            ("a//b", "'//'", "a/b", 2),
            ("caf\u{e9}", "'\u{e9}'", "caf", 4),
            ("a@1", "'@'", "a-1", 2),
            ("a\u{7}", "U+7", "a", 2),
            ("日本", "'日'", "fork", 1),
            (
                String(repeating: "x", count: 129), "129 bytes", String(repeating: "x", count: 128),
                129
            ),
        ])
    func refuses(name: String, reason: String, proposal: String, column: Int) throws {
        let error = try #require(throws: TextError.self) { try ForkName(name) }
        #expect(error.sentence.contains(reason), "\(error)")
        #expect(error.sentence.contains("\"\(proposal)\" would do"), "\(error)")
        #expect(error.column == column)
        #expect(ForkName.proposal(for: name) == proposal)
    }

    @Test("every proposal is itself a name")
    func proposalsFit() {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<5_000 {
            let scalars = (0..<Int.random(in: 0...200, using: &generator)).map { _ in
                "aZ0._/-  @é\u{0}\u{301}".unicodeScalars.randomElement(using: &generator) ?? "a"
            }
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars)
            let proposal = ForkName.proposal(for: String(text))
            #expect(throws: Never.self) { try ForkName(proposal) }
        }
    }

    @Test("stream ids and types have 1 to 255 bytes of UTF-8 without control characters")
    func eventNames() {
        for text in ["a", "größe/名", String(repeating: "x", count: 255), "a b=c@d", "\u{a0}"] {
            #expect(throws: Never.self) { try EventName.check(text, as: .stream) }
        }
        for text in [
            "", String(repeating: "x", count: 256), "a\n", "\u{0}", "\u{7f}", "a\u{85}", "\u{9f}",
        ] {
            #expect(throws: TextError.self) { try EventName.check(text, as: .stream) }
            #expect(throws: TextError.self) { try EventName.check(text, as: .type) }
        }
        for bytes: [UInt8] in [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0x61, 0xe2, 0x82]] {
            #expect(throws: TextError.self) {
                try bytes.withUnsafeBytes { try EventName.check($0, as: .type) }
            }
        }
    }

    @Test("UTF-8 is what the standard library says it is, for every two and many longer runs")
    func utf8() {
        for value in 0...0xffff {
            let pair = [UInt8(value >> 8), UInt8(value & 0xff)]
            #expect(isText(pair) == (String(validating: pair, as: UTF8.self) != nil))
        }
        var generator = SeededGenerator(seed: 3)
        let edges: [UInt8] = [
            0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xec, 0xed,
            0xee, 0xef, 0xf0, 0xf3, 0xf4, 0xf5, 0xff,
        ]
        for _ in 0..<50_000 {
            let run = (0..<4).map { _ in edges.randomElement(using: &generator) ?? 0 }
            #expect(isText(run) == (String(validating: run, as: UTF8.self) != nil))
        }
    }

    private func isText(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { UTF8Check.firstFault(in: $0) == nil }
    }

    @Test("event ids are UUID text of either case, printed small")
    func eventIDs() throws {
        let text = "018f2b4c-9a00-7abc-8def-0123456789ab"
        let id = try EventID(uuid: text)
        #expect(id.high == 0x018f_2b4c_9a00_7abc)
        #expect(id.low == 0x8def_0123_4567_89ab)
        #expect(id.uuid == text)
        #expect(try EventID(uuid: text.uppercased()) == id)
        for refused in [
            "", "018f2b4c9a007abc8def0123456789ab", "{\(text)}", text + "0",
            String(text.dropLast()),
            "018f2b4c-9a00-7abc-8def-0123456789ag", "018f2b4c-9a00-7abc-8def00123456789ab",
        ] {
            #expect(throws: TextError.self) { try EventID(uuid: refused) }
        }
    }
}

@Suite("Durations")
struct DurationTextTests {
    @Test(
        "whole numbers with units add up",
        arguments: [
            ("0s", 0), ("90s", 90), ("15m", 900), ("1d12h", 129_600), ("2w", 1_209_600),
            ("1w1d1h1m1s", 694_861), ("1h1d", 90_000), ("9223372036s", 9_223_372_036),
        ])
    func parses(text: String, seconds: Int64) throws {
        #expect(try DurationText.parse(text) == .seconds(seconds))
    }

    @Test(
        "anything else is refused, never trapped",
        arguments: [
            "", "5", "s", "-5m", "+5m", "1.5h", "5 m", "5ms", "1h1h", "5M", "1y", "9223372037s",
            "99999999999999999999s", "15250285w", "9223372036854775807w", "1h ", "５m",
        ])
    func refuses(text: String) {
        #expect(throws: TextError.self) { try DurationText.parse(text) }
    }

    @Test("what is printed reads back equal")
    func prints() throws {
        #expect(DurationText.text(of: .seconds(129_600)) == "1d12h")
        #expect(DurationText.text(of: .seconds(864_000)) == "10d")
        #expect(DurationText.text(of: .milliseconds(900)) == "0s")
        #expect(DurationText.text(of: .seconds(-5)) == "0s")
        for seconds: Int64 in [1, 59, 60, 3_599, 86_399, 86_400, 9_223_372_036] {
            let text = DurationText.text(of: .seconds(seconds))
            #expect(try DurationText.parse(text) == .seconds(seconds))
        }
    }
}

@Suite("Points, ranges, expected versions, labels")
struct PointTests {
    private let main = Point.Reference.named(.main)

    @Test("every form of a point is read")
    func forms() throws {
        let noon = try Timestamp(rfc3339: "2026-10-01T12:00:00Z")
        let midnight = try Timestamp(rfc3339: "2026-10-01T00:00:00Z")
        #expect(try Point("main") == Point(main))
        #expect(try Point("main@0") == Point(main, at: .position(.zero)))
        #expect(try Point("main@123") == Point(main, at: .position(Position(123))))
        #expect(
            try Point("main@18446744073709551615") == Point(main, at: .position(Position(.max))))
        #expect(try Point("main@2026-10-01T14:00:00+02:00") == Point(main, at: .time(noon)))
        #expect(try Point("main@2026-10-01") == Point(main, at: .time(midnight)))
        #expect(try Point("main@-15m") == Point(main, at: .beforeNow(.seconds(900))))
        #expect(
            try Point("main@tag:v1/x") == Point(main, at: .tag(try ForkName("v1/x"))))
        #expect(try Point("^parent") == Point(.parent))
        #expect(try Point("^parent@7") == Point(.parent, at: .position(Position(7))))
    }

    @Test("a point prints as it is written")
    func prints() throws {
        for text in [
            "main", "main@123", "a/b@2026-10-01T12:00:00.5Z", "main@-1d12h", "main@tag:t",
            "^parent", "^parent@-5m",
        ] {
            #expect(try Point(text).description == text)
        }
    }

    @Test(
        "what is no point is refused, with the column",
        arguments: [
            ("", 1), ("@5", 1), ("Main", 1), ("main@", 6), ("main@x", 6), ("main@12x", 6),
            ("main@18446744073709551616", 6), ("main@-", nil), ("main@-5", 8),
            ("main@2026-13-01", 11), ("main@2026-10-01T12:00:00", 25), ("main@tag:", 10),
            ("main@tag:A", 10), ("^main", 1), ("main@1@2", 6), ("main@-5x", 8),
        ] as [(String, Int?)])
    func refuses(text: String, column: Int?) {
        let error = #expect(throws: TextError.self) { try Point(text) }
        if let column { #expect(error?.column == column, "\(text)") }
    }

    @Test("the two sides of a diff")
    func ranges() throws {
        let a = try Point("a@5")
        let b = try Point("b/c")
        #expect(try PointRange("a@5") == .againstParent(a))
        #expect(try PointRange("a@5..b/c") == .oneSide(of: b, since: a))
        #expect(try PointRange("a@5...b/c") == .bothSides(a, b))
        for text in ["", "..", "...", "a..", "..b", "a...", "a....b", "a..B"] {
            #expect(throws: TextError.self) { try PointRange(text) }
        }
    }

    @Test("an expected version is a number, none, exists or any")
    func expectedVersions() throws {
        #expect(try ExpectedVersion("any") == .any)
        #expect(try ExpectedVersion("none") == .noEvents)
        #expect(try ExpectedVersion("0") == .noEvents)
        #expect(try ExpectedVersion("exists") == .exists)
        #expect(try ExpectedVersion("17") == .exactly(Version(17)))
        for text in ["", "-1", "+1", "None", "1.0", "18446744073709551616", "1 "] {
            #expect(throws: TextError.self) { try ExpectedVersion(text) }
        }
        let assignment = try ExpectedVersion.assignment("a=b=3")
        #expect(assignment.stream == "a=b")
        #expect(assignment.expected == .exactly(Version(3)))
        for text in ["a", "=3", "a=", "a=x"] {
            #expect(throws: TextError.self) { try ExpectedVersion.assignment(text) }
        }
    }

    @Test("labels keep to their limits, one beyond is refused")
    func labels() throws {
        var labels = Labels()
        for number in 0..<64 { try labels.insert(Label("k\(number)=v")) }
        #expect(throws: TextError.self) { try labels.insert(Label("one-more=v")) }
        #expect(throws: TextError.self) { try labels.insert(Label("k5=other")) }
        #expect(labels["k5"] == "v")
        #expect(labels["k64"] == nil)
        #expect(labels.all.map(\.key) == labels.all.map(\.key).sorted())

        let key = String(repeating: "k", count: 63)
        let value = String(repeating: "v", count: 255)
        #expect(try Label("\(key)=\(value)").value == value)
        #expect(try Label("a=b=c").value == "b=c")
        #expect(try Label("a=").value == "")
        for text in ["\(key)k=", "a=\(value)v", "=v", "a", "-a=v", "a b=v", "a=\u{7}", "é=v"] {
            #expect(throws: TextError.self) { try Label(text) }
        }
    }

    @Test("a selector asks for a value, or for any")
    func selectors() throws {
        let labels = try Labels([Label("team=ci"), Label("run=17")])
        #expect(try LabelSelector("team=ci").matches(labels))
        #expect(try !LabelSelector("team=dev").matches(labels))
        #expect(try LabelSelector("run").matches(labels))
        #expect(try !LabelSelector("owner").matches(labels))
        #expect(throws: TextError.self) { try LabelSelector("") }
    }
}
