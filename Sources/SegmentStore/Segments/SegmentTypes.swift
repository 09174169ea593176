// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, segments. The types of a segment to be, numbered by name.
import CXXHash

struct SegmentTypes: ~Copyable {
    struct Entry {
        var name: UnsafeRawBufferPointer
        var count: UInt64
    }

    /// By name: a type's number is its place.
    let counts: [Entry]
    /// The number of each event's type.
    let typeOfEvent: ScratchArray<UInt32>

    init(_ events: UnsafeBufferPointer<EventReference>) {
        let typeOfEvent = ScratchArray<UInt32>(count: events.count)
        var table = NameTable(countMax: events.count)
        var found: [Entry] = []
        var lastName = UnsafeRawBufferPointer(start: nil, count: 0)
        var lastNumber: UInt32 = 0
        for (index, event) in events.enumerated() {
            // Neighbours share types, and often the bytes of the name too.
            if lastName.baseAddress == event.type.baseAddress, lastName.count == event.type.count {
                typeOfEvent[index] = lastNumber
                found[Int(lastNumber)].count += 1
                continue
            }
            let next = UInt32(found.count)
            let hash = forkctl_hash64(event.type.baseAddress, event.type.count)
            let number = table.number(of: event.type, hash: hash, orAdd: next)
            if number == next { found.append(Entry(name: event.type, count: 0)) }
            found[Int(number)].count += 1
            typeOfEvent[index] = number
            lastName = event.type
            lastNumber = number
        }
        let order = found.indices.sorted {
            ByteOrder.compare(found[$0].name, found[$1].name) < 0
        }
        let renumbered = ScratchArray<UInt32>(count: found.count)
        for (number, before) in order.enumerated() { renumbered[before] = UInt32(number) }
        for index in 0..<events.count {
            typeOfEvent[index] = renumbered[Int(typeOfEvent[index])]
        }
        counts = order.map { found[$0] }
        self.typeOfEvent = typeOfEvent
    }
}
