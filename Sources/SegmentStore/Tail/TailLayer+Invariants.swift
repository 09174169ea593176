// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, tail. What always holds of a layer, looked at as a whole: for tests, and for
// whoever doubts one.

extension TailLayer {
    /// The first thing found wrong; nil where all is as it must be. O(events), while nothing is
    /// appended.
    package func invariantFault() -> String? {
        var totals = TailBlock.zero
        for index in 0..<publishedCount {
            let entry = chunks.entry(index).pointee
            if index & (TailBlock.entryCount - 1) == 0,
                !chunks.block(of: index).pointee.isSame(totals)
            {
                return "the totals before entry \(index) are wrong"
            }
            if entry.sequence != totals.sequences[Int(entry.hash.partition.rawValue)] {
                return "entry \(index) has sequence \(entry.sequence)"
            }
            totals.add(EventRecord(verifiedAt: entry.record), hash: entry.hash)
            if let fault = linkFault(of: entry, at: index) { return "entry \(index) \(fault)" }
        }
        return nil
    }

    private func linkFault(of entry: TailEntry, at index: Int) -> String? {
        let record = EventRecord(verifiedAt: entry.record)
        let newest = find(hash: entry.hash, name: record.stream, in: table).newest
        guard let newest, newest >= index else { return "is not in the table" }
        if newest == index, chunks.entry(index).pointee.record != entry.record {
            return "is another's in the table"
        }
        guard entry.hasPrevious else { return nil }
        let previous = chunks.entry(entry.previous).pointee
        guard entry.previous < index, previous.ordinal + 1 == entry.ordinal,
            previous.version.advanced(by: 1) == entry.version, entry.isSameStream(previous)
        else { return "does not follow the entry before it" }
        let jump = chunks.entry(entry.jump).pointee
        let length = TailLayer.lowestSkewBinaryTerm(of: entry.ordinal)
        guard jump.ordinal == entry.jumpOrdinal, entry.ordinal - jump.ordinal == length,
            entry.isSameStream(jump)
        else { return "jumps to ordinal \(jump.ordinal), not \(length) back" }
        return nil
    }

    /// Terms are 2^k - 1, the largest that fits first.
    private static func lowestSkewBinaryTerm(of number: UInt32) -> UInt32 {
        var rest = UInt64(number)
        var term: UInt64 = 0
        while rest > 0 {
            term = 1
            while term * 2 + 1 <= rest { term = term * 2 + 1 }
            rest -= term
        }
        return UInt32(term)
    }
}

extension TailEntry {
    fileprivate func isSameStream(_ other: TailEntry) -> Bool {
        hash == other.hash
            && bytesAreEqual(
                EventRecord(verifiedAt: record).stream,
                EventRecord(verifiedAt: other.record).stream)
    }
}

extension TailBlock {
    fileprivate func isSame(_ other: TailBlock) -> Bool {
        guard logicalByteCount == other.logicalByteCount, latestTime == other.latestTime,
            newStreamCount == other.newStreamCount
        else { return false }
        for partition in sequences.indices where sequences[partition] != other.sequences[partition]
        {
            return false
        }
        return true
    }
}
