// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, manifest. Integers in, and the order of, the byte arrays of nodes,
// keys and entries.
//
// Readers trap outside the array: who decodes checks the length first.

extension [UInt8] {
    mutating func appendLittleEndian(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    mutating func appendBigEndian(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}

extension RandomAccessCollection where Element == UInt8, Index == Int {
    func littleEndian16(at index: Int) -> UInt16 {
        UInt16(self[index]) | UInt16(self[index + 1]) << 8
    }

    func littleEndian32(at index: Int) -> UInt32 {
        UInt32(littleEndian16(at: index)) | UInt32(littleEndian16(at: index + 2)) << 16
    }

    func littleEndian64(at index: Int) -> UInt64 {
        UInt64(littleEndian32(at: index)) | UInt64(littleEndian32(at: index + 4)) << 32
    }

    func bigEndian64(at index: Int) -> UInt64 { littleEndian64(at: index).byteSwapped }
}

extension ContiguousBytesArray {
    /// Whether these bytes sort before `other`: bytewise, unsigned, shorter first.
    func sortsBefore(_ other: some ContiguousBytesArray) -> Bool {
        withUnsafeBytes { left in other.withUnsafeBytes { ByteOrder.compare(left, $0) < 0 } }
    }
}

/// An array of bytes, or a slice of one.
protocol ContiguousBytesArray {
    func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R
}

extension [UInt8]: ContiguousBytesArray {}
extension ArraySlice<UInt8>: ContiguousBytesArray {}
