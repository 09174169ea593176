// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, journal. A batch by stream: what expected versions are checked against,
// and how versions are given under the writer's lock.
import Glibc

/// One stream that a batch writes to: its name, and how many of the batch's events are its own.
package struct BatchStream {
    package let hash: StreamHash
    /// Valid until the batch grows or goes.
    package let name: UnsafeRawBufferPointer
    package let count: Int
    /// The index in the batch of its first event; `EventBatch.event(after:)` gives the others.
    package let firstEvent: Int
}

extension EventBatch {
    /// Distinct streams, in the order of their first events.
    package var streamCount: Int { groups.count }

    package func stream(_ index: Int) -> BatchStream {
        precondition(index >= 0 && index < groups.count)
        let group = groups.base[index]
        return BatchStream(
            hash: group.hash, name: name(of: group), count: Int(group.count),
            firstEvent: Int(group.firstEvent))
    }

    /// The stream that event `index` belongs to.
    package func streamIndex(ofEvent index: Int) -> Int {
        precondition(index >= 0 && index < members.count)
        return Int(members.base[index].stream)
    }

    /// The next event of the same stream; nil after its last.
    package func event(after index: Int) -> Int? {
        precondition(index >= 0 && index < members.count)
        let next = members.base[index].next
        return next == EventBatch.none ? nil : Int(next)
    }

    /// Writes each event's version: `first[stream]` for a stream's first event in the batch, one
    /// more for each that follows. O(events); called under the writer's lock, and again where a
    /// group is retried.
    package func assignVersions(first: UnsafeBufferPointer<Version>) {
        precondition(first.count == groups.count, "one first version for each stream")
        detach()
        for stream in 0..<groups.count {
            var version = first[stream].rawValue
            var event = groups.base[stream].firstEvent
            while event != EventBatch.none {
                let member = members.base[Int(event)]
                (bytes + Int(member.offset)).storeBytes(
                    of: version.littleEndian, toByteOffset: EventRecordFormat.versionOffset,
                    as: UInt64.self)
                version += 1
                event = member.next
            }
        }
    }

    @inline(__always)
    func name(of group: Group) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: bytes + Int(group.nameOffset), count: Int(group.nameByteCount))
    }

    /// Adds the newest event to its stream's list.
    @inline(__always)
    func join(
        hash: StreamHash, name: UnsafeRawBufferPointer, nameOffset: Int, recordOffset: Int
    ) {
        let event = UInt32(members.count)
        let index = findGroup(hash: hash, name: name)
        if let index {
            let last = Int(groups.base[index].lastEvent)
            members.base[last].next = event
            groups.base[index].lastEvent = event
            groups.base[index].count += 1
        } else {
            groups.append(
                Group(
                    hash: hash, nameOffset: UInt32(nameOffset), nameByteCount: UInt32(name.count),
                    firstEvent: event, lastEvent: event, count: 1))
            enterNewestGroup()
        }
        members.append(
            Member(
                hash: hash, offset: UInt32(recordOffset),
                stream: UInt32(index ?? groups.count - 1), next: EventBatch.none))
    }

    @inline(__always)
    private func findGroup(hash: StreamHash, name: UnsafeRawBufferPointer) -> Int? {
        guard let table = groupTable else {
            for index in 0..<groups.count where isGroup(index, hash: hash, name: name) {
                return index
            }
            return nil
        }
        var slot = Int(truncatingIfNeeded: hash.rawValue) & groupTableMask
        while table[slot] != 0 {
            let index = Int(table[slot]) - 1
            if isGroup(index, hash: hash, name: name) { return index }
            slot = (slot + 1) & groupTableMask
        }
        return nil
    }

    @inline(__always)
    private func isGroup(_ index: Int, hash: StreamHash, name: UnsafeRawBufferPointer) -> Bool {
        let group = groups.base[index]
        return group.hash == hash && bytesAreEqual(self.name(of: group), name)
    }

    /// Keeps the table at most half full; eight streams need none.
    private func enterNewestGroup() {
        let count = groups.count
        guard count > 8 else { return }
        if groupTable == nil || count * 2 > groupTableMask + 1 {
            let capacity = max(32, (groupTableMask + 1) * 2)
            free(groupTable)
            let table = allocateMemory(capacity * MemoryLayout<UInt32>.stride)
                .bindMemory(to: UInt32.self, capacity: capacity)
            table.initialize(repeating: 0, count: capacity)
            groupTable = table
            groupTableMask = capacity - 1
            for index in 0..<count { enter(index, in: table) }
        } else if let table = groupTable {
            enter(count - 1, in: table)
        }
    }

    private func enter(_ index: Int, in table: UnsafeMutablePointer<UInt32>) {
        var slot = Int(truncatingIfNeeded: groups.base[index].hash.rawValue) & groupTableMask
        while table[slot] != 0 { slot = (slot + 1) & groupTableMask }
        table[slot] = UInt32(index + 1)
    }
}

/// Whether two runs of bytes are the same.
@inline(__always)
func bytesAreEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    guard left.count == right.count else { return false }
    guard let leftBase = left.baseAddress, let rightBase = right.baseAddress else { return true }
    return memcmp(leftBase, rightBase, left.count) == 0
}
