// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, lines. Text as JSON strings, each in one spelling.

package enum JSONString {
    /// Appends text as a JSON string. Escaped are only quotes, backslashes and control
    /// characters; everything else stands as it is.
    package static func append(
        _ text: UnsafeRawBufferPointer, to buffer: inout ByteBuffer
    ) {
        buffer.append(UInt8(ascii: "\""))
        var plain = 0
        for (offset, byte) in text.enumerated() {
            guard byte < 0x20 || byte == 0x22 || byte == 0x5c else { continue }
            buffer.append(UnsafeRawBufferPointer(rebasing: text[plain..<offset]))
            plain = offset + 1
            switch byte {
            case 0x22: buffer.append("\\\"")
            case 0x5c: buffer.append("\\\\")
            case 0x0a: buffer.append("\\n")
            case 0x0d: buffer.append("\\r")
            case 0x09: buffer.append("\\t")
            default:
                buffer.append("\\u00")
                for digit in [byte >> 4, byte & 15] {
                    buffer.append(digit < 10 ? UInt8(ascii: "0") + digit : 87 + digit)
                }
            }
        }
        buffer.append(UnsafeRawBufferPointer(rebasing: text[plain...]))
        buffer.append(UInt8(ascii: "\""))
    }
}
