// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, lines. Walks over JSON text (RFC 8259) without building anything.
// Whatever is stepped over is valid JSON in valid UTF-8, nested at most `depthMax` deep; every
// index is checked against the end before a byte is read.

/// A place in a JSON text, with steps over its parts. Strings may hold neither raw control
/// characters nor escapes of lone surrogates; keys inside of objects may repeat.
package struct JSONCursor {
    /// The deepest nesting of arrays and objects. The state of a walk is fixed in size.
    package static let depthMax = 512

    let text: UnsafeRawBufferPointer
    package private(set) var index = 0

    package init(_ text: UnsafeRawBufferPointer) { self.text = text }

    /// A stretch of the text.
    struct Slice {
        let start: Int
        let end: Int
    }

    /// A string: the stretch between its quotes.
    struct StringSlice {
        let start: Int
        let end: Int
        let hasEscapes: Bool
    }

    /// Checks that `text` is one JSON value, with space around it or not.
    package static func checkValue(_ text: UnsafeRawBufferPointer) throws(TextError) {
        var cursor = JSONCursor(text)
        cursor.skipSpace()
        _ = try cursor.skipValue()
        cursor.skipSpace()
        guard cursor.next == nil else { throw cursor.fault("nothing may follow the JSON value") }
    }

    var next: UInt8? {
        index < text.count ? text[index] : nil
    }

    func bytes(_ slice: Slice) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: text[slice.start..<slice.end])
    }

    func bytes(_ slice: StringSlice) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: text[slice.start..<slice.end])
    }

    @inline(__always)
    mutating func skipSpace() {
        while index < text.count {
            switch text[index] {
            case 0x20, 0x09, 0x0a, 0x0d: index += 1
            default: return
            }
        }
    }

    /// Steps over `byte` where it stands next; returns whether it did.
    @inline(__always)
    mutating func skip(_ byte: UInt8) -> Bool {
        guard index < text.count, text[index] == byte else { return false }
        index += 1
        return true
    }

    @inline(__always)
    mutating func expect(_ byte: UInt8, _ sentence: StaticString) throws(TextError) {
        guard skip(byte) else { throw fault(sentence) }
    }

    /// Steps over one value that begins here, and nothing else.
    mutating func skipValue() throws(TextError) -> Slice {
        let start = index
        var nesting = Nesting()
        while true {
            // Here a value begins.
            guard let first = next else { throw fault("the line ends where a value is expected") }
            switch first {
            case UInt8(ascii: "\""): _ = try skipString()
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try skipNumber()
            case UInt8(ascii: "t"): try skipLiteral("true")
            case UInt8(ascii: "f"): try skipLiteral("false")
            case UInt8(ascii: "n"): try skipLiteral("null")
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                let isObject = first == UInt8(ascii: "{")
                guard nesting.push(isObject: isObject) else {
                    throw fault("the JSON is nested more than 512 deep")
                }
                index += 1
                skipSpace()
                if skip(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    nesting.pop()
                } else {
                    if isObject { try skipKey() }
                    continue
                }
            default: throw fault("a JSON value is expected")
            }
            if try closeOrContinue(&nesting) { return Slice(start: start, end: index) }
        }
    }

    /// After a value: closes what ends here. True when nothing is open any more; else the cursor
    /// stands where the next value begins.
    private mutating func closeOrContinue(_ nesting: inout Nesting) throws(TextError) -> Bool {
        while nesting.depth > 0 {
            skipSpace()
            guard let byte = next else { throw fault("the line ends inside of its JSON") }
            index += 1
            switch (byte, nesting.isObject) {
            case (UInt8(ascii: ","), let isObject):
                skipSpace()
                if isObject { try skipKey() }
                return false
            case (UInt8(ascii: "}"), true), (UInt8(ascii: "]"), false): nesting.pop()
            case (_, let isObject):
                index -= 1
                throw isObject ? fault("',' or '}' is expected") : fault("',' or ']' is expected")
            }
        }
        return true
    }

    /// Steps over `"key" :` and the space after it.
    private mutating func skipKey() throws(TextError) {
        guard next == UInt8(ascii: "\"") else { throw fault("a key in quotes is expected") }
        _ = try skipString()
        skipSpace()
        try expect(UInt8(ascii: ":"), "':' is expected after a key")
        skipSpace()
    }

    private mutating func skipLiteral(_ literal: StaticString) throws(TextError) {
        let byteCount = literal.utf8CodeUnitCount
        for offset in 0..<byteCount {
            guard index + offset < text.count, text[index + offset] == literal.utf8Start[offset]
            else { throw fault("a JSON value is expected: true, false or null") }
        }
        index += byteCount
    }

    private mutating func skipNumber() throws(TextError) {
        _ = skip(UInt8(ascii: "-"))
        if !skip(UInt8(ascii: "0")) {
            try skipDigits("a digit is expected in a number")
        } else if let byte = next, byte &- UInt8(ascii: "0") <= 9 {
            throw fault("a number must not begin with 0 and another digit")
        }
        if skip(UInt8(ascii: ".")) { try skipDigits("a digit is expected after '.'") }
        if let byte = next, byte | 0x20 == UInt8(ascii: "e") {
            index += 1
            if !skip(UInt8(ascii: "+")) { _ = skip(UInt8(ascii: "-")) }
            try skipDigits("a digit is expected in an exponent")
        }
    }

    private mutating func skipDigits(_ sentence: StaticString) throws(TextError) {
        let start = index
        while index < text.count, text[index] &- UInt8(ascii: "0") <= 9 { index += 1 }
        guard index > start else { throw fault(sentence) }
    }

    /// Moves to `index`, which a step over a string has checked.
    mutating func move(to index: Int) { self.index = index }

    @inline(never)
    func fault(_ sentence: StaticString, at offset: Int? = nil) -> TextError {
        TextError("\(sentence)", column: (offset ?? index) + 1)
    }
}

/// What is open at a place in the text: one bit a level, set for an object.
private struct Nesting {
    private(set) var depth = 0
    private var words = InlineArray<8, UInt64>(repeating: 0)

    /// Whether the innermost level is an object.
    var isObject: Bool {
        let level = depth - 1
        return words[level >> 6] & (1 << UInt64(level & 63)) != 0
    }

    /// False where the deepest level is reached.
    mutating func push(isObject: Bool) -> Bool {
        guard depth < JSONCursor.depthMax else { return false }
        let bit: UInt64 = 1 << UInt64(depth & 63)
        if isObject { words[depth >> 6] |= bit } else { words[depth >> 6] &= ~bit }
        depth += 1
        return true
    }

    mutating func pop() { depth -= 1 }
}
