// SPDX-License-Identifier: Apache-2.0
import SegmentStore
import Testing

@testable import ForkEngine

/// An event line, copied out so that tests can compare it.
struct OwnedEventLine: Equatable {
    var stream: String
    var type: String
    var data: [UInt8]
    var isJSON: Bool
    var id: EventID?
    var time: Timestamp?
    var metadata: [UInt8]?

    var dataText: String { String(decoding: data, as: UTF8.self) }

    /// Reads one line; checks on the way that a second reading gives the same.
    init(reading line: [UInt8]) throws(TextError) {
        var scanner = EventLineScanner()
        self = try Self.scan(line, with: &scanner)
        let again = try Self.scan(line, with: &scanner)
        #expect(again == self)
    }

    init(reading line: String) throws(TextError) { try self.init(reading: Array(line.utf8)) }

    init(_ line: EventLine) {
        stream = String(decoding: line.stream, as: UTF8.self)
        type = String(decoding: line.type, as: UTF8.self)
        data = Array(line.data)
        isJSON = line.isJSON
        id = line.id
        time = line.time
        metadata = line.metadata.map { Array($0) }
    }

    static func scan(
        _ line: [UInt8], with scanner: inout EventLineScanner
    ) throws(TextError) -> OwnedEventLine {
        try line.span.withUnsafeBytes { (bytes) throws(TextError) in
            OwnedEventLine(try scanner.scan(bytes))
        }
    }

    /// The line as it is printed at a place.
    func printed(position: UInt64, version: UInt64, sequence: UInt64) -> String {
        var buffer = ByteBuffer()
        let streamBytes = Array(stream.utf8)
        let typeBytes = Array(type.utf8)
        streamBytes.withUnsafeBytes { stream in
            typeBytes.withUnsafeBytes { type in
                data.withUnsafeBytes { data in
                    (metadata ?? []).withUnsafeBytes { metadata in
                        let event = EventReference(
                            position: Position(position), version: Version(version),
                            time: time ?? Timestamp(rawValue: 0),
                            streamHash: StreamHash(of: stream), storedID: id, stream: stream,
                            type: type, data: data,
                            metadata: self.metadata == nil ? nil : metadata, isJSON: isJSON)
                        EventLineWriter.append(
                            event, id: id ?? EventID(high: 1, low: 2), sequence: sequence,
                            to: &buffer)
                    }
                }
            }
        }
        return String(repairing: buffer.bytes)
    }
}

@Suite("Event lines")
struct EventLineTests {
    static let whole = """
        {"stream":"order-1","type":"order.placed","id":"018f2b4c-9a00-7abc-8def-0123456789ab",\
        "time":"2026-10-01T12:00:00.25+02:00","data":{"a": [1, 2.50, "\\u00e9é"]},"metadata":{"by":"x"}}
        """

    @Test("every key of an event is read, data byte for byte")
    func reads() throws {
        let line = try OwnedEventLine(reading: Self.whole)
        #expect(line.stream == "order-1")
        #expect(line.type == "order.placed")
        #expect(line.dataText == #"{"a": [1, 2.50, "\u00e9é"]}"#)
        #expect(line.isJSON)
        #expect(line.id?.uuid == "018f2b4c-9a00-7abc-8def-0123456789ab")
        #expect(line.time?.rfc3339 == "2026-10-01T10:00:00.25Z")
        #expect(line.metadata.map { String(decoding: $0, as: UTF8.self) } == #"{"by":"x"}"#)
    }

    @Test("keys in any order, spaces, escapes in names and in keys, and the keys of output")
    func spellings() throws {
        let line = try OwnedEventLine(
            reading: """
                  { "sequence" : 3 , "da\\u0074aBase64" : "\\u0041AEC" , "partition":1,"version":{}, \
                "position":[9] , "type":"a\\"b" , "stream" : "\\ud83d\\ude00\\/" }  \r
                """)
        #expect(line.stream == "😀/")
        #expect(line.type == "a\"b")
        #expect(line.data == [0, 1, 2])
        #expect(!line.isJSON)
        #expect(line.id == nil && line.time == nil && line.metadata == nil)
    }

