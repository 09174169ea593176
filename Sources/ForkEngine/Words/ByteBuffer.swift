// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, words. Bytes that grow and are used again: no allocation an event.

/// A growing run of bytes with one owner. `removeAll` keeps the memory.
package struct ByteBuffer: ~Copyable {
    private var storage: UnsafeMutableRawBufferPointer
    package private(set) var count = 0

    package init(capacity: Int = 256) {
        storage = .allocate(byteCount: max(16, capacity), alignment: 16)
    }

    deinit { storage.deallocate() }

    /// The bytes so far; valid until the buffer is next changed.
    package var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: storage[..<count])
    }

    package mutating func removeAll() { count = 0 }

    package mutating func append(_ byte: UInt8) {
        reserve(1)
        storage[count] = byte
        count += 1
    }

    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        append(byteCount: bytes.count) { $0.copyMemory(from: bytes) }
    }

    /// Appends text that the program holds.
    package mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    package mutating func append(text: String) {
        text.withBytes { append($0) }
    }

    /// Appends `byteCount` bytes that `fill` writes.
    package mutating func append(
        byteCount: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void
    ) {
        reserve(byteCount)
        fill(UnsafeMutableRawBufferPointer(rebasing: storage[count..<count + byteCount]))
        count += byteCount
    }

    /// Appends a number in decimal digits.
    package mutating func append(decimal value: UInt64) {
        var digitCount = 1
        var rest = value / 10
        while rest > 0 {
            digitCount += 1
            rest /= 10
        }
        append(value, digitCount: digitCount)
    }

    /// Appends the last `digitCount` decimal digits of a number that is not negative.
    package mutating func append(decimal value: Int, digitCount: Int) {
        append(UInt64(value.magnitude), digitCount: digitCount)
    }

    private mutating func append(_ value: UInt64, digitCount: Int) {
        append(byteCount: digitCount) { target in
            var rest = value
            for index in stride(from: digitCount - 1, through: 0, by: -1) {
                target[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
        }
    }

    private mutating func reserve(_ byteCount: Int) {
        if storage.count - count < byteCount { grow(by: byteCount) }
    }

    @inline(never)
    private mutating func grow(by byteCount: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(storage.count * 2, count + byteCount), alignment: 16)
        larger.copyMemory(from: bytes)
        storage.deallocate()
        storage = larger
    }
}
