// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, words. Numbers that must not be mixed up are types of their own.

/// The gapless number of an event in a fork's history, from 0: a total order.
///
/// Ranges are half-open, and a head, cut or watermark is the *next* position, so that a head is
/// also a count of events.
public struct Position: RawRepresentable, Hashable, Comparable, Sendable {
    public var rawValue: UInt64

    @inlinable
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    @inlinable
    public init(_ value: UInt64) { self.rawValue = value }

    public static let zero = Position(0)

    @inlinable
    public static func < (left: Position, right: Position) -> Bool {
        left.rawValue < right.rawValue
    }

    /// The position `count` events later. Traps on overflow of 64 bits, which no history reaches:
    /// decoders bound what they read before they add.
    @inlinable
    public func advanced(by count: UInt64) -> Position { Position(rawValue + count) }

    /// The number of events in `[self, end)`; 0 where `end` is not above `self`.
    @inlinable
    public func distance(to end: Position) -> UInt64 {
        end.rawValue > rawValue ? end.rawValue - rawValue : 0
    }
}

extension Position: CustomStringConvertible {
    public var description: String { String(rawValue) }
}
