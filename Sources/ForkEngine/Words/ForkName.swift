// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, words. Names of forks and tags, which share one name space.

/// The name of a fork or tag: `[a-z0-9]`, then `[a-z0-9._/-]`, at most 128 bytes, without `..`
/// (which joins the two sides of a diff) and without `//`.
public struct ForkName: Hashable, Comparable, Sendable {
    public static let byteCountMax = 128
    /// The fork that every store begins with, and that cannot be dropped.
    public static let main = ForkName(trusted: "main")

    public let text: String

    /// Takes `text` as a name. `TextError` names the character that does not fit, and proposes
    /// a name that does.
    public init(_ text: String) throws(TextError) {
        if let fault = text.withBytes(Self.firstFault) {
            throw TextError(
                "\"\(Self.shown(text))\" is no name for a fork or tag: \(fault.reason)"
                    + "; \"\(Self.proposal(for: text))\" would do", column: fault.offset + 1)
        }
        self.text = text
    }

    private init(trusted text: String) { self.text = text }

    public static func < (left: ForkName, right: ForkName) -> Bool { left.text < right.text }

    /// A name near `text` that fits the rule; `fork` where nothing of it can be kept.
    public static func proposal(for text: String) -> String {
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            var byte = scalar.isASCII ? UInt8(truncatingIfNeeded: scalar.value) : UInt8(ascii: "-")
            if isUpperCase(byte) { byte |= 0x20 }
            if !isAllowed(byte) { byte = UInt8(ascii: "-") }
            if bytes.isEmpty && !isAlphanumeric(byte) { continue }
            // One separator where several stood: "a -- b" becomes "a-b", "a..b" becomes "a.b".
            if let last = bytes.last, !isAlphanumeric(byte), !isAlphanumeric(last) { continue }
            bytes.append(byte)
            if bytes.count == byteCountMax { break }
        }
        while let last = bytes.last, !isAlphanumeric(last) { bytes.removeLast() }
        return bytes.isEmpty ? "fork" : String(decoding: bytes, as: UTF8.self)
    }

    private struct Fault {
        let offset: Int
        let reason: String
    }

    private static func firstFault(in name: UnsafeRawBufferPointer) -> Fault? {
        guard let first = name.first else { return Fault(offset: 0, reason: "it is empty") }
        if isAllowed(first) && !isAlphanumeric(first) {
            return Fault(
                offset: 0,
                reason: "it begins with \(character(in: name, at: 0)), and must begin"
                    + " with a letter a-z or a digit")
        }
        for (offset, byte) in name.enumerated() {
            guard isAllowed(byte) else {
                let hint = isUpperCase(byte) ? " (capital letters are not used)" : ""
                return Fault(
                    offset: offset,
                    reason: "it holds \(character(in: name, at: offset))\(hint),"
                        + " and may hold a-z, 0-9 and . _ / - only")
            }
            let isDoubled = offset > 0 && name[offset - 1] == byte
            if isDoubled && (byte == UInt8(ascii: ".") || byte == UInt8(ascii: "/")) {
                let pair = byte == UInt8(ascii: ".") ? ".." : "//"
                return Fault(offset: offset - 1, reason: "it holds '\(pair)'")
            }
        }
        if name.count > byteCountMax {
            return Fault(
                offset: byteCountMax,
                reason: "it has \(name.count) bytes, and may have \(byteCountMax)")
        }
        return nil
    }

    /// The character at `offset`, quoted where it can be shown, else as its code point.
    private static func character(in name: UnsafeRawBufferPointer, at offset: Int) -> String {
        let length = max(1, UTF8Check.sequenceLength(in: name, at: offset))
        let text = String(
            repairing: UnsafeRawBufferPointer(rebasing: name[offset..<offset + length]))
        guard let scalar = text.unicodeScalars.first else { return "a byte that is no text" }
        if scalar == " " { return "a space" }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .unassigned, .privateUse, .lineSeparator,
            .paragraphSeparator, .spaceSeparator, .nonspacingMark, .enclosingMark:
            return "the character U+\(String(scalar.value, radix: 16, uppercase: true))"
        default:
            return "'\(scalar)'"
        }
    }

    /// At most the first 40 characters, without control characters, for a message.
    private static func shown(_ text: String) -> String {
        let scalars = text.unicodeScalars.map { scalar -> Unicode.Scalar in
            scalar.properties.generalCategory == .control ? "?" : scalar
        }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars.prefix(40))
        return String(view) + (scalars.count > 40 ? "…" : "")
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
    }

    private static func isUpperCase(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "A") < 26 }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "/"), UInt8(ascii: "-"): true
        default: isAlphanumeric(byte)
        }
    }
}

extension ForkName: CustomStringConvertible {
    public var description: String { text }
}
