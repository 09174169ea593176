// SPDX-License-Identifier: Apache-2.0
import ForkTesting
import Testing

@testable import ForkEngine

@Suite("JSON is checked in full")
struct JSONCursorTests {
    static let accepted: [String] = [
        "0", "-0", "1", "-1", "10", "1.5", "-0.0", "1e9", "1E+9", "1e-9", "1.25e0",
        "123456789012345678901",
        "true", "false", "null", "\"\"", "\"a\"", "\"\\u0000\"", "\"\\ud83d\\ude00\"",
        "\"\\\\\\\"\\/\"",
        "\"\\b\\f\\n\\r\\t\"", "\"é\u{10ffff}\"", "\"\u{7f}\"", "[]", "{}", "[ ]", "{ }",
        "[1,2 , 3]",
        "{\"a\":1}", "{\"a\":1,\"a\":2}", "[[],{},[{}]]", " 1 ", "\t\r\n1\n", "{\"\":null}",
        "{ \"a\" : [ true , { \"b\" : \"c\" } ] }", "\"\\uD800\\uDC00\"", "\"12345678\"",
        "\"1234567\\n\"",
        "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaé\"", "1E400", "\"\u{fffe}\"",
    ]

    static let refused: [String] = [
        "", " ", "+1", "01", "-", "-01", "1.", ".5", "1.e1", "1e", "1e+", "0x1", "1a", "NaN",
        "Infinity",
        "tru", "True", "nul", "falsey", "\"", "\"a", "'a'", "\"\\\"", "\"\\x\"", "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\ud800\"", "\"\\ud800a\"", "\"\\ud800\\n\"",
        "\"\\ude00\\ud83d\"", "\"\n\"", "\"\t\"", "\"\u{0}\"", "\"\u{1f}\"", "[", "]", "[1", "[1,",
        "[1,]", "[,1]",
        "[1 2]", "[1,,2]", "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}",
        "{a:1}",
        "{1:1}", "{\"a\" 1}", "{\"a\":}", "{,}", "[}", "{]", "[1}", "{\"a\":1]", "1 2", "{}{}",
        "[]]",
        "\u{feff}1", "/**/1", "1//", "\"\\ud800\\u\"", "\"\\ud800\\udbff\"", "\"aaaaaaa\u{1}\"",
        "\u{a0}1", "\u{b}1",
    ]

    @Test("valid JSON is accepted", arguments: accepted)
    func accepts(text: String) {
        #expect(throws: Never.self) { try check(Array(text.utf8)) }
    }

    @Test("invalid JSON is refused", arguments: refused)
    func refuses(text: String) {
        #expect(throws: TextError.self) { try check(Array(text.utf8)) }
    }

    @Test("invalid UTF-8 in a string is refused, at every distance from the quote")
    func invalidUTF8() {
        let faults: [[UInt8]] = [
            [0x80], [0xff], [0xc0, 0x80], [0xc3], [0xe2, 0x82], [0xed, 0xa0, 0x80],
            [0xf0, 0x8f, 0xbf, 0xbf], [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80],
        ]
        for fault in faults {
            for padding in 0..<20 {
                let text = [0x22] + [UInt8](repeating: 0x61, count: padding) + fault + [0x22]
                let error = #expect(throws: TextError.self) { try check(text) }
                #expect(error?.column == padding + 2)
            }
        }
    }

    @Test("the byte that ends a string's plain run is found at every offset of a word")
    func plainRuns() {
        for padding in 0..<24 {
            let run = [UInt8](repeating: 0x61, count: padding)
            for byte in UInt8.min...UInt8.max {
                let text = [0x22] + run + [byte] + run + [0x22]
                let isAccepted = (try? check(text)) != nil
                let isPlain = byte >= 0x20 && byte < 0x80 && byte != 0x22 && byte != 0x5c
                #expect(isAccepted == isPlain, "\(byte) after \(padding)")
            }
        }
    }

