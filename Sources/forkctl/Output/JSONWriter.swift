// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. JSON as it goes, without building a value first.
import ForkEngine
import SegmentStore

/// Writes JSON to a console's output. Commas, indentation and escapes are its own business; that
/// members have keys and elements have none is the caller's.
struct JSONWriter {
    enum Layout {
        /// Two spaces a level, for `-o json`.
        case indented
        /// One line, for `-o ndjson`.
        case line
    }

    let console: Console
    let layout: Layout
    private var depth = 0
    private var isFirst = true

    init(on console: Console, layout: Layout) {
        self.console = console
        self.layout = layout
    }

    // MARK: Elements of an array, or the whole text

    mutating func object(
        _ members: (inout JSONWriter) throws(CommandFailure) -> Void
    ) throws(CommandFailure) {
        separate()
        try nested("{", "}", members)
    }

    mutating func array(
        _ elements: (inout JSONWriter) throws(CommandFailure) -> Void
    ) throws(CommandFailure) {
        separate()
        try nested("[", "]", elements)
    }

    mutating func string(_ value: String) {
        separate()
        append(string: value)
    }

    /// Writes bytes that are one JSON value, as they are.
    mutating func raw(_ json: UnsafeRawBufferPointer) {
        separate()
        console.output.buffer.append(json)
    }

    // MARK: Members of an object

    mutating func object(
        _ key: StaticString, _ members: (inout JSONWriter) throws(CommandFailure) -> Void
    ) throws(CommandFailure) {
        self.key(key)
        try nested("{", "}", members)
    }

    mutating func array(
        _ key: StaticString, _ elements: (inout JSONWriter) throws(CommandFailure) -> Void
    ) throws(CommandFailure) {
        self.key(key)
        try nested("[", "]", elements)
    }

    /// A string; nothing at all where there is none.
    mutating func member(_ key: StaticString, _ value: String?) {
        guard let value else { return }
        self.key(key)
        append(string: value)
    }

    /// A member whose key is data.
    mutating func member(named name: String, _ value: String) {
        separate()
        append(string: name)
        appendColon()
        append(string: value)
    }

    /// A member whose value is JSON already.
    mutating func member(_ key: StaticString, raw json: UnsafeRawBufferPointer) {
        self.key(key)
        console.output.buffer.append(json)
    }

    mutating func member(_ key: StaticString, _ value: UInt64?) {
        guard let value else { return }
        self.key(key)
        console.output.buffer.append(decimal: value)
    }

    mutating func member(_ key: StaticString, _ value: Position?) {
        member(key, value?.rawValue)
    }

    mutating func member(_ key: StaticString, _ value: Bool) {
        self.key(key)
        if value {
            console.output.buffer.append("true")
        } else {
            console.output.buffer.append("false")
        }
    }

    /// An instant in RFC 3339, UTC.
    mutating func member(_ key: StaticString, _ value: Timestamp?) {
        guard let value else { return }
        self.key(key)
        console.output.buffer.append(UInt8(ascii: "\""))
        RFC3339.append(value, to: &console.output.buffer)
        console.output.buffer.append(UInt8(ascii: "\""))
    }

    /// A member without a value, where its absence would be misread.
    mutating func null(_ key: StaticString) {
        self.key(key)
        console.output.buffer.append("null")
    }

    // MARK: Between values

    /// Ends a whole text.
    mutating func endText() {
        console.output.buffer.append(UInt8(ascii: "\n"))
        isFirst = true
    }

    private mutating func key(_ key: StaticString) {
        separate()
        console.output.buffer.append(UInt8(ascii: "\""))
        console.output.buffer.append(key)
        console.output.buffer.append(UInt8(ascii: "\""))
        appendColon()
    }

    private mutating func nested(
        _ open: Unicode.Scalar, _ close: Unicode.Scalar,
        _ content: (inout JSONWriter) throws(CommandFailure) -> Void
    ) throws(CommandFailure) {
        console.output.buffer.append(UInt8(ascii: open))
        depth += 1
        isFirst = true
        try content(&self)
        depth -= 1
        if !isFirst { breakLine() }
        isFirst = false
        console.output.buffer.append(UInt8(ascii: close))
    }

    private mutating func separate() {
        if !isFirst { console.output.buffer.append(UInt8(ascii: ",")) }
        isFirst = false
        if depth > 0 { breakLine() }
    }

    private func breakLine() {
        guard layout == .indented else { return }
        console.output.buffer.append(UInt8(ascii: "\n"))
        for _ in 0..<depth { console.output.buffer.append("  ") }
    }

    private func appendColon() {
        console.output.buffer.append(UInt8(ascii: ":"))
        if layout == .indented { console.output.buffer.append(UInt8(ascii: " ")) }
    }

    private func append(string: String) {
        string.withBytes { JSONString.append($0, to: &console.output.buffer) }
    }
}
