// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, words. What the name of a stream or of a type may be.
import SegmentStore

/// The rule for stream ids and event types: 1 to 255 bytes of UTF-8 without control characters
/// (Unicode category Cc: U+0000 to U+001F and U+007F to U+009F), compared as bytes.
package enum EventName {
    package enum Kind: Sendable {
        case stream
        case type

        fileprivate var word: String {
            switch self {
            case .stream: "a stream id"
            case .type: "an event's type"
            }
        }

        fileprivate var byteCountMax: Int {
            switch self {
            case .stream: EventLimits.streamByteCount
            case .type: EventLimits.typeByteCount
            }
        }
    }

    /// Checks a name of unknown origin.
    package static func check(
        _ name: UnsafeRawBufferPointer, as kind: Kind
    ) throws(TextError) {
        if let offset = UTF8Check.firstFault(in: name) {
            throw TextError("\(kind.word) must be UTF-8", column: offset + 1)
        }
        try checkText(name, as: kind)
    }

    /// Checks a name that is known to be UTF-8.
    package static func checkText(
        _ name: UnsafeRawBufferPointer, as kind: Kind
    ) throws(TextError) {
        guard name.count > 0 else { throw TextError("\(kind.word) must not be empty") }
        guard name.count <= kind.byteCountMax else {
            throw TextError(
                "\(kind.word) has at most \(kind.byteCountMax) bytes, this one has \(name.count)")
        }
        if let fault = firstControlCharacter(in: name) {
            throw TextError(
                "\(kind.word) must not hold control characters, here \(fault.character)",
                column: fault.offset + 1)
        }
    }

    /// Checks a text as `check` does.
    package static func check(_ name: String, as kind: Kind) throws(TextError) {
        try name.withBytes { (bytes) throws(TextError) in try checkText(bytes, as: kind) }
    }

    /// The first control character of a text that is UTF-8, as `U+0007`.
    package static func firstControlCharacter(
        in text: UnsafeRawBufferPointer
    ) -> (offset: Int, character: String)? {
        var offset = 0
        while offset < text.count {
            offset = firstSuspect(in: text, from: offset)
            guard offset < text.count else { return nil }
            let byte = text[offset]
            if byte < 0x20 || byte == 0x7f { return (offset, codePoint(UInt32(byte))) }
            // U+0080 to U+009F are C2 80 to C2 9F.
            if byte == 0xc2, offset + 1 < text.count, text[offset + 1] < 0xa0 {
                return (offset, codePoint(UInt32(text[offset + 1])))
            }
            offset += 1
        }
        return nil
    }

    /// The first byte at or after `start` that may begin a control character, found eight bytes
    /// at a time; the text's end where there is none.
    private static func firstSuspect(in text: UnsafeRawBufferPointer, from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var offset = start
        while offset &+ 8 <= text.count {
            let word = UInt64(
                littleEndian: text.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            let deletes = word ^ (ones &* 0x7f)
            let leads = word ^ (ones &* 0xc2)
            // The lowest high bit set is exact; see JSONCursor.plainEnd.
            let suspects =
                (((word &- (ones &* 0x20)) & ~word) | ((deletes &- ones) & ~deletes)
                    | ((leads &- ones) & ~leads)) & (ones &* 0x80)
            if suspects != 0 { return offset &+ suspects.trailingZeroBitCount / 8 }
            offset &+= 8
        }
        while offset < text.count {
            let byte = text[offset]
            if byte < 0x20 || byte == 0x7f || byte == 0xc2 { break }
            offset &+= 1
        }
        return offset
    }

    private static func codePoint(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }
}
