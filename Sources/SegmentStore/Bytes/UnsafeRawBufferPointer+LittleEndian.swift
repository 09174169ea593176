// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, bytes. Fixed-width loads at any alignment; all integers on disk are
// little-endian. These trust the caller's bounds: bytes from disk go through `ByteCursor`, or
// have had their layout checked as a whole.

extension UnsafeRawBufferPointer {
    @inline(__always)
    package func uint16(at offset: Int) -> UInt16 {
        assert(offset >= 0 && offset + 2 <= count)
        return UInt16(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    @inline(__always)
    package func uint32(at offset: Int) -> UInt32 {
        assert(offset >= 0 && offset + 4 <= count)
        return UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    @inline(__always)
    package func uint64(at offset: Int) -> UInt64 {
        assert(offset >= 0 && offset + 8 <= count)
        return UInt64(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// The bytes `[offset, offset + byteCount)`; the caller has checked that they lie within.
    @inline(__always)
    package func slice(_ offset: Int, _ byteCount: Int) -> UnsafeRawBufferPointer {
        assert(offset >= 0 && byteCount >= 0 && offset + byteCount <= count)
        return UnsafeRawBufferPointer(start: baseAddress.map { $0 + offset }, count: byteCount)
    }
}

extension UnsafeMutableRawBufferPointer {
    @inline(__always)
    package func set<Integer: FixedWidthInteger & BitwiseCopyable>(
        _ value: Integer, at offset: Int
    ) {
        assert(offset >= 0 && offset + MemoryLayout<Integer>.size <= count)
        storeBytes(of: value.littleEndian, toByteOffset: offset, as: Integer.self)
    }
}
