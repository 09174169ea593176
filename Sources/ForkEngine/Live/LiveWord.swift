// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, live writers. Rule 2: the 64 bits by which a writer and all others agree.
package import SegmentStore

/// (fence, epoch, byte end) in one word, so that one compare-exchange decides between a writer
/// that acknowledges and an operation that takes its fork away.
///
/// ```
///  63   62                    28 27                       0
/// +-----+------------------------+-------------------------+
/// |fence| epoch (35 bits)        | byte end (28 bits)      |
/// +-----+------------------------+-------------------------+
/// ```
package struct LiveWord: Hashable, Sendable {
    package var rawValue: UInt64

    package static let byteEndBits: UInt64 = 28
    /// A journal never grows beyond this; a writer rotates long before.
    package static let byteEndMax: UInt64 = (1 << byteEndBits) - 1
    package static let epochMax: UInt64 = (1 << 35) - 1
    static let fenceBit: UInt64 = 1 << 63

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package init(epoch: UInt64, byteEnd: UInt64) {
        precondition(epoch <= Self.epochMax && byteEnd <= Self.byteEndMax)
        rawValue = (epoch << Self.byteEndBits) | byteEnd
    }

    package var isFenced: Bool { rawValue & Self.fenceBit != 0 }
    package var epoch: UInt64 { (rawValue & ~Self.fenceBit) >> Self.byteEndBits }
    package var byteEnd: UInt64 { rawValue & Self.byteEndMax }
    package var fenced: LiveWord { LiveWord(rawValue: rawValue | Self.fenceBit) }
    package var unfenced: LiveWord { LiveWord(rawValue: rawValue & ~Self.fenceBit) }
}

/// What a live writer has made durable: the same end in bytes, in positions, in logical bytes.
package struct LiveEnd: Hashable, Sendable {
    package var byteEnd: UInt64
    package var head: Position
    package var logicalByteCount: UInt64

    package init(byteEnd: UInt64, head: Position, logicalByteCount: UInt64) {
        self.byteEnd = byteEnd
        self.head = head
        self.logicalByteCount = logicalByteCount
    }
}
