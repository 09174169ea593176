// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, words. What a writer believes of a stream before it appends.
public import SegmentStore

/// The condition under which events are appended to a stream.
public enum ExpectedVersion: Hashable, Sendable {
    /// No condition.
    case any
    /// The stream has at least one event.
    case exists
    /// The stream has exactly so many events, which is the version the first new event gets.
    case exactly(Version)

    /// The stream has no event; written `none` or `0`.
    public static let noEvents = ExpectedVersion.exactly(.zero)

    /// Reads `any`, `none`, `exists` or a number of events.
    public init(_ text: String) throws(TextError) {
        switch text {
        case "any": self = .any
        case "none": self = .noEvents
        case "exists": self = .exists
        default:
            let isNumber = !text.isEmpty && text.utf8.allSatisfy { $0 &- UInt8(ascii: "0") <= 9 }
            guard isNumber, let value = UInt64(text) else {
                throw TextError(
                    "an expected version is a number of events, or none, exists or any;"
                        + " \"\(text)\" is neither")
            }
            self = .exactly(Version(value))
        }
    }

    /// Reads `STREAM=EXPECTED` of an atomic batch. A stream's id may hold `=`, an expected
    /// version never does, so the last one separates.
    public static func assignment(
        _ text: String
    ) throws(TextError) -> (stream: String, expected: ExpectedVersion) {
        guard let equals = text.utf8.lastIndex(of: UInt8(ascii: "=")) else {
            throw TextError(
                "for a batch an expected version is written STREAM=N, and \"\(text)\" has no '='")
        }
        let stream = String(text[..<equals])
        try EventName.check(stream, as: .stream)
        let expected = try ExpectedVersion(String(text[text.utf8.index(after: equals)...]))
        return (stream, expected)
    }
}

extension ExpectedVersion: CustomStringConvertible {
    public var description: String {
        switch self {
        case .any: "any"
        case .exists: "exists"
        case .exactly(.zero): "none"
        case .exactly(let version): String(version.rawValue)
        }
    }
}
