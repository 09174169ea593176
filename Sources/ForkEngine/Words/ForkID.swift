// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, words.

/// Names a fork for ever, given by the catalog from a counter, from 1; its name may be reused.
public struct ForkID: RawRepresentable, Hashable, Comparable, Sendable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) { self.rawValue = rawValue }
    public init(_ value: UInt64) { rawValue = value }

    /// The fork `main`, made with the store.
    public static let main = ForkID(1)

    public static func < (left: ForkID, right: ForkID) -> Bool { left.rawValue < right.rawValue }
}
