// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, repairing. Objects built again under the address they had: no row changes, and
// every fork that holds them has them back.
import SegmentStore

extension Repairer {
    /// Segments first: runs are built over them.
    mutating func mendObjects() throws(ForkError) {
        let ofKind = { (object: ObjectID) in object.kind == .segment ? 0 : 1 }
        let order = faults.keys.sorted { (ofKind($0), $0) < (ofKind($1), $1) }
        for object in order {
            guard let use = uses[object] else { continue }
            let publish = isDryRun ? nil : try store.locks.takePublish()
            defer { publish?.release() }
            guard let way = try mend(object, use) else { continue }
            faults[object] = nil
            if object.kind == .nodes { roots.forgetSurveys() }
            note(object.path, .rebuilt, "built again \(way)")
        }
    }

    /// How the object was built again; nil where it was not.
    private mutating func mend(_ object: ObjectID, _ use: Use) throws(ForkError) -> String? {
        // Another name keeps the damaged bytes, and their own one stays until it is replaced.
        if !isDryRun {
            try lifting { () throws(StorageError) in try quarantine.keep(object.path) }
        }
        return try unlessDamaged { () throws(ForkError) -> String? in
            if faults[object] == "header" {
                let isMended = try lifting { () throws(StorageError) in
                    try segments.mendHeader(of: object)
                }
                if isMended { return "with the header that every object of its kind has" }
            }
            switch object.kind {
            case .segment: return try mendSegment(object, use) ? "from its journals" : nil
            case .run: return try mendRun(object, use) ? "from the segments it covers" : nil
            case .nodes: return nil
            }
        } ?? nil
    }

    private func mendRun(_ object: ObjectID, _ use: Use) throws(ForkError) -> Bool {
        let survey = try survey(use.root)
        guard let run = survey.runs.first(where: { $0.object == object }) else { return false }
        let covered = survey.segments.filter { $0.first >= run.first && $0.first < run.end }
        guard covered.first?.first == run.first else { return false }
        return try lifting { () throws(StorageError) in
            try segments.rebuild(run, over: covered.map { $0.trimmed(to: run.end) })
        }
    }

    private func mendSegment(_ object: ObjectID, _ use: Use) throws(ForkError) -> Bool {
        let survey = try survey(use.root)
        guard let index = survey.segments.firstIndex(where: { $0.object == object }) else {
            return false
        }
        let entry = survey.segments[index]
        let before = try lifting { () throws(StorageError) in
            try segments.totals(
                before: entry, after: index > 0 ? survey.segments[index - 1] : nil)
        }
        guard let before else { return false }
        let owners = try history(of: use.row, to: entry.end).clamped(to: entry.range)
        guard let (tail, end) = try events(of: entry.range, owners), end == entry.range.upperBound
        else { return false }
        return try lifting { () throws(StorageError) in
            try tail.withEvents(entry.range) { (events) throws(StorageError) in
                try segments.rebuild(
                    object, from: events,
                    context: SegmentContext(
                        seed: store.record.seed, overlays: owners, before: before))
            }
        }
    }

    /// Events that flushed journals still hold, without a gap, and where they end; nil where they
    /// do not hold the first.
    func events(
        of positions: Range<Position>, _ owners: [OverlayRange]
    ) throws(ForkError) -> (tail: Tail, end: Position)? {
        let journals = try store.listFiles().journals.sorted()
        return try lifting { () throws(StorageError) -> (tail: Tail, end: Position)? in
            let layer = TailLayer(start: positions.lowerBound)
            var next = positions.lowerBound
            for owner in owners {
                for id in journals where id.overlay == owner.overlay && next < owner.to {
                    let journal = Journal(
                        id, seed: store.record.seed, fileSystem: store.fileSystem)
                    try journal.readSound { (frame) throws(StorageError) in
                        let part = frame.positions.clamped(to: next..<owner.to)
                        guard part.lowerBound == next, !part.isEmpty else { return }
                        try layer.append(frame, within: part)
                        next = part.upperBound
                    }
                }
                if next < owner.to { break }
            }
            return next > positions.lowerBound ? (Tail(layer), next) : nil
        }
    }

    /// What `body` answers; nil where it came upon damage.
    func unlessDamaged<Answer>(
        _ body: () throws(ForkError) -> Answer
    ) throws(ForkError) -> Answer? {
        do throws(ForkError) {
            return try body()
        } catch {
            guard error.code == .damaged else { throw error }
            return nil
        }
    }
}
