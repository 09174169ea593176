// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, words.

/// The gapless number of an event in its stream, from 0 (invariant 3).
public struct Version: RawRepresentable, Hashable, Comparable, Sendable {
    public var rawValue: UInt64

    @inlinable
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    @inlinable
    public init(_ value: UInt64) { self.rawValue = value }

    public static let zero = Version(0)

    @inlinable
    public static func < (left: Version, right: Version) -> Bool {
        left.rawValue < right.rawValue
    }

    @inlinable
    public func advanced(by count: UInt64) -> Version { Version(rawValue + count) }
}

extension Version: CustomStringConvertible {
    public var description: String { String(rawValue) }
}