    @Test(
        "data may be any JSON value",
        arguments: ["null", "0", "\"\"", "[]", "{}", "true", "-1.5e3"])
    func anyValue(value: String) throws {
        let line = try OwnedEventLine(
            reading: #"{"stream":"s","type":"t","data": \#(value) ,"metadata":\#(value)}"#)
        #expect(line.dataText == value)
        #expect(line.metadata == Array(value.utf8))
    }

    @Test(
        "an invalid line says what is wrong, and where",
        arguments: [
            ("", 1, "'{' is expected"),
            ("[]", 1, "'{' is expected"),
            ("{}", 3, "\"stream\" is missing"),
            (#"{"stream":"s"}"#, 15, "\"type\" is missing"),
            (#"{"stream":"s","type":"t"}"#, 26, "\"data\" or"),
            (#"{"stream":"s","type":"t","data":1,}"#, 35, "a key in quotes"),
            (#"{"stream":"s","type":"t","data":1,"Data":1}"#, 35, "unknown key \"Data\""),
            (#"{"stream":"s","type":"t","data":1,"stream":"s"}"#, 35, "twice"),
            (#"{"stream":"s","type":"t","data":1,"position":1,"position":1}"#, 48, "twice"),
            (#"{"stream":"s","type":"t","data":1,"dataBase64":""}"#, 35, "not both"),
            (#"{"stream":"s","type":"t","data":1} x"#, 36, "nothing may follow"),
            (#"{"stream":"","type":"t","data":1}"#, 11, "must not be empty"),
            (#"{"stream":5,"type":"t","data":1}"#, 11, "must be strings"),
            (#"{"stream":"a\u0000","type":"t","data":1}"#, 11, "control characters, here U+0000"),
            (#"{"stream":"s","type":"t","data":"\ud800"}"#, 34, "surrogate"),
            (#"{"stream":"s","type":"t","data":{"a":tru}}"#, 38, "true, false or null"),
            (#"{"stream":"s","type":"t","data":1,"time":"2026-02-30T00:00:00Z"}"#, 51, "a day"),
            (#"{"stream":"s","type":"t","data":1,"time":7}"#, 42, "must be a time"),
            (#"{"stream":"s","type":"t","data":1,"id":null}"#, 40, "must be a UUID"),
            (#"{"stream":"s","type":"t","data":1,"id":"x"}"#, 41, "not a UUID"),
            (#"{"stream":"s","type":"t","dataBase64":"AA-_"}"#, 42, "not base64"),
            (#"{"stream":"s","type":"t","data":1"#, 34, "',' or '}'"),
        ])
    func refuses(line: String, column: Int, sentence: String) throws {
        let error = try #require(throws: TextError.self) { try OwnedEventLine(reading: line) }
        #expect(error.column == column, "\(error)")
        #expect(error.sentence.contains(sentence), "\(error)")
    }

    @Test("names at their limit are read, one byte beyond is refused, escaped or not")
    func nameLimits() throws {
        for letter in ["x", "\\u0078"] {
            for (count, isAccepted) in [(255, true), (256, false)] {
                let name = String(repeating: letter, count: count)
                for line in [
                    #"{"stream":"\#(name)","type":"t","data":1}"#,
                    #"{"stream":"s","type":"\#(name)","data":1}"#,
                ] {
                    #expect(((try? OwnedEventLine(reading: line)) != nil) == isAccepted)
                }
            }
        }
    }

    @Test("an event at 16 MiB is read, one byte beyond is refused")
    func eventLimit() {
        let largest = EventLimits.eventByteCount
        for (beyond, isAccepted) in [(0, true), (1, false)] {
            // Two quotes and the metadata `12` count as well.
            let letters = String(repeating: "x", count: largest - 4 + beyond)
            let line = #"{"stream":"s","type":"t","data":"\#(letters)","metadata":12}"#
            var scanner = EventLineScanner()
            let scanned = try? OwnedEventLine.scan(Array(line.utf8), with: &scanner)
            #expect((scanned != nil) == isAccepted)
        }
    }

    @Test("no truncation of a line is accepted, and none traps")
    func truncations() {
        for line in Self.corpus {
            let bytes = Array(line.utf8)
            for count in 0..<bytes.count {
                #expect(throws: TextError.self) {
                    try OwnedEventLine(reading: Array(bytes[..<count]))
                }
            }
        }
    }

    @Test("a line with any one byte changed is refused, or is valid JSON in UTF-8")
    func flippedBytes() {
        var scanner = EventLineScanner()
        for line in Self.corpus {
            var bytes = Array(line.utf8)
            for index in bytes.indices {
                let original = bytes[index]
                for bit in 0..<8 {
                    bytes[index] = original ^ (1 << bit)
                    guard let read = try? OwnedEventLine.scan(bytes, with: &scanner) else {
                        continue
                    }
                    #expect(String(validating: bytes, as: UTF8.self) != nil)
                    #expect(!read.stream.isEmpty && !read.type.isEmpty)
                    #expect(throws: Never.self) {
                        try bytes.withUnsafeBytes { try JSONCursor.checkValue($0) }
                    }
                }
                for byte in [UInt8](arrayLiteral: 0, 0x22, 0x5c, 0x7b, 0x7d, 0x80, 0xff) {
                    bytes[index] = byte
                    _ = try? OwnedEventLine.scan(bytes, with: &scanner)
                }
                bytes[index] = original
            }
        }
    }

    static let corpus: [String] = [
        whole,
        #"{"stream":"s","type":"t","data":1}"#,
        #"{"stream":"\ud83d\ude00é\n","type":"t\\","dataBase64":"AAEC/+8=","time":"1970-01-01T00:00:00Z"}"#
            .replacing("\\n", with: ""),
        #"{"position":1,"stream":"a","version":0,"type":"b","time":"2026-10-01T12:00:00Z","id":"018f2b4c-9a00-7abc-8def-0123456789ab","partition":4,"sequence":0,"data":[[[{"a":{"b":[true,false,null,-1.5E+3,"\u0000\ud800\udc00"]}}]]],"metadata":null}"#,
    ]

    @Test("a printed line reads back equal, and prints again as the same bytes")
    func printsAndReads() throws {
        for text in Self.corpus {
            var line = try OwnedEventLine(reading: text)
            line.id = line.id ?? EventID(high: 1, low: 2)
            line.time = line.time ?? Timestamp(rawValue: -1)
            let printed = line.printed(position: 5, version: 3, sequence: 2)
            #expect(printed.utf8.last == 0x0a)
            let again = try OwnedEventLine(reading: String(printed.dropLast()))
            #expect(again == line)
            #expect(again.printed(position: 5, version: 3, sequence: 2) == printed)
        }
    }

    @Test("the keys of a printed line stand in a fixed order")
    func fixedOrder() throws {
        let line = try OwnedEventLine(reading: Self.whole)
        let partition = Array("order-1".utf8).withUnsafeBytes { StreamHash(of: $0).partition }
        #expect(
            line.printed(position: 18_446_744_073_709_551_615, version: 0, sequence: 10) == """
                {"position":18446744073709551615,"stream":"order-1","version":0,"type":"order.placed",\
                "time":"2026-10-01T10:00:00.25Z","id":"018f2b4c-9a00-7abc-8def-0123456789ab",\
                "partition":\(partition),"sequence":10,"data":{"a": [1, 2.50, "\\u00e9é"]},\
                "metadata":{"by":"x"}}

                """)
    }

    @Test("line feeds between the tokens of stored JSON are printed as spaces")
    func lineFeeds() throws {
        var line = try OwnedEventLine(reading: #"{"stream":"s","type":"t","data":1}"#)
        line.data = Array("{\n  \"a\":\r\n1\n}".utf8)
        let printed = line.printed(position: 0, version: 0, sequence: 0)
        #expect(printed.contains("\"data\":{   \"a\":\r 1 }}\n"))
    }
}
