// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, segments. Plain memory of a known count for the length of one operation.
import CPlatform
import Glibc

/// Owns `count` zeroed elements. Indexes are the owner's business: checked in debug builds alone.
struct ScratchArray<Element: BitwiseCopyable>: ~Copyable {
    let count: Int
    private let memory: UnsafeMutablePointer<Element>

    /// From here on memory is mapped: `calloc` gives freed memory again, which it then must clear.
    private static var mappedByteCountMin: Int { 1 << 20 }

    /// All bytes are zero. One of 1 MiB or more costs nothing before it is touched.
    init(count: Int) {
        self.count = count
        let byteCount = Self.byteCount(count)
        let zeros =
            byteCount < Self.mappedByteCountMin
            ? calloc(1, byteCount) : platform_map_private(byteCount)
        guard let zeros else {
            // As any Swift allocation of this process would.
            preconditionFailure("no memory for \(byteCount) bytes")
        }
        memory = zeros.bindMemory(to: Element.self, capacity: Swift.max(1, count))
    }

    deinit {
        let byteCount = Self.byteCount(count)
        if byteCount < Self.mappedByteCountMin {
            free(memory)
        } else {
            _ = platform_unmap(memory, byteCount)
        }
    }

    private static func byteCount(_ count: Int) -> Int {
        Swift.max(1, count) * MemoryLayout<Element>.stride
    }

    subscript(index: Int) -> Element {
        @inline(__always) get {
            assert(index >= 0 && index < count)
            return memory[index]
        }
        @inline(__always) nonmutating set {
            assert(index >= 0 && index < count)
            memory[index] = newValue
        }
    }

    @inline(__always)
    func prefetch(_ index: Int) {
        assert(index >= 0 && index < count)
        platform_prefetch(memory + index)
    }

    /// The first `count` elements; valid while the array is.
    @inline(__always)
    func prefix(_ count: Int) -> UnsafeBufferPointer<Element> {
        assert(count <= self.count)
        return UnsafeBufferPointer(start: memory, count: count)
    }
}
