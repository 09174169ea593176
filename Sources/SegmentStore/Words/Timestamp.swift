// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, words.

/// An instant: nanoseconds since 1970-01-01T00:00:00Z in 64 bits, 1677 to 2262.
public struct Timestamp: RawRepresentable, Hashable, Comparable, Sendable {
    public var rawValue: Int64

    @inlinable
    public init(rawValue: Int64) { self.rawValue = rawValue }

    @inlinable
    public init(nanoseconds: Int64) { rawValue = nanoseconds }

    @inlinable
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.rawValue < right.rawValue
    }

    public static let min = Timestamp(rawValue: .min)
    public static let max = Timestamp(rawValue: .max)
}
