// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, segments. Finds streams and types by name while a segment is built.

/// Numbers for names, found by hash: open addressing, at most half full, so probes are short.
struct NameTable: ~Copyable {
    // Not private: Swift 6.3 fails to compile what destroys the table in another file.
    struct Slot: BitwiseCopyable {
        var hash: UInt64
        var name: UnsafeRawPointer?
        var nameByteCount: UInt32
        var number: UInt32
    }

    private var slots: ScratchArray<Slot>
    private var mask: Int
    private var count = 0
    private let countMax: Int

    /// For at most `countMax` names.
    init(countMax: Int) {
        self.countMax = countMax
        var capacity = 64
        while capacity < 2 * Swift.min(countMax, 4096) { capacity *= 2 }
        slots = ScratchArray(count: capacity)
        mask = capacity - 1
    }

    /// The number of a name; one that is not there yet gets `next`. Names stay borrowed.
    @inline(__always)
    mutating func number(
        of name: UnsafeRawBufferPointer, hash: UInt64, orAdd next: UInt32
    ) -> UInt32 {
        var place = Int(truncatingIfNeeded: hash) & mask
        while true {
            let slot = slots[place]
            guard let start = slot.name else { break }
            if slot.hash == hash,
                ByteOrder.equal(
                    UnsafeRawBufferPointer(start: start, count: Int(slot.nameByteCount)), name)
            {
                return slot.number
            }
            place = (place + 1) & mask
        }
        slots[place] = Slot(
            hash: hash, name: name.baseAddress, nameByteCount: UInt32(name.count), number: next)
        count += 1
        if count * 2 > slots.count { grow() }
        return next
    }

    @inline(never)
    private mutating func grow() {
        let larger = ScratchArray<Slot>(count: slots.count * 4)
        mask = larger.count - 1
        for index in 0..<slots.count where slots[index].name != nil {
            var place = Int(truncatingIfNeeded: slots[index].hash) & mask
            while larger[place].name != nil { place = (place + 1) & mask }
            larger[place] = slots[index]
        }
        slots = larger
    }
}
