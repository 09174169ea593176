// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, bytes. Growing memory that encoders append to, reused between pages.

/// Owns growing raw memory. Appending is amortised O(bytes), without zeroing.
package struct ByteSink: ~Copyable {
    private var memory: UnsafeMutableRawBufferPointer
    package private(set) var count = 0

    package init(capacity: Int = 256) {
        memory = .allocate(byteCount: Swift.max(16, capacity), alignment: 16)
    }

    deinit { memory.deallocate() }

    /// What was appended; valid until the next change.
    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

    /// The same, to be patched in place.
    package var mutableBytes: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: memory[..<count])
    }

    package mutating func removeAll() { count = 0 }

    package mutating func removeLast(_ byteCount: Int) {
        precondition(byteCount >= 0 && byteCount <= count)
        count -= byteCount
    }

    @inline(__always)
    package mutating func append<Integer: FixedWidthInteger & BitwiseCopyable>(_ value: Integer) {
        let target = extend(by: MemoryLayout<Integer>.size)
        target.set(value, at: 0)
    }

    @inline(__always)
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        extend(by: bytes.count).copyMemory(from: bytes)
    }

    /// Appends an unsigned LEB128 number.
    @inline(__always)
    package mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    package mutating func appendZeros(_ byteCount: Int) {
        extend(by: byteCount).initializeMemory(as: UInt8.self, repeating: 0)
    }

    /// Makes room for `byteCount` more bytes and gives them, uninitialised, to be filled at once.
    @inline(__always)
    package mutating func extend(by byteCount: Int) -> UnsafeMutableRawBufferPointer {
        if count + byteCount > memory.count { grow(to: count + byteCount) }
        defer { count += byteCount }
        return UnsafeMutableRawBufferPointer(rebasing: memory[count..<(count + byteCount)])
    }

    @inline(never)
    private mutating func grow(to needed: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Swift.max(needed, memory.count * 2), alignment: 16)
        larger.copyMemory(from: bytes)
        memory.deallocate()
        memory = larger
    }
}