    @Test("nesting is bounded: 512 deep is read, 513 is refused, a million is no trap")
    func depth() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            func nested(_ depth: Int) -> [UInt8] {
                let opening = String(repeating: open, count: depth)
                return Array((opening + "1" + String(repeating: close, count: depth)).utf8)
            }
            #expect(throws: Never.self) { try check(nested(512)) }
            #expect(throws: TextError.self) { try check(nested(513)) }
            #expect(throws: TextError.self) { try check(nested(1_000_000)) }
        }
        // Kinds are remembered at every level.
        var mixed = "1"
        for level in 0..<500 { mixed = level % 3 == 0 ? "[\(mixed)]" : "{\"k\":\(mixed)}" }
        #expect(throws: Never.self) { try check(Array(mixed.utf8)) }
    }

    @Test("it agrees with a plain recursive reader on changed texts")
    func agreesWithReference() {
        var generator = SeededGenerator(seed: 23)
        let texts = Self.accepted.map { Array($0.utf8) } + Self.refused.map { Array($0.utf8) }
        let letters = Array("{}[]\",:\\u0dD89eE.-+ tfn\u{1}é".utf8)
        for _ in 0..<40_000 {
            var text = texts.randomElement(using: &generator) ?? []
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let index = Int.random(in: 0...text.count, using: &generator)
                let letter = letters.randomElement(using: &generator) ?? 0
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: text.insert(letter, at: index)
                case 1 where index < text.count: text.remove(at: index)
                case 2 where index < text.count: text[index] = letter
                default: text += texts.randomElement(using: &generator) ?? []
                }
            }
            let isAccepted = (try? check(text)) != nil
            let isValid = ReferenceJSON.isValid(text)
            #expect(isAccepted == isValid, "\(String(decoding: text, as: UTF8.self))")
        }
    }

    private func check(_ text: [UInt8]) throws {
        try text.withUnsafeBytes { try JSONCursor.checkValue($0) }
    }
}

/// RFC 8259 as a plain recursive reader that shares nothing with the cursor.
private struct ReferenceJSON {
    private var rest: [Unicode.Scalar]

    static func isValid(_ bytes: [UInt8]) -> Bool {
        guard let text = String(validating: bytes, as: UTF8.self) else { return false }
        var reader = ReferenceJSON(rest: text.unicodeScalars.reversed())
        return reader.value() && reader.rest.isEmpty
    }

    private mutating func space() {
        while let scalar = rest.last, " \t\r\n".unicodeScalars.contains(scalar) {
            rest.removeLast()
        }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard rest.last == scalar else { return false }
        rest.removeLast()
        return true
    }

    private mutating func take(_ text: String) -> Bool {
        for scalar in text.unicodeScalars where !take(scalar) { return false }
        return true
    }

    private mutating func value() -> Bool {
        space()
        defer { space() }
        switch rest.last {
        case "{":
            return members(close: "}") {
                $0.space(); return $0.string() && $0.colon() && $0.value()
            }
        case "[": return members(close: "]") { $0.value() }
        case "\"": return string()
        case "t": return take("true")
        case "f": return take("false")
        case "n": return take("null")
        default: return number()
        }
    }

    private mutating func colon() -> Bool {
        space()
        return take(":" as Unicode.Scalar)
    }

    private mutating func members(
        close: Unicode.Scalar, _ member: (inout ReferenceJSON) -> Bool
    ) -> Bool {
        rest.removeLast()
        space()
        if take(close) { return true }
        repeat {
            guard member(&self) else { return false }
            space()
        } while take("," as Unicode.Scalar)
        return take(close)
    }

    private mutating func digits() -> Bool {
        let count = rest.count
        while let scalar = rest.last, ("0"..."9").contains(scalar) { rest.removeLast() }
        return rest.count < count
    }

    private mutating func number() -> Bool {
        _ = take("-" as Unicode.Scalar)
        if !take("0" as Unicode.Scalar), !digits() { return false }
        if take("." as Unicode.Scalar), !digits() { return false }
        if take("e" as Unicode.Scalar) || take("E" as Unicode.Scalar) {
            if !take("+" as Unicode.Scalar) { _ = take("-" as Unicode.Scalar) }
            return digits()
        }
        return true
    }

    private mutating func string() -> Bool {
        guard take("\"" as Unicode.Scalar) else { return false }
        var units: [UInt16] = []
        while let scalar = rest.popLast() {
            switch scalar {
            case "\"": return String(validating: units, as: UTF16.self) != nil
            case "\\":
                guard let letter = rest.popLast() else { return false }
                if letter == "u" {
                    let digits = String(String.UnicodeScalarView(rest.suffix(4).reversed()))
                    guard digits.utf8.count == 4, digits.allSatisfy(\.isHexDigit),
                        let unit = UInt16(digits, radix: 16)
                    else { return false }
                    rest.removeLast(4)
                    units.append(unit)
                } else if "\"\\/bfnrt".unicodeScalars.contains(letter) {
                    units.append(0x61)
                } else {
                    return false
                }
            case let other where other.value < 0x20: return false
            case let other: units.append(contentsOf: Array(String(other).utf16))
            }
        }
        return false
    }
}
