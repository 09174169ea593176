// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, tail. What the tail knows of one event beside its record.

/// One event of a layer, 32 bytes, so that none lies across two cache lines. Written once, by the
/// layer's writer, before anybody can find it.
///
/// Entries of one stream form a list from newest to oldest. Beside the previous one, each names
/// one further back, its jump, so that any of them is O(log n) steps away (Myers 1983, "An
/// applicative random-access stack"). A jump's length is the lowest term of the entry's ordinal
/// in skew-binary, where terms are 2^k - 1; its `k` stands beside it, and so does that of the term
/// above, which is the length of the jump's own jump: the next entry's jump follows from them.
struct TailEntry {
    let record: UnsafeRawPointer
    let hash: StreamHash
    /// How many events of its stream the layer held before it.
    let ordinal: UInt32
    /// How many events of its partition the layer held before it.
    let sequence: UInt32
    /// Index of the entry before, with the exponent of the second term above it.
    private let previousWord: UInt32
    /// Index of the jump, with the exponent of the lowest term above it.
    private let jumpWord: UInt32

    /// Indexes have 27 bits: 134 million events, 4 GiB of entries.
    static let countMax = 1 << 27
    private static let indexMask = UInt32(countMax - 1)

    /// A stream's first entry in the layer, at `index`: its jump is itself.
    @inline(__always)
    init(firstAt index: Int, record: UnsafeRawPointer, hash: StreamHash, sequence: UInt32) {
        self.record = record
        self.hash = hash
        self.sequence = sequence
        ordinal = 0
        previousWord = UInt32(truncatingIfNeeded: index)
        jumpWord = UInt32(truncatingIfNeeded: index)
    }

    /// The entry behind `before`, which is at `index`; `jumped` is asked for the entry that
    /// `before` jumps to, for every second entry about.
    @inline(__always)
    init(
        after before: TailEntry, at index: Int, jumped: (Int) -> TailEntry,
        record: UnsafeRawPointer, hash: StreamHash, sequence: UInt32
    ) {
        self.record = record
        self.hash = hash
        self.sequence = sequence
        ordinal = before.ordinal + 1
        let previous = UInt32(truncatingIfNeeded: index)
        if before.exponent == before.nextExponent {
            // Two lowest terms of one size, and one more: a term of the next size.
            let jumped = jumped(before.jump)
            jumpWord = (jumped.jumpWord & Self.indexMask) | (before.exponent + 1) << 27
            previousWord = previous | jumped.nextExponent << 27
        } else {
            jumpWord = previous | 1 << 27
            previousWord = previous | before.exponent << 27
        }
    }

    /// Whether the stream has an entry before it in the layer.
    @inline(__always)
    var hasPrevious: Bool { ordinal > 0 }

    @inline(__always)
    var previous: Int { Int(previousWord & Self.indexMask) }

    @inline(__always)
    var jump: Int { Int(jumpWord & Self.indexMask) }

    /// The ordinal of the entry that it jumps to.
    @inline(__always)
    var jumpOrdinal: UInt32 { ordinal - ((1 << exponent) - 1) }

    @inline(__always)
    var version: Version { EventRecord(verifiedAt: record).version }

    private var exponent: UInt32 { jumpWord >> 27 }
    private var nextExponent: UInt32 { previousWord >> 27 }
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
