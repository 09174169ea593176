// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, tail. The writer's side: entries for the records of a frame.
import CPlatform

extension TailLayer {
    /// Adds a frame's events, or those within `positions`, behind the newest one and lets
    /// readers follow them; their bytes stay where they are. `batch` is the one that the frame
    /// was made of, where there is one: it saves hashing again. About 40 ns an event.
    ///
    /// Throws `.damaged` where the frame does not follow what the layer holds: its positions, or
    /// the versions of a stream. The layer is then of no more use.
    package func append(
        _ frame: JournalFrame, of batch: EventBatch? = nil,
        within positions: Range<Position>? = nil
    ) throws(StorageError) {
        let wanted = positions.map { frame.positions.clamped(to: $0) } ?? frame.positions
        if wanted.isEmpty { return }
        let next = start.advanced(by: UInt64(writer.pointee.count))
        guard wanted.lowerBound == next else {
            throw frame.head.journal.damage(
                at: frame.head.offset,
                "its events follow position \(wanted.lowerBound), where \(next) is next")
        }
        // Both within a frame, whose count is bounded.
        let first = Int(frame.firstPosition.distance(to: wanted.lowerBound))
        let end = Int(frame.firstPosition.distance(to: wanted.upperBound))
        hold(frame.buffer, firstIndex: writer.pointee.count)

        var record = frame.firstRecord
        for _ in 0..<first { record = record.next }
        var index = first
        while index < end {
            let count = min(TailLayer.passCount, end - index)
            for offset in 0..<count {
                let hash = batch?.streamHash(index + offset) ?? StreamHash(of: record.stream)
                pending[offset] = Pending(record: record, hash: hash)
                writer.pointee.table.prefetch(hash)
                record = record.next
            }
            try insertPending(count, journal: frame.head.journal, offset: frame.head.offset)
            index += count
        }
        publishEntries()
    }

    /// Adds the pending records: first what they will touch is fetched, then each is linked.
    /// `journal` is where they come from, nil for entries of another layer.
    func insertPending(
        _ count: Int, journal: JournalID?, offset: UInt64
    ) throws(StorageError) {
        guard writer.pointee.count + count <= TailEntry.countMax else {
            throw .limit(
                what: "number of events in memory", limit: TailEntry.countMax,
                actual: writer.pointee.count + count)
        }
        growTableIfNeeded(adding: count)
        let table = writer.pointee.table
        if writer.pointee.count >= TailLayer.prefetchCountMin { prefetchNewest(count, in: table) }
        for index in 0..<count where !insert(pending[index], in: table) {
            let name = String(decoding: pending[index].record.stream, as: UTF8.self)
            let reason = "versions of stream \(name) do not follow each other"
            guard let journal else { preconditionFailure(reason) }
            throw journal.damage(at: offset, reason)
        }
    }

    /// Fewer entries than this are in the cache anyway.
    static let prefetchCountMin = 4096

    /// Asks for the entries and records that the pending ones' streams end in.
    private func prefetchNewest(_ count: Int, in table: StreamTable) {
        for index in 0..<count {
            let word = table.load(table.firstSlot(of: pending[index].hash))
            if word != 0 { platform_prefetch(chunks.entry(StreamTable.index(word))) }
        }
        for index in 0..<count {
            let word = table.load(table.firstSlot(of: pending[index].hash))
            guard word != 0 else { continue }
            let entry = chunks.entry(StreamTable.index(word))
            platform_prefetch(entry.pointee.record)
            platform_prefetch(chunks.entry(entry.pointee.jump))
        }
    }

    /// Links one record to its stream and puts it in the table. False where its version is not
    /// the stream's next, as far as this layer knows the stream.
    @inline(__always)
    private func insert(_ new: Pending, in table: StreamTable) -> Bool {
        let index = writer.pointee.count
        let slot = find(hash: new.hash, name: new.record.stream, in: table)
        let sequence = writer.pointee.totals.sequences[Int(new.hash.partition.rawValue)]
        let entry: TailEntry
        if let newest = slot.newest {
            let before = chunks.entry(newest).pointee
            guard new.record.version == before.version.advanced(by: 1) else { return false }
            entry = TailEntry(
                after: before, at: newest, jumped: { chunks.entry($0).pointee },
                record: new.record.base, hash: new.hash, sequence: sequence)
        } else {
            writer.pointee.streamCount += 1
            entry = TailEntry(
                firstAt: index, record: new.record.base, hash: new.hash, sequence: sequence)
        }
        chunks.prepare(index)
        if index & (TailBlock.entryCount - 1) == 0 {
            chunks.block(of: index).initialize(to: writer.pointee.totals)
        }
        chunks.entry(index).initialize(to: entry)
        writer.pointee.totals.add(new.record, hash: new.hash)
        writer.pointee.count = index + 1
        table.store(index, hash: new.hash, at: slot.slot)
        return true
    }

    /// Keeps the table at most half full.
    private func growTableIfNeeded(adding count: Int) {
        let old = writer.pointee.table
        let wanted = (writer.pointee.streamCount + count) * 2
        guard wanted > old.mask + 1 else { return }
        // By four while it is small: each growth touches every stream's entry.
        let table = StreamTable(capacity: (old.mask + 1) * (old.mask < 1 << 16 ? 4 : 2))
        for slot in 0...old.mask {
            let word = old.load(slot)
            guard word != 0 else { continue }
            let hash = chunks.entry(StreamTable.index(word)).pointee.hash
            var target = table.firstSlot(of: hash)
            while table.load(target) != 0 { target = (target + 1) & table.mask }
            table.store(StreamTable.index(word), hash: hash, at: target)
        }
        writer.pointee.retired.append(old)
        writer.pointee.table = table
        publish(table)
    }
}
