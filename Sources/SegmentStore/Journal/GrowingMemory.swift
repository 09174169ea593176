// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, journal. A growing array of trivial elements without checks on access,
// for the state that a batch touches once an event.
import Glibc

/// Elements 0 ..< count; trivial (moved as bytes, never destroyed).
struct GrowingMemory<Element>: ~Copyable {
    private(set) var base: UnsafeMutablePointer<Element>
    private(set) var count = 0
    private var capacity: Int

    init(capacity: Int) {
        self.capacity = max(4, capacity)
        base = allocateMemory(self.capacity * MemoryLayout<Element>.stride)
            .bindMemory(to: Element.self, capacity: self.capacity)
    }

    deinit { free(base) }

    @inline(__always)
    mutating func append(_ element: Element) {
        if count == capacity { grow() }
        (base + count).initialize(to: element)
        count += 1
    }

    private mutating func grow() {
        capacity *= 2
        base = reallocateMemory(base, capacity * MemoryLayout<Element>.stride)
            .bindMemory(to: Element.self, capacity: capacity)
    }
}
