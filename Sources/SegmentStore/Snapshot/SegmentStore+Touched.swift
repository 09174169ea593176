// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. Which streams a damaged object keeps from being read: the second
// half of invariant 10.
//
//   segment   streams with rows in the pages that cannot be read; all its streams, where a page
//             of its own tables is one of them. Their names: its stream table, else the index run
//   run       streams whose look-up fails. Their names: older runs, and stream tables of its segments
//   nodes     every stream, where a node of the root is in what cannot be read
//
// Everything is read anew, past what was cached before the damage came.

extension SegmentStore {
    /// The streams of `root`, below `cut`, that damage of `object` touches. Where that cannot be
    /// told exactly they are more rather than fewer, at last every stream.
    ///
    /// O(streams of the segment), or O(streams of the run and of older runs). Memory: one page of
    /// each run, an 8 MiB cache, and 100 names. Throws only what is not damage.
    package func streams(
        touchedBy object: ObjectID, in root: ManifestRoot, below cut: Position
    ) throws(StorageError) -> TouchedStreams {
        let fresh = withoutCaches()
        let tracer = try DamageTracer(
            store: fresh, object: object, survey: fresh.survey(root), cut: cut,
            fault: ObjectFault.find(in: object, of: objects.backend))
        do throws(StorageError) {
            return try tracer.streams()
        } catch {
            // More is damaged than this object, and hides what it touches.
            guard error.isDamage else { throw error }
            return .every
        }
    }

    /// The same objects, none of them read yet.
    package func withoutCaches() -> SegmentStore {
        SegmentStore(
            objects: ObjectStore(
                backend: objects.backend, cache: PageCache(byteCountMax: 8 << 20, shardCount: 1),
                readerCountMax: 64, sourceCountMax: 64),
            limits: limits)
    }
}

private struct DamageTracer {
    let store: SegmentStore
    let object: ObjectID
    let survey: RootSurvey
    let cut: Position
    let fault: ObjectFault

    func streams() throws(StorageError) -> TouchedStreams {
        if fault == .header { return TouchedStreams() }
        switch object.kind {
        case .nodes:
            let lost = survey.lost[object.address]
            let isTouched = lost.map { $0.lowerBound < cut } ?? (fault == .content)
            return isTouched ? .every : TouchedStreams()
        case .segment:
            guard let entry = survey.segments.first(where: { $0.object == object }) else {
                return survey.isWhole ? TouchedStreams() : .every
            }
            return try streams(of: entry)
        case .run:
            guard let entry = survey.runs.first(where: { $0.object == object }) else {
                return survey.isWhole ? TouchedStreams() : .every
            }
            return try streams(of: entry)
        }
    }

    // MARK: Segments

    private func streams(of entry: SegmentEntry) throws(StorageError) -> TouchedStreams {
        let end = min(entry.end, cut)
        guard entry.first < end else { return TouchedStreams() }
        let segment = try unlessDamaged { () throws(StorageError) in
            try store.segments.open(entry.address)
        }
        let rows = try segment.map { (segment) throws(StorageError) in
            try touchedRows(of: segment, below: end)
        }
        // What contradicts others is believed less than they are.
        if fault != .content, let segment,
            let found = try unlessDamaged({ () throws(StorageError) in
                try streams(of: segment, in: rows)
            })
        {
            return found
        }
        return try streams(ofSegment: entry, in: rows)
    }

    /// Which rows cannot be read, of those at positions below `end`; all, where the tables say no
    /// more. One byte a row.
    private func touchedRows(
        of segment: Segment, below end: Position
    ) throws(StorageError) -> [Bool] {
        let footer = segment.footer
        var rows = [Bool](repeating: true, count: segment.eventCount)
        if case .pages(let bad) = fault, bad.allSatisfy({ $0 < footer.blockCount }) {
            rows = [Bool](repeating: false, count: segment.eventCount)
            for block in bad {
                for row in footer.blockRows(block) { rows[row] = true }
            }
        }
        guard end < segment.range.upperBound else { return rows }
        let visible = try unlessDamaged { () throws(StorageError) in
            var visible = [Bool](repeating: false, count: rows.count)
            var position = segment.range.lowerBound
            while position < end {
                let row = try segment.row(at: position)
                try segment.check(row: row)
                visible[Int(row)] = true
                position = position.advanced(by: 1)
            }
            return visible
        }
        guard let visible else { return rows }
        for row in rows.indices where !visible[row] { rows[row] = false }
        return rows
    }

