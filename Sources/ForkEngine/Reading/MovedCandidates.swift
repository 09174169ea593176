// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, reading. One side's events, to be looked for on the other side of a difference.
import CXXHash
import SegmentStore

/// The fingerprints of events, to be matched by those of others: 32 bytes an event.
struct MovedCandidates {
    private struct Entry {
        let fingerprint: EventFingerprint
        let position: Position
        /// Of the first of equal entries: whether any event matched them.
        var isMatched = false
    }

    private var entries: [Entry] = []

    /// `count`: how many will be added.
    init(count: UInt64) { entries.reserveCapacity(Int(clamping: count)) }

    mutating func add(_ fingerprint: EventFingerprint, at position: Position) {
        entries.append(Entry(fingerprint: fingerprint, position: position))
    }

    /// Ends adding; before any match.
    mutating func sort() {
        entries.sort { ($0.fingerprint, $0.position) < ($1.fingerprint, $1.position) }
    }

    /// Whether events with this fingerprint were added; all of them count as matched. O(log n).
    mutating func match(_ fingerprint: EventFingerprint) -> Bool {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = low + (high - low) / 2
            if entries[middle].fingerprint < fingerprint { low = middle + 1 } else { high = middle }
        }
        guard low < entries.count, entries[low].fingerprint == fingerprint else { return false }
        entries[low].isMatched = true
        return true
    }

    /// The positions of all that were matched, ascending.
    var matched: [Position] {
        var positions: [Position] = []
        var first: Entry?
        for entry in entries {
            if first?.fingerprint != entry.fingerprint { first = entry }
            if first?.isMatched == true { positions.append(entry.position) }
        }
        return positions.sorted()
    }
}

/// A hash of all that an event says, its id included, and nothing of its place.
struct EventFingerprint: Equatable, Comparable, Sendable {
    private let high: UInt64
    private let low: UInt64

    init(of event: EventReference, id: EventID) {
        var flags: UInt64 = event.isJSON ? 1 : 0
        var metadata = UnsafeRawBufferPointer(start: nil, count: 0)
        if let own = event.metadata {
            flags |= 2
            metadata = own
        }
        // Each part by its own hash, so that no part can pass for the end of the one before.
        let parts = (
            forkctl_hash128_of(event.stream.baseAddress, event.stream.count),
            forkctl_hash128_of(event.type.baseAddress, event.type.count),
            forkctl_hash128_of(event.data.baseAddress, event.data.count),
            forkctl_hash128_of(metadata.baseAddress, metadata.count)
        )
        let words = (
            id.high, id.low, UInt64(bitPattern: event.time.rawValue), flags,
            parts.0.high, parts.0.low, parts.1.high, parts.1.low,
            parts.2.high, parts.2.low, parts.3.high, parts.3.low
        )
        let sum = withUnsafeBytes(of: words) { forkctl_hash128_of($0.baseAddress, $0.count) }
        (high, low) = (sum.high, sum.low)
    }

    static func < (left: EventFingerprint, right: EventFingerprint) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}
