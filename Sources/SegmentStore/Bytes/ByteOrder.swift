// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, bytes. The one order of names: bytewise, unsigned, shorter first.
import Glibc

package enum ByteOrder {
    /// Negative, zero or positive as `left` sorts before, equal to or after `right`.
    @inline(__always)
    package static func compare(
        _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer
    ) -> Int {
        let shared = Swift.min(left.count, right.count)
        if shared > 0, let leftStart = left.baseAddress, let rightStart = right.baseAddress {
            let order = memcmp(leftStart, rightStart, shared)
            if order != 0 { return Int(order) }
        }
        return left.count - right.count
    }

    @inline(__always)
    package static func equal(
        _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer
    ) -> Bool {
        left.count == right.count && compare(left, right) == 0
    }
}