    /// By the segment's own table.
    private func streams(
        of segment: Segment, in rows: [Bool]?
    ) throws(StorageError) -> TouchedStreams {
        var found = TouchedStreams()
        var cursor = segment.makeStreamCursor()
        while let stream = try cursor.next() {
            if isTouched(stream.firstRow..<(stream.firstRow + stream.count), rows) {
                found.add(stream.name)
            }
        }
        return found
    }

    /// By the index run that covers the segment.
    private func streams(
        ofSegment entry: SegmentEntry, in rows: [Bool]?
    ) throws(StorageError) -> TouchedStreams {
        guard let holder = survey.runs.first(where: { $0.range.contains(entry.first) }) else {
            return .every
        }
        let run = try store.roots.run(holder.address).index
        guard let number = run.segments.firstIndex(where: { $0.address == entry.address }) else {
            return .every
        }
        var found = TouchedStreams()
        let cursor = IndexRunCursor(run)
        while try cursor.advance() {
            guard let record = cursor.record else { break }
            for index in 0..<record.count {
                let extent = try record.extent(index)
                if Int(extent.segment) > number { continue }
                if Int(extent.segment) == number, isTouched(extent.rows, rows) {
                    found.add(record.name)
                }
                break
            }
        }
        return found
    }

    private func isTouched(_ stream: Range<UInt32>, _ rows: [Bool]?) -> Bool {
        guard let rows else { return true }
        let stream = Int(stream.lowerBound)..<Int(stream.upperBound)
        return stream.clamped(to: rows.indices).contains { rows[$0] }
    }

    // MARK: Runs

    /// A stream that lies in the run or below it is in an older run, or begins in a segment that
    /// this run covers: each is asked for once. Newer ones never come to the run.
    private func streams(of entry: RunEntry) throws(StorageError) -> TouchedStreams {
        guard entry.first < cut else { return TouchedStreams() }
        guard fault != .content, survey.isWhole else { return .every }
        // Nothing that comes to a run can be looked up where it cannot be opened.
        let run = try unlessDamaged { () throws(StorageError) in
            try store.roots.run(entry.address).index
        }
        var found = TouchedStreams()
        var older: [RunView] = []
        for other in survey.runs.reversed() where other.end <= entry.first {
            older.append(RunView(try store.roots.run(other.address), end: other.end))
        }
        try Snapshot.forEachStream(of: older, prefix: UnsafeRawBufferPointer(start: nil, count: 0))
        {
            (hash, name, _) throws(StorageError) in
            if try isHidden(hash, name, by: run) { found.add(name) }
            return true
        }
        let end = min(entry.end, cut)
        for place in survey.segments where place.first >= entry.first && place.first < end {
            let segment = try store.segments.open(place)
            let placeEnd = min(place.end, end)
            var cursor = segment.makeStreamCursor()
            while let stream = try cursor.next() {
                guard stream.firstVersion == .zero,
                    try isHidden(stream.hash, stream.name, by: run),
                    try segment.visibleCount(
                        rows: stream.firstRow..<(stream.firstRow + 1), below: placeEnd) > 0
                else { continue }
                found.add(stream.name)
            }
        }
        return found
    }

    /// Whether looking a stream up in the run comes to what is damaged.
    private func isHidden(
        _ hash: StreamHash, _ name: UnsafeRawBufferPointer, by run: IndexRun?
    ) throws(StorageError) -> Bool {
        guard let run else { return true }
        let extents = try unlessDamaged { () throws(StorageError) in
            guard let record = try run.find(hash, name) else { return 0 }
            for index in 0..<record.count { _ = try record.extent(index) }
            return record.count
        }
        return extents == nil
    }

    private func unlessDamaged<Result>(
        _ body: () throws(StorageError) -> Result
    ) throws(StorageError) -> Result? {
        do throws(StorageError) {
            return try body()
        } catch {
            guard error.isDamage else { throw error }
            return nil
        }
    }
}
