// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, clock. An instant in one shared word that says whether it is whole.

/// ```
/// bits 63...10: units of 512 ns since 1970      bits 9...0: the units modulo 1023, exclusive-or 0x2a5
/// ```
///
/// One word, so that it is changed in one step by whoever dies in the next (rule 14), and with a check
/// of its own, since no byte is believed that was not verified (invariant 6). A power of two is no
/// multiple of 1023, so that a flipped bit shows; of random words one in 1,024 passes. A word that
/// was never written, 0, is no instant.
package enum CheckedInstant {
    static let nanosecondsPerUnit: Int64 = 512
    private static let checkBits: UInt64 = 10
    private static let mask: UInt64 = 0x2a5

    /// The word for an instant, rounded down to a whole unit; instants before 1970 become 1970.
    package static func word(for nanoseconds: Int64) -> UInt64 {
        let units = UInt64(max(0, nanoseconds) / nanosecondsPerUnit)
        return units << checkBits | check(of: units)
    }

    /// The instant that a word holds; nil where it is not whole.
    package static func nanoseconds(of word: UInt64) -> Int64? {
        let units = word >> checkBits
        guard word & ((1 << checkBits) - 1) == check(of: units) else { return nil }
        return Int64(units) * nanosecondsPerUnit
    }

    private static func check(of units: UInt64) -> UInt64 { (units % 1_023) ^ mask }
}
