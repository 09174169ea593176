// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, lines. Strings in JSON: stepping over them eight bytes at a time, and
// turning their escapes into text.

extension JSONCursor {
    /// Steps over a string whose opening quote stands here. Its text is valid UTF-8 without
    /// control characters, and its escapes are whole.
    mutating func skipString() throws(TextError) -> StringSlice {
        let quote = index
        var position = quote + 1
        var hasEscapes = false
        while true {
            position = plainEnd(from: position)
            guard position < text.count else {
                throw fault("a string is not closed", at: quote)
            }
            let byte = text[position]
            if byte == UInt8(ascii: "\"") {
                move(to: position + 1)
                return StringSlice(start: quote + 1, end: position, hasEscapes: hasEscapes)
            }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                position = try escapeEnd(at: position)
            } else if byte < 0x20 {
                throw fault("a control character in a string must be escaped", at: position)
            } else {
                let length = UTF8Check.sequenceLength(in: text, at: position)
                guard length > 0 else { throw fault("invalid UTF-8", at: position) }
                position += length
            }
        }
    }

    /// Where the run of plain ASCII that begins at `start` ends: at a quote, a backslash, a
    /// control character, a byte above 0x7f, or the end of the text.
    private func plainEnd(from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highBits: UInt64 = 0x8080_8080_8080_8080
        var position = start
        while position &+ 8 <= text.count {
            let word = UInt64(
                littleEndian: text.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            // A byte's high bit is set in `special` where it ends the run. A borrow may set the
            // bits of bytes above a hit as well, never below: the lowest one is exact.
            let quotes = word ^ (ones &* 0x22)
            let backslashes = word ^ (ones &* 0x5c)
            let special =
                (((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)
                    | ((word &- (ones &* 0x20)) & ~word) | word) & highBits
            if special != 0 { return position &+ special.trailingZeroBitCount / 8 }
            position &+= 8
        }
        while position < text.count {
            let byte = text[position]
            let isPlain = byte >= 0x20 && byte < 0x80 && byte != 0x22 && byte != 0x5c
            if !isPlain { break }
            position &+= 1
        }
        return position
    }

    /// Checks the escape that begins at `start`; returns where it ends. A high surrogate takes
    /// the low one after it along.
    private func escapeEnd(at start: Int) throws(TextError) -> Int {
        guard start + 1 < text.count else { throw fault("a string is not closed", at: start) }
        switch text[start + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return start + 2
        case UInt8(ascii: "u"):
            guard let unit = Self.codeUnit(in: text, at: start + 2) else {
                throw fault("'\\u' needs four hexadecimal digits", at: start)
            }
            guard unit & 0xf800 == 0xd800 else { return start + 6 }
            guard unit < 0xdc00, start + 7 < text.count, text[start + 6] == UInt8(ascii: "\\"),
                text[start + 7] == UInt8(ascii: "u"),
                let low = Self.codeUnit(in: text, at: start + 8), low & 0xfc00 == 0xdc00
            else { throw fault("half of a surrogate pair stands alone", at: start) }
            return start + 12
        default: throw fault("unknown escape in a string", at: start)
        }
    }

    /// The four hexadecimal digits at `offset`; nil where they are not all there.
    private static func codeUnit(in text: UnsafeRawBufferPointer, at offset: Int) -> UInt32? {
        guard offset + 4 <= text.count else { return nil }
        var value: UInt32 = 0
        for index in offset..<offset + 4 {
            switch text[index] {
            case let byte where byte &- UInt8(ascii: "0") <= 9:
                value = value << 4 | UInt32(byte &- UInt8(ascii: "0"))
            case let byte where (byte | 0x20) &- UInt8(ascii: "a") <= 5:
                value = value << 4 | UInt32((byte | 0x20) &- UInt8(ascii: "a") &+ 10)
            default: return nil
            }
        }
        return value
    }

    /// Appends the text that a string stands for: its bytes, with each escape as UTF-8.
    func unescape(_ slice: StringSlice, into buffer: inout ByteBuffer) {
        var position = slice.start
        while position < slice.end {
            let plain = position
            while position < slice.end, text[position] != UInt8(ascii: "\\") { position += 1 }
            buffer.append(UnsafeRawBufferPointer(rebasing: text[plain..<position]))
            guard position + 1 < slice.end else { return }
            let letter = text[position + 1]
            position += 2
            switch letter {
            case UInt8(ascii: "b"): buffer.append(0x08)
            case UInt8(ascii: "f"): buffer.append(0x0c)
            case UInt8(ascii: "n"): buffer.append(0x0a)
            case UInt8(ascii: "r"): buffer.append(0x0d)
            case UInt8(ascii: "t"): buffer.append(0x09)
            case UInt8(ascii: "u"):
                let high = Self.codeUnit(in: text, at: position) ?? 0
                position += 4
                if high & 0xfc00 == 0xd800, let low = Self.codeUnit(in: text, at: position + 2) {
                    position += 6
                    Self.append(0x10000 + ((high & 0x3ff) << 10 | (low & 0x3ff)), to: &buffer)
                } else {
                    Self.append(high, to: &buffer)
                }
            default: buffer.append(letter)
            }
        }
    }

    /// Appends a code point as UTF-8. `value` comes from checked escapes, so it is no surrogate.
    private static func append(_ value: UInt32, to buffer: inout ByteBuffer) {
        guard let scalar = Unicode.Scalar(value) else { return }
        for unit in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { buffer.append(unit) }
    }
}
