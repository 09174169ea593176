// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, repair. Which events a damaged segment takes with it: by stream and version.

/// Versions of one stream that are lost: `[from, to)`.
package struct LostVersions: Hashable, Sendable {
    package let stream: [UInt8]
    package let from: Version
    package let to: Version
}

/// What is lost with a segment.
package struct LostEvents: Hashable, Sendable {
    /// Streams that are named at most: memory is bounded.
    package static let streamCountMax = 100

    /// The first streams, in the order of the index.
    package internal(set) var streams: [LostVersions] = []
    package internal(set) var eventCount: UInt64 = 0
    package internal(set) var streamCount: UInt64 = 0
    /// Whether the streams are known: neither the segment's own table nor its run may be readable.
    package internal(set) var isKnown = true

    mutating func add(_ name: UnsafeRawBufferPointer, _ first: Version, _ rows: [Range<UInt32>]) {
        if rows.isEmpty { return }
        streamCount += 1
        for part in rows {
            eventCount += UInt64(part.count)
            guard streams.count < Self.streamCountMax else { continue }
            streams.append(
                LostVersions(
                    stream: Array(name),
                    from: first.advanced(by: UInt64(part.lowerBound)),
                    to: first.advanced(by: UInt64(part.upperBound))))
        }
    }
}

extension SegmentStore {
    /// The events of a segment of `root`, below `cut`, that damage takes. Told by the segment's own
    /// table of streams, else by the run over it. O(streams of the segment, or of the run).
    package func lostEvents(
        of object: ObjectID, in root: ManifestRoot, below cut: Position
    ) throws(StorageError) -> LostEvents {
        let fresh = withoutCaches()
        let survey = try fresh.survey(root)
        guard let entry = survey.segments.first(where: { $0.object == object }),
            entry.first < cut
        else { return LostEvents() }
        let end = min(entry.end, cut)
        do throws(StorageError) {
            let segment = try fresh.segments.open(entry)
            return try Self.lostEvents(
                of: segment, below: end,
                fault: ObjectFault.find(in: object, of: objects.backend))
        } catch {
            guard error.isDamage else { throw error }
        }
        do throws(StorageError) {
            return try fresh.lostEvents(of: entry, below: end, survey)
        } catch {
            guard error.isDamage else { throw error }
        }
        var unknown = LostEvents()
        unknown.isKnown = false
        unknown.eventCount = entry.first.distance(to: end)
        return unknown
    }

    private static func lostEvents(
        of segment: Segment, below end: Position, fault: ObjectFault
    ) throws(StorageError) -> LostEvents {
        var lost = LostEvents()
        var bad = [0..<UInt32(segment.eventCount)]
        if case .pages(let pages) = fault,
            pages.allSatisfy({ $0 < segment.footer.blockCount })
        {
            bad = pages.sorted().map { page in
                let rows = segment.footer.blockRows(page)
                return UInt32(rows.lowerBound)..<UInt32(rows.upperBound)
            }
        }
        let shown = end < segment.range.upperBound ? try segment.isShown(below: end) : nil
        var cursor = segment.makeStreamCursor()
        while let stream = try cursor.next() {
            var rows = stream.firstRow..<(stream.firstRow + stream.count)
            // In order of position: those below the cut come first.
            if let shown {
                let count = shown[Int(rows.lowerBound)..<Int(rows.upperBound)].count { $0 }
                rows = rows.lowerBound..<(rows.lowerBound + UInt32(count))
            }
            lost.add(
                stream.name, stream.firstVersion,
                bad.compactMap { block in
                    let part = block.clamped(to: rows)
                    return part.isEmpty
                        ? nil
                        : (part.lowerBound - rows.lowerBound)..<(part.upperBound - rows.lowerBound)
                })
        }
        return lost
    }

    /// By the run: of a segment that is cut within, a stream's rows above the cut count too.
    private func lostEvents(
        of entry: SegmentEntry, below end: Position, _ survey: RootSurvey
    ) throws(StorageError) -> LostEvents {
        guard let holder = survey.runs.first(where: { $0.range.contains(entry.first) }) else {
            throw entry.object.damage(at: nil, "no run holds it")
        }
        let run = try roots.run(holder.address).index
        guard let number = run.segments.firstIndex(where: { $0.address == entry.address }) else {
            throw run.id.damage(at: nil, "it does not know a segment of its root")
        }
        var lost = LostEvents()
        let cursor = IndexRunCursor(run)
        while try cursor.advance() {
            guard let record = cursor.record else { break }
            for index in 0..<record.count {
                let extent = try record.extent(index)
                guard Int(extent.segment) == number else { continue }
                lost.add(record.name, extent.firstVersion, [0..<extent.count])
            }
        }
        lost.eventCount = min(lost.eventCount, entry.first.distance(to: end))
        return lost
    }
}
