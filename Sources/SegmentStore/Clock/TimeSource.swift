// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, clock seam. All time goes through this protocol, so that tests set it.

package protocol TimeSource: Sendable {
    /// The wall clock. It may step either way.
    func now() -> Timestamp

    /// Nanoseconds since this boot, counting sleep; never goes back within a boot.
    func sinceBoot() -> UInt64

    /// Another value after each boot of the machine.
    func boot() throws(StorageError) -> BootID

    /// Returns no earlier than after `nanoseconds`.
    func sleep(nanoseconds: UInt64)
}

/// Names one run of the machine, from its start to its end.
package struct BootID: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads a UUID as text: 32 hexadecimal digits, hyphens anywhere, white space at the end.
    package init?(uuid text: some Sequence<UInt8>) {
        var words: (high: UInt64, low: UInt64) = (0, 0)
        var digits = 0
        for byte in text {
            let digit: UInt64
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"):
                digit = UInt64(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"):
                digit = UInt64(byte - UInt8(ascii: "A") + 10)
            case UInt8(ascii: "-"), UInt8(ascii: "\n"): continue
            default: return nil
            }
            words.high = (words.high << 4) | (words.low >> 60)
            words.low = (words.low << 4) | digit
            digits += 1
        }
        guard digits == 32 else { return nil }
        self.init(high: words.high, low: words.low)
    }
}
