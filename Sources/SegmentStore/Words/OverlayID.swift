// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, words.

/// Names an overlay, one linear run of appends with one owner fork for ever. Given by the
/// catalog from a counter, from 1, never reused: `(overlay, position)` names an event for ever.
public struct OverlayID: RawRepresentable, Hashable, Comparable, Sendable {
    public let rawValue: UInt64

    @inlinable
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    @inlinable
    public init(_ value: UInt64) { self.rawValue = value }

    @inlinable
    public static func < (left: OverlayID, right: OverlayID) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// Names a journal: its overlay, and its number among that overlay's journals, from 0.
public struct JournalID: Hashable, Comparable, Sendable {
    public let overlay: OverlayID
    public let number: UInt32

    public init(overlay: OverlayID, number: UInt32) {
        self.overlay = overlay
        self.number = number
    }

    public static func < (left: JournalID, right: JournalID) -> Bool {
        (left.overlay, left.number) < (right.overlay, right.number)
    }

    /// Where the journal lies in the store's folder.
    package var path: String { "journals/\(overlay.rawValue).\(number)" }

    /// The journal after this one in the same overlay.
    package var next: JournalID { JournalID(overlay: overlay, number: number + 1) }
}
