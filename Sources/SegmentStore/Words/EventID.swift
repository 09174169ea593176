// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, words.
import CXXHash

/// A 128-bit event id, printed as a UUID.
///
/// Ids that the engine makes are not stored: they are UUIDv7 (RFC 9562, section 5.7), derived from
/// the event's time and a hash of where it was first appended.
public struct EventID: Hashable, Sendable {
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The id of the event first appended at `position` of `overlay`. `seed` is the store's own
    /// random number, so that ids of two stores differ. A time before 1970 counts as 1970.
    package static func derived(
        time: Timestamp, overlay: OverlayID, position: Position, seed: UInt64
    ) -> EventID {
        let milliseconds = UInt64(Swift.max(0, time.rawValue) / 1_000_000)
        let place = (overlay.rawValue.littleEndian, position.rawValue.littleEndian)
        let hash = withUnsafeBytes(of: place) {
            forkctl_hash64_seeded($0.baseAddress, $0.count, seed)
        }
        // The second word takes a hash of its own: 62 bits of it, beside 12 bits in the first.
        let second = withUnsafeBytes(of: place) {
            forkctl_hash64_seeded($0.baseAddress, $0.count, ~seed)
        }
        return EventID(
            high: (milliseconds << 16) | 0x7000 | (hash & 0x0fff),
            low: (second & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000)
    }
}
