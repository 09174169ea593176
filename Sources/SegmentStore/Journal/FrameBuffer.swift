// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, journal. Memory that holds whole frames; the tail refers to records in it.
import Glibc

/// Bytes of one or more frames, freed with the last reference.
///
/// `@unchecked Sendable`: whoever allocates it fills it before handing it on; from then on the
/// bytes are only read.
package final class FrameBuffer: @unchecked Sendable {
    package let base: UnsafeMutableRawPointer
    package let byteCount: Int

    /// Uninitialized memory.
    package init(byteCount: Int) {
        precondition(byteCount >= 0)
        base = allocateMemory(byteCount)
        self.byteCount = byteCount
    }

    /// Memory that holds zeros.
    convenience init(zeroedByteCount: Int) {
        self.init(byteCount: zeroedByteCount)
        base.initializeMemory(as: UInt8.self, repeating: 0, count: zeroedByteCount)
    }

    /// Takes over memory that `malloc` or `realloc` gave.
    init(adopting base: UnsafeMutableRawPointer, byteCount: Int) {
        self.base = base
        self.byteCount = byteCount
    }

    deinit { free(base) }

    /// Whoever uses these must keep the buffer alive (`extendLifetime`): the pointer does not.
    package var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base, count: byteCount)
    }
}

/// `malloc`, so that `realloc` can move large blocks by remapping; stops the process when the
/// system has no memory, as Swift's own allocations do.
func allocateMemory(_ byteCount: Int) -> UnsafeMutableRawPointer {
    guard let memory = malloc(max(1, byteCount)) else {
        preconditionFailure("out of memory: \(byteCount) bytes")
    }
    return memory
}

func reallocateMemory(
    _ memory: UnsafeMutableRawPointer, _ byteCount: Int
) -> UnsafeMutableRawPointer {
    guard let moved = realloc(memory, max(1, byteCount)) else {
        preconditionFailure("out of memory: \(byteCount) bytes")
    }
    return moved
}
