// SPDX-License-Identifier: Apache-2.0
import ForkEngine
import Foundation
import SegmentStore
import Testing

@testable import forkctl

@Suite("What commands print")
struct OutputTests {
    private struct Thing {
        let name: String
        let size: UInt64
        let note: String?
    }

    private static let form = Listing.Form<Thing>(
        kind: "Thing", columns: [.init("NAME"), .init("SIZE", .right), .init("NOTE")],
        cells: { [$0.name, "\($0.size)", $0.note ?? ""] },
        members: { (thing, json) throws(CommandFailure) in
            json.member("name", thing.name)
            json.member("sizeBytes", thing.size)
            json.member("note", thing.note)
        },
        name: { $0.name })

    private static let things = [
        Thing(name: "a", size: 5, note: nil),
        Thing(name: "größe", size: 12_345, note: "x\u{1b}[2J"),
        Thing(name: "日本", size: 0, note: "\"quoted\"\n"),
    ]

    private func print(
        _ things: [Thing], as format: OutputFormat, next: String? = nil
    ) throws -> String {
        let console = Console()
        try Listing.print(Self.form, as: format, on: console) { item in
            for thing in things { try item(thing) }
            return next
        }
        return String(decoding: console.output.buffer.bytes, as: UTF8.self)
    }

    @Test("columns line up by what is seen, and no data moves the cursor")
    func table() throws {
        #expect(
            try print(Self.things, as: .table) == """
                NAME    SIZE  NOTE
                a          5  -
                größe  12345  x\u{fffd}[2J
                日本       0  "quoted"\u{fffd}

                """)
        #expect(try print([], as: .table) == "NAME  SIZE  NOTE\n")
    }

    @Test("beyond a thousand rows a table streams with the widths it has")
    func longTable() throws {
        let things = (0..<1_500).map { Thing(name: "t\($0 + 1_000)", size: $0, note: "note") }
        let lines = try print(things, as: .table).split(separator: "\n")
        #expect(lines.count == 1_501)
        #expect(Set(lines.map(\.count)).count == 1)
    }

    @Test("a list is an enveloped document, items and next")
    func json() throws {
        #expect(
            try print(Array(Self.things.suffix(1)), as: .json, next: "c1") == """
                {
                  "apiVersion": "forkctl/v1",
                  "kind": "ThingList",
                  "items": [
                    {
                      "name": "日本",
                      "sizeBytes": 0,
                      "note": "\\"quoted\\"\\n"
                    }
                  ],
                  "next": "c1"
                }

                """)
        #expect(
            try print([], as: .json) == """
                {
                  "apiVersion": "forkctl/v1",
                  "kind": "ThingList",
                  "items": [],
                  "next": null
                }

                """)
        for count in [2, 3] {
            let text = try print(Array(Self.things.prefix(count)), as: .json)
            let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
            #expect((object?["items"] as? [Any])?.count == count)
        }
    }

    @Test("NDJSON is one document a line, names are one a line")
    func lines() throws {
        let lines = try print(Self.things, as: .ndjson).split(separator: "\n")
        #expect(lines.first == #"{"name":"a","sizeBytes":5}"#)
        #expect(lines.count == 3)
        for line in lines {
            #expect(throws: Never.self) {
                try JSONSerialization.jsonObject(with: Data(line.utf8))
            }
        }
        #expect(try print(Self.things, as: .name) == "a\ngröße\n日本\n")
    }

    @Test("every kind of member is valid JSON in either layout")
    func members() throws {
        for layout in [JSONWriter.Layout.indented, .line] {
            let console = Console()
            var json = JSONWriter(on: console, layout: layout)
            try json.object { (json) throws(CommandFailure) in
                json.member("text", "\u{0}\u{1f}\"\\/é\u{7f}")
                json.member("number", UInt64.max)
                json.member("yes", true)
                json.member("no", false)
                json.null("nothing")
                json.member("time", Timestamp(rawValue: -1))
                try json.object("labels") { (json) throws(CommandFailure) in
                    json.member(named: "a\"b", "c")
                }
                try json.object("empty") { (_) throws(CommandFailure) in }
                try json.array("list") { (json) throws(CommandFailure) in
                    json.string("one")
                    Array("[1, 2]".utf8).withUnsafeBytes { json.raw($0) }
                    try json.array { (_) throws(CommandFailure) in }
                }
            }
            json.endText()
            let bytes = Data(console.output.buffer.bytes)
            let object = try #require(
                try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
            #expect(object["text"] as? String == "\u{0}\u{1f}\"\\/é\u{7f}")
            #expect(object["number"] as? UInt64 == UInt64.max)
            #expect(object["time"] as? String == "1969-12-31T23:59:59.999999999Z")
            #expect((object["labels"] as? [String: String])?["a\"b"] == "c")
            #expect((object["list"] as? [Any])?.count == 3)
            if layout == .line { #expect(bytes.filter { $0 == 0x0a }.count == 1) }
        }
    }
}

