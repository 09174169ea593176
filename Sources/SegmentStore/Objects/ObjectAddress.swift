// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, objects. An object is named by its bytes, and so never changes
// (invariant 5).
import CXXHash

/// XXH3-128 of all bytes of an object. Not a signature: who chooses the bytes can make two objects
/// meet, which is why publishing compares bytes.
package struct ObjectAddress: Hashable, Comparable, Sendable {
    package static let byteCount = 16

    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Hashes a whole object that is in memory.
    package init(of object: UnsafeRawBufferPointer) {
        let hash = forkctl_hash128_of(object.baseAddress, object.count)
        self.init(high: hash.high, low: hash.low)
    }

    package static func < (left: ObjectAddress, right: ObjectAddress) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

// MARK: Bytes: 16, the higher first, so that order by bytes is order by address.

extension ObjectAddress {
    package var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, count in
            write(to: UnsafeMutableRawBufferPointer(buffer))
            count = Self.byteCount
        }
    }

    /// Writes the 16 bytes to the start of `target`.
    package func write(to target: UnsafeMutableRawBufferPointer) {
        target.set(high.byteSwapped, at: 0)
        target.set(low.byteSwapped, at: 8)
    }

    /// Reads 16 bytes at `offset`; the caller has checked that they lie within.
    package init(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        self.init(
            high: bytes.uint64(at: offset).byteSwapped,
            low: bytes.uint64(at: offset + 8).byteSwapped)
    }
}

// MARK: Text

extension ObjectAddress: CustomStringConvertible {
    /// 32 lower-case hex digits, as `xxh128sum` prints.
    package var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(unsafeUninitializedCapacity: 32) { buffer in
            for index in 0..<32 {
                let word = index < 16 ? high : low
                let shift = UInt64(60 - 4 * (index & 15))
                buffer[index] = digits[Int((word >> shift) & 15)]
            }
            return 32
        }
    }

    /// Reads 32 lower-case hex digits; nil for anything else.
    package init?(hex: some StringProtocol) {
        var words: (high: UInt64, low: UInt64) = (0, 0)
        var count = 0
        for digit in hex.utf8 {
            let value: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
            default: return nil
            }
            guard count < 32 else { return nil }
            if count < 16 {
                words.high = words.high << 4 | UInt64(value)
            } else {
                words.low = words.low << 4 | UInt64(value)
            }
            count += 1
        }
        guard count == 32 else { return nil }
        self.init(high: words.high, low: words.low)
    }

    package var description: String { hex }
}
