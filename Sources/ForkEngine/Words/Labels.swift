// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, words. Labels of forks: key=value, for people and scripts to select by.

/// One label. Key: `[A-Za-z0-9]` then `[A-Za-z0-9._/-]`, 1 to 63 bytes. Value: 0 to 255 bytes of
/// UTF-8 without control characters.
public struct Label: Hashable, Sendable {
    public let key: String
    public let value: String

    public init(key: String, value: String) throws(TextError) {
        try Labels.check(key: key)
        try Labels.check(value: value)
        self.key = key
        self.value = value
    }

    /// Reads `key=value`; the value begins after the first `=`, and may be empty.
    public init(_ text: String) throws(TextError) {
        guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) else {
            throw TextError("a label is written key=value, and \"\(text)\" has no '='")
        }
        let valueStart = text.utf8.index(after: equals)
        try self.init(key: String(text[..<equals]), value: String(text[valueStart...]))
    }
}

/// Up to 64 labels of one fork, each key once, in order of their keys (as bytes).
public struct Labels: Hashable, Sendable {
    public static let countMax = 64
    public static let keyByteCountMax = 63
    public static let valueByteCountMax = 255

    public private(set) var all: [Label] = []

    public init() {}

    public init(_ labels: [Label]) throws(TextError) {
        for label in labels { try insert(label) }
    }

    /// Adds a label. `TextError` where its key is there already, or the fork has 64.
    public mutating func insert(_ label: Label) throws(TextError) {
        let index = insertionIndex(of: label.key)
        if index < all.count, all[index].key == label.key {
            throw TextError("the label \"\(label.key)\" is given twice")
        }
        guard all.count < Self.countMax else {
            throw TextError("a fork has at most \(Self.countMax) labels")
        }
        all.insert(label, at: index)
    }

    /// The value of `key`; nil where the fork has no such label.
    public subscript(key: String) -> String? {
        let index = insertionIndex(of: key)
        return index < all.count && all[index].key == key ? all[index].value : nil
    }

    public var isEmpty: Bool { all.isEmpty }

    public func contains(_ label: Label) -> Bool { self[label.key] == label.value }

    private func insertionIndex(of key: String) -> Int {
        all.firstIndex { !$0.key.utf8.lexicographicallyPrecedes(key.utf8) } ?? all.count
    }

    fileprivate static func check(key: String) throws(TextError) {
        guard !key.isEmpty else { throw TextError("the key of a label must not be empty") }
        guard key.utf8.count <= keyByteCountMax else {
            throw TextError(
                "the key of a label has at most \(keyByteCountMax) bytes, this one has"
                    + " \(key.utf8.count)")
        }
        for (offset, byte) in key.utf8.enumerated() where !isAllowed(byte, isFirst: offset == 0) {
            throw TextError(
                "the key of a label begins with a letter A-Z, a-z or a digit, and goes on with"
                    + " those and . _ / - only", column: offset + 1)
        }
    }

    fileprivate static func check(value: String) throws(TextError) {
        guard value.utf8.count <= valueByteCountMax else {
            throw TextError(
                "the value of a label has at most \(valueByteCountMax) bytes, this one has"
                    + " \(value.utf8.count)")
        }
        if let fault = value.withBytes(EventName.firstControlCharacter) {
            throw TextError(
                "the value of a label must not hold control characters, here \(fault.character)")
        }
    }

    private static func isAllowed(_ byte: UInt8, isFirst: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "/"), UInt8(ascii: "-"): !isFirst
        default:
            byte &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "A") < 26
                || byte &- UInt8(ascii: "0") < 10
        }
    }
}

/// What a fork's labels are asked for: `key=value`, or `key` for any value.
public enum LabelSelector: Hashable, Sendable {
    case equals(Label)
    case exists(key: String)

    public init(_ text: String) throws(TextError) {
        if text.utf8.contains(UInt8(ascii: "=")) {
            self = .equals(try Label(text))
        } else {
            try Labels.check(key: text)
            self = .exists(key: text)
        }
    }

    public func matches(_ labels: Labels) -> Bool {
        switch self {
        case .equals(let label): labels.contains(label)
        case .exists(let key): labels[key] != nil
        }
    }
}
