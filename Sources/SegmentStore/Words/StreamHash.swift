// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, words. A stream's hash finds it; only its name is its identity.
import CXXHash

/// XXH3-64 of a stream's name, and what follows from it: the partition and the sort key.
public struct StreamHash: Hashable, Sendable {
    public var rawValue: UInt64

    @inlinable
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Hashes the bytes of a stream's name. O(length); 4 ns for 32 bytes.
    package init(of name: UnsafeRawBufferPointer) {
        rawValue = forkctl_hash64(name.baseAddress, name.count)
    }

    /// The partition: the low five bits.
    @inlinable
    public var partition: Partition { Partition(UInt8(truncatingIfNeeded: rawValue & 31)) }

    /// The hash rotated right by five, so that order by key is order by (partition, hash).
    @inlinable
    public var key: UInt64 { (rawValue >> 5) | (rawValue << 59) }

    @inlinable
    public init(key: UInt64) { rawValue = (key << 5) | (key >> 59) }
}

/// One of the 32 fixed partitions of every fork; each has its own gapless sequence.
public struct Partition: Hashable, Comparable, Sendable {
    public static let count = 32
    public let rawValue: UInt8

    /// Takes the low five bits of `value`.
    @inlinable
    public init(_ value: UInt8) { rawValue = value & 31 }

    @inlinable
    public static func < (left: Partition, right: Partition) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension Partition: CustomStringConvertible {
    public var description: String { String(rawValue) }
}
