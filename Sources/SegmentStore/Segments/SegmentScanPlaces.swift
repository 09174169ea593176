// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, segments. Which blocks a scan has come to: as many slots as a few times the
// blocks it touched, not as many as the segment has.

/// A number for each block that was set, 0 for the others. Open addressing, at most half full.
struct SegmentScanPlaces: ~Copyable {
    /// Block number plus one in the high half, its value in the low; 0 is free.
    private var slots = ScratchArray<UInt64>(count: 32)
    private var used = 0

    var slotCount: Int { slots.count }

    subscript(block: Int) -> UInt32 {
        @inline(__always) get {
            UInt32(truncatingIfNeeded: slots[Self.slot(of: block, in: slots)])
        }
        set {
            var slot = Self.slot(of: block, in: slots)
            if slots[slot] == 0 {
                used += 1
                if used * 2 > slots.count {
                    grow()
                    slot = Self.slot(of: block, in: slots)
                }
            }
            slots[slot] = UInt64(block + 1) << 32 | UInt64(newValue)
        }
    }

    /// Where a block stands, or would. Blocks are numbered without gaps, so that with as many slots
    /// as blocks each is at its own.
    @inline(__always)
    private static func slot(of block: Int, in slots: borrowing ScratchArray<UInt64>) -> Int {
        var slot = block & (slots.count - 1)
        while slots[slot] != 0, slots[slot] >> 32 != UInt64(block + 1) {
            slot = (slot + 1) & (slots.count - 1)
        }
        return slot
    }

    private mutating func grow() {
        let larger = ScratchArray<UInt64>(count: slots.count * 4)
        for index in 0..<slots.count where slots[index] != 0 {
            larger[Self.slot(of: Int(slots[index] >> 32) - 1, in: larger)] = slots[index]
        }
        slots = larger
    }
}
