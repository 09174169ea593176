// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, words. Event ids as UUID text (RFC 9562, section 4).
public import SegmentStore

extension EventID {
    /// The length of a UUID's text.
    package static let textByteCount = 36

    /// Reads `8-4-4-4-12` hexadecimal digits of either case; any version and variant.
    ///
    /// - Throws: `TextError` for anything else; braces and `urn:uuid:` are not accepted.
    public init(uuid text: String) throws(TextError) {
        self = try text.withBytes { (bytes) throws(TextError) in try EventID(uuid: bytes) }
    }

    package init(uuid text: UnsafeRawBufferPointer) throws(TextError) {
        guard text.count == Self.textByteCount else {
            throw TextError("not a UUID: it has \(text.count) bytes instead of 36", column: 1)
        }
        var words: (high: UInt64, low: UInt64) = (0, 0)
        var digitCount = 0
        for offset in 0..<Self.textByteCount {
            let byte = text[offset]
            if Self.isDash(offset) {
                guard byte == UInt8(ascii: "-") else {
                    throw TextError("not a UUID: '-' expected", column: offset + 1)
                }
                continue
            }
            guard let digit = Self.hexadecimalValue(byte) else {
                throw TextError("not a UUID: hexadecimal digit expected", column: offset + 1)
            }
            if digitCount < 16 {
                words.high = words.high << 4 | digit
            } else {
                words.low = words.low << 4 | digit
            }
            digitCount += 1
        }
        self.init(high: words.high, low: words.low)
    }

    /// Prints the id as UUID text with small letters.
    package func append(to buffer: inout ByteBuffer) {
        buffer.append(byteCount: Self.textByteCount) { target in
            var shift = 64
            for offset in 0..<Self.textByteCount {
                if Self.isDash(offset) {
                    target[offset] = UInt8(ascii: "-")
                    continue
                }
                if shift == 0 { shift = 64 }
                shift -= 4
                let word = offset < 18 ? high : low
                let digit = UInt8(truncatingIfNeeded: word >> UInt64(shift)) & 15
                target[offset] = digit < 10 ? UInt8(ascii: "0") + digit : 87 + digit
            }
        }
    }

    /// The id as UUID text: `018f2b4c-...`, small letters.
    public var uuid: String {
        var buffer = ByteBuffer(capacity: Self.textByteCount)
        append(to: &buffer)
        return String(repairing: buffer.bytes)
    }

    private static func isDash(_ offset: Int) -> Bool {
        offset == 8 || offset == 13 || offset == 18 || offset == 23
    }

    private static func hexadecimalValue(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}
