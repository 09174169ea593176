// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, words. How people name a place in a fork's history.
public import SegmentStore

/// A place in a history, as written: a fork, tag or `^parent`, and where in it. Only the engine
/// turns it into a position, on a pinned view (rule 7).
///
/// | written | means |
/// | --- | --- |
/// | `main` | the head of `main`, or the tag of that name |
/// | `main@123` | position 123: the first 123 events |
/// | `main@2026-10-01T12:00:00Z`, `main@2026-10-01` | the events up to that instant (a date: 00:00 UTC) |
/// | `main@-15m` | the same, so long before now |
/// | `main@tag:before-upgrade` | where that tag stands |
/// | `^parent` | the parent of the fork that the command speaks of |
public struct Point: Hashable, Sendable {
    public enum Reference: Hashable, Sendable {
        /// A fork or a tag.
        case named(ForkName)
        /// The parent of the fork in question.
        case parent
    }

    public enum Place: Hashable, Sendable {
        case head
        case position(Position)
        case time(Timestamp)
        /// So long before now; never negative.
        case beforeNow(Duration)
        case tag(ForkName)
    }

    public let reference: Reference
    public let place: Place

    public init(_ reference: Reference, at place: Place = .head) {
        self.reference = reference
        self.place = place
    }

    /// Reads a point. `TextError` says which part of it is wrong.
    public init(_ text: String) throws(TextError) {
        let bytes = text.utf8
        guard let at = bytes.firstIndex(of: UInt8(ascii: "@")) else {
            self.init(try Self.reference(text))
            return
        }
        let placeText = String(text[bytes.index(after: at)...])
        let offset = bytes.distance(from: bytes.startIndex, to: at) + 1
        let reference = try Self.reference(String(text[..<at]))
        do throws(TextError) {
            self.init(reference, at: try Self.place(placeText))
        } catch {
            throw error.shifted(by: offset)
        }
    }

    private static func reference(_ text: String) throws(TextError) -> Reference {
        if text == "^parent" { return .parent }
        if text.isEmpty {
            throw TextError("a point begins with a fork or tag, as in main@123", column: 1)
        }
        return .named(try ForkName(text))
    }

    private static func place(_ text: String) throws(TextError) -> Place {
        let tagPrefix = "tag:"
        if text.hasPrefix(tagPrefix) {
            do throws(TextError) {
                return .tag(try ForkName(String(text.dropFirst(tagPrefix.utf8.count))))
            } catch {
                throw error.shifted(by: tagPrefix.utf8.count)
            }
        }
        if text.utf8.first == UInt8(ascii: "-") {
            do throws(TextError) {
                return .beforeNow(try DurationText.parse(String(text.dropFirst())))
            } catch {
                throw error.shifted(by: 1)
            }
        }
        if !text.isEmpty, text.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") <= 9 }) {
            guard let position = UInt64(text) else {
                throw TextError("a position has at most 64 bits", column: 1)
            }
            return .position(Position(position))
        }
        guard text.utf8.dropFirst(4).first == UInt8(ascii: "-") else {
            throw TextError(
                "after '@' stands a position (123), a time (2026-10-01T12:00:00Z), a date,"
                    + " a span back from now (-15m), or tag:NAME", column: 1)
        }
        return try text.withBytes { (bytes) throws(TextError) in
            .time(
                try bytes.count <= 10 ? RFC3339.parseDate(bytes) : RFC3339.parse(bytes))
        }
    }
}

extension Point: CustomStringConvertible {
    /// The point as it would be written.
    public var description: String {
        let name =
            switch reference {
            case .named(let name): name.text
            case .parent: "^parent"
            }
        return switch place {
        case .head: name
        case .position(let position): "\(name)@\(position)"
        case .time(let time): "\(name)@\(time.rfc3339)"
        case .beforeNow(let duration): "\(name)@-\(DurationText.text(of: duration))"
        case .tag(let tag): "\(name)@tag:\(tag)"
        }
    }
}
