// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, reading. One side's events, to be looked for on the other side of a difference.
import CXXHash
import SegmentStore

/// The fingerprints of events, to be matched by those of others: 32 bytes an event.
///
/// One matches one: where one side says a thing twice and the other once, one of them is left. A
/// fingerprint only finds who may be equal; who asks compares the events.
struct MovedCandidates {
    private struct Entry {
        let fingerprint: EventFingerprint
        let position: Position
        /// Of the first of entries with one fingerprint: how many of them, from it on, are matched
        /// and need not be looked at. No more than are.
        var passedCount: UInt32 = 0
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

    /// Matches the first event with this fingerprint that is not matched yet, and of which
    /// `isEqual`, asked with its position, says that it is the one; false where there is none.
    /// O(log n) as long as equal fingerprints are of equal events.
    mutating func match(
        _ fingerprint: EventFingerprint, where isEqual: (Position) throws(ForkError) -> Bool
    ) throws(ForkError) -> Bool {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = low + (high - low) / 2
            if entries[middle].fingerprint < fingerprint { low = middle + 1 } else { high = middle }
        }
        guard low < entries.count, entries[low].fingerprint == fingerprint else { return false }
        var index = low + Int(entries[low].passedCount)
        while index < entries.count, entries[index].fingerprint == fingerprint {
            if !entries[index].isMatched, try isEqual(entries[index].position) {
                entries[index].isMatched = true
                pass(from: low)
                return true
            }
            index += 1
        }
        return false
    }

    /// Moves what need not be looked at over what is matched by now.
    private mutating func pass(from first: Int) {
        var count = entries[first].passedCount
        while count < .max, first + Int(count) < entries.count {
            let entry = entries[first + Int(count)]
            guard entry.isMatched, entry.fingerprint == entries[first].fingerprint else { break }
            count += 1
        }
        entries[first].passedCount = count
    }

    /// The positions of all that were matched, ascending.
    var matched: [Position] { entries.filter(\.isMatched).map(\.position).sorted() }
}

/// A hash of all that an event says, its id included, and nothing of its place.
///
/// Different events may have one: XXH3 is no signature.
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

    init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

    static func < (left: EventFingerprint, right: EventFingerprint) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}