@Suite("Numbers for people")
struct QuantityTests {
    @Test("bytes take the unit in which they read best")
    func bytes() {
        let expected: [(UInt64, String)] = [
            (0, "0 B"), (1_023, "1023 B"), (1_024, "1.0 KiB"), (1_536, "1.5 KiB"),
            (1_048_524, "1023.9 KiB"), (1_048_525, "1.0 MiB"), (1_048_575, "1.0 MiB"),
            (1_048_576, "1.0 MiB"), (17_181_966, "16.4 MiB"), (UInt64.max, "16.0 EiB"),
        ]
        for (value, text) in expected { #expect(Quantity.bytes(value) == text) }
    }

    @Test("counts are grouped, spans have two units")
    func counts() {
        #expect(Quantity.grouped(0) == "0")
        #expect(Quantity.grouped(999) == "999")
        #expect(Quantity.grouped(1_000) == "1,000")
        #expect(Quantity.grouped(UInt64.max) == "18,446,744,073,709,551,615")
        #expect(Quantity.count(1, "event") == "1 event")
        #expect(Quantity.count(2, "fork") == "2 forks")
        #expect(Quantity.duration(.seconds(90_061)) == "1d1h")
        #expect(Quantity.duration(.seconds(3_661)) == "1h1m")
        #expect(Quantity.duration(.seconds(61)) == "1m1s")
        #expect(Quantity.duration(.zero) == "0s")
        #expect(Quantity.elapsed(.milliseconds(184)) == "0.18 s")
        #expect(Quantity.elapsed(.milliseconds(12_440)) == "12.4 s")
        #expect(Quantity.elapsed(.seconds(185)) == "3m5s")
    }

    @Test("an instant is seen from now")
    func relative() {
        let now = Timestamp(rawValue: 1_000_000_000_000)
        func shifted(_ duration: Duration) -> Timestamp { now.adding(duration) ?? now }
        #expect(Quantity.relative(now, to: now) == "now")
        #expect(Quantity.relative(shifted(.seconds(7_260)), to: now) == "in 2h1m")
        #expect(Quantity.relative(shifted(.seconds(-300)), to: now) == "5m ago")
    }

    @Test("a text's width is what a terminal shows")
    func widths() {
        let expected: [(String, Int)] = [
            ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("😀", 2), ("❤\u{fe0f}", 2),
            ("한글", 4), ("ﾊ", 1), ("Ａ", 2), ("👨‍👩‍👧", 2), ("→", 1),
        ]
        for (text, width) in expected { #expect(DisplayWidth.of(text) == width, "\(text)") }
    }

    @Test("a progress line shows share, rate and time left")
    func progress() {
        let bar = ProgressBar(unit: "events", byteCountTotal: 1_000_000, on: Console())
        #expect(
            bar.line(count: 25_000, byteCount: 500_000, elapsed: .seconds(2))
                == "[==========>         ]   50%  25,000 events  12,500/s  244.1 KiB/s  ETA 2s")
        #expect(
            bar.line(count: 1, byteCount: 2_000_000, elapsed: .zero)
                .hasPrefix("[====================]  100%  1 events"))
        let unbounded = ProgressBar(unit: "events", byteCountTotal: nil, on: Console())
        #expect(
            unbounded.line(count: 0, byteCount: 0, elapsed: .seconds(1)) == "0 events  0/s  0 B/s")
    }
}
