// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, tail. What the tail knows of one event beside its record.

/// One event of a layer. Written once, by the layer's writer, before anybody can find it.
///
/// Entries of one stream form a list from newest to oldest. Beside the previous one, each names
/// one further back, chosen so that any version is O(log n) steps away (Myers 1983, "An applicative
/// random-access stack": the lengths of the jumps follow skew-binary numbers).
struct TailEntry {
    /// The record, in a frame that the layer holds.
    var record: UnsafeRawPointer
    var hash: StreamHash
    var version: UInt64
    /// The index of the stream's entry before this one; `TailEntry.none` for its first here.
    var previous: UInt32
    /// The index of an entry further back; its own for the first.
    var jump: UInt32
    /// How many events of its partition the layer held before it.
    var sequence: UInt32

    static let none = UInt32.max
}

/// Totals over the entries of a layer before a block of 256 begins: what makes a sum at any
/// position cost at most 255 entries.
struct TailBlock {
    var logicalByteCount: UInt64
    /// The latest time so far.
    var latestTime: Int64
    /// Events of version 0, each a stream that the fork did not have before.
    var newStreamCount: UInt32
    var sequences: InlineArray<32, UInt32>

    static let entryCount = 256

    static let zero = TailBlock(
        logicalByteCount: 0, latestTime: .min, newStreamCount: 0,
        sequences: InlineArray(repeating: 0))

    @inline(__always)
    mutating func add(_ record: EventRecord, hash: StreamHash) {
        logicalByteCount &+= record.logicalByteCount
        latestTime = max(latestTime, record.time.rawValue)
        if record.version == .zero { newStreamCount &+= 1 }
        sequences[Int(hash.partition.rawValue)] &+= 1
    }
}
