// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, tail. The readers' side of one layer: a stream's entries below a cut.

extension TailLayer {
    /// Where a stream stands in a table: its slot, or the empty one where it would go, and its
    /// newest entry. Names decide; the hash only leads there.
    @inline(__always)
    func find(
        hash: StreamHash, name: UnsafeRawBufferPointer, in table: StreamTable
    ) -> (slot: Int, newest: Int?) {
        let mask = table.mask
        var slot = table.firstSlot(of: hash)
        while true {
            let word = table.load(slot)
            if word == 0 { return (slot, nil) }
            if StreamTable.matches(word, hash) {
                let index = StreamTable.index(word)
                let entry = chunks.entry(index)
                if entry.pointee.hash == hash,
                    bytesAreEqual(EventRecord(verifiedAt: entry.pointee.record).stream, name)
                {
                    return (slot, index)
                }
            }
            slot = (slot + 1) & mask
        }
    }

    /// The stream's newest entry whose index is within `bounds`. O(log of its entries above).
    @inline(__always)
    func latest(
        hash: StreamHash, name: UnsafeRawBufferPointer, in bounds: Range<Int>
    ) -> Int? {
        guard let newest = find(hash: hash, name: name, in: table).newest else { return nil }
        return latest(from: newest, in: bounds)
    }

    /// The newest within `bounds` of `newest` and the stream's entries before it.
    @inline(__always)
    func latest(from newest: Int, in bounds: Range<Int>) -> Int? {
        var index = newest
        while index >= bounds.upperBound {
            let entry = chunks.entry(index).pointee
            if !entry.hasPrevious { return nil }
            index = entry.jump >= bounds.upperBound ? entry.jump : entry.previous
        }
        return index >= bounds.lowerBound ? index : nil
    }

    /// The entry of `version` at or before entry `newest` of its stream; nil where the stream's
    /// entries within `bounds` do not reach so far back, or forward. O(log of the distance).
    func find(version: Version, from newest: Int, in bounds: Range<Int>) -> Int? {
        var entry = chunks.entry(newest).pointee
        let newestVersion = entry.version.rawValue
        guard version.rawValue <= newestVersion,
            newestVersion - version.rawValue <= UInt64(entry.ordinal)
        else { return nil }
        let wanted = entry.ordinal - UInt32(newestVersion - version.rawValue)
        var index = newest
        while entry.ordinal > wanted {
            index = entry.jumpOrdinal >= wanted ? entry.jump : entry.previous
            entry = chunks.entry(index).pointee
        }
        return bounds.contains(index) ? index : nil
    }

    @inline(__always)
    func position(_ index: Int) -> Position { start.advanced(by: UInt64(index)) }

    @inline(__always)
    func reference(_ index: Int) -> EventReference {
        let entry = chunks.entry(index).pointee
        return EventRecord(verifiedAt: entry.record)
            .reference(position: position(index), hash: entry.hash)
    }

    /// Totals over the entries before `index`. O(255).
    func totals(before index: Int) -> TailBlock {
        if index == 0 { return .zero }
        let last = index - 1
        var totals = chunks.block(of: last).pointee
        for entry in (last & ~(TailBlock.entryCount - 1))..<index {
            let entry = chunks.entry(entry).pointee
            totals.add(EventRecord(verifiedAt: entry.record), hash: entry.hash)
        }
        return totals
    }

    /// How many entries before `index` are of a partition. O(255), of entries alone.
    func sequence(of partition: Partition, before index: Int) -> UInt64 {
        if index == 0 { return 0 }
        let last = index - 1
        var count = UInt64(chunks.block(of: last).pointee.sequences[Int(partition.rawValue)])
        for entry in (last & ~(TailBlock.entryCount - 1))..<index
        where chunks.entry(entry).pointee.hash.partition == partition {
            count += 1
        }
        return count
    }
}
