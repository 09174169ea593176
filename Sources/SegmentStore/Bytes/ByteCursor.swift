// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, bytes. The one way to walk bytes from disk: every step is checked, in
// release too, and a step beyond the end is damage, named by path and offset (invariant 6).

/// Reads forward over borrowed bytes. Trivial: passing it costs nothing.
package struct ByteCursor {
    package let bytes: UnsafeRawBufferPointer
    /// The file the bytes came from, for errors.
    package let path: String
    /// Where in that file `bytes` begins.
    package let fileOffset: UInt64
    /// Where the next read begins, within `bytes`.
    package private(set) var offset = 0

    package init(_ bytes: UnsafeRawBufferPointer, path: String, fileOffset: UInt64 = 0) {
        self.bytes = bytes
        self.path = path
        self.fileOffset = fileOffset
    }

    package var remaining: Int { bytes.count - offset }
    package var isAtEnd: Bool { remaining == 0 }

    @inline(__always)
    package mutating func take(_ byteCount: Int) throws(StorageError) -> UnsafeRawBufferPointer {
        guard byteCount >= 0, byteCount <= remaining else {
            throw damage("ends \(byteCount - remaining) bytes too early")
        }
        defer { offset += byteCount }
        return bytes.slice(offset, byteCount)
    }

    package mutating func uint8() throws(StorageError) -> UInt8 { try take(1)[0] }
    package mutating func uint16() throws(StorageError) -> UInt16 { try take(2).uint16(at: 0) }
    package mutating func uint32() throws(StorageError) -> UInt32 { try take(4).uint32(at: 0) }
    package mutating func uint64() throws(StorageError) -> UInt64 { try take(8).uint64(at: 0) }

    /// An unsigned LEB128 number of at most ten bytes; a longer form than needed is damage, so
    /// that a number has one form.
    package mutating func varint() throws(StorageError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try uint8()
            if shift == 63, byte > 1 { throw damage("holds a number of more than 64 bits") }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 {
                if byte == 0, shift > 0 { throw damage("holds a number in a longer form") }
                return value
            }
            shift += 7
        }
    }

    /// A number that must not exceed `limit`.
    package mutating func varint(atMost limit: Int) throws(StorageError) -> Int {
        let value = try varint()
        guard let number = Int(exactly: value), number <= limit else {
            throw damage("holds \(value) where at most \(limit) is possible")
        }
        return number
    }

    /// Damage at the cursor.
    package func damage(_ reason: String) -> StorageError {
        .damaged(.init(path: path, offset: fileOffset &+ UInt64(offset), reason: reason))
    }
}
