// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, words. UTF-8 as the Unicode standard's table 3-7 has it: no overlong form,
// no surrogate, nothing above U+10FFFF.

package enum UTF8Check {
    /// The byte count of the character that begins at `offset`, 1 to 4; 0 where none does.
    package static func sequenceLength(
        in text: UnsafeRawBufferPointer, at offset: Int
    ) -> Int {
        guard offset < text.count else { return 0 }
        let first = text[offset]
        if first < 0x80 { return 1 }
        guard offset + 1 < text.count else { return 0 }
        let second = text[offset + 1]
        switch first {
        case 0xc2...0xdf: return isContinuation(second) ? 2 : 0
        case 0xe0...0xef:
            // E0 must not be overlong, ED must not be a surrogate.
            let lowest: UInt8 = first == 0xe0 ? 0xa0 : 0x80
            let highest: UInt8 = first == 0xed ? 0x9f : 0xbf
            guard offset + 2 < text.count, second >= lowest, second <= highest else { return 0 }
            return isContinuation(text[offset + 2]) ? 3 : 0
        case 0xf0...0xf4:
            // F0 must not be overlong, F4 must not pass U+10FFFF.
            let lowest: UInt8 = first == 0xf0 ? 0x90 : 0x80
            let highest: UInt8 = first == 0xf4 ? 0x8f : 0xbf
            guard offset + 3 < text.count, second >= lowest, second <= highest else { return 0 }
            return isContinuation(text[offset + 2]) && isContinuation(text[offset + 3]) ? 4 : 0
        default: return 0
        }
    }

    /// Where the text stops being UTF-8; nil where all of it is.
    package static func firstFault(in text: UnsafeRawBufferPointer) -> Int? {
        var offset = 0
        while offset < text.count {
            let length = sequenceLength(in: text, at: offset)
            if length == 0 { return offset }
            offset += length
        }
        return nil
    }

    private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xc0 == 0x80 }
}
