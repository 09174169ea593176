// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, repairing. What nothing could bring back: known from here on, or out of reach.
import SegmentStore

extension Repairer {
    mutating func setAside() throws(ForkError) {
        try keepOutOfReach()
        guard !faults.isEmpty else { return }
        var holders: [ObjectID: [ForkRow]] = [:]
        for row in rows {
            guard let root = row.snapshot.root else { continue }
            for object in try survey(root).objects where faults[object] != nil {
                holders[object, default: []].append(row)
            }
        }
        for object in faults.keys.sorted() {
            if let rows = holders[object] {
                try lose(object, to: rows)
            } else {
                if !report.items.contains(where: { $0.path == object.path }) {
                    note(object.path, .replaced, "nothing needs it any more")
                }
                try move(object)
            }
        }
    }

    private func move(_ object: ObjectID) throws(ForkError) {
        if isDryRun { return }
        try lifting { () throws(StorageError) in
            try quarantine.move(object.path)
            store.segments.objects.forget(object)
        }
    }

    /// The hole stays a hole: what can be read of it can be read on, and the rest says so.
    private mutating func lose(_ object: ObjectID, to rows: [ForkRow]) throws(ForkError) {
        guard var fault = faults[object] else { return }
        var known: [RootPart: LostEvents] = [:]
        for row in rows {
            guard object.kind == .segment, let root = row.snapshot.root else { continue }
            let end = row.snapshot.rootEnd
            let entry = try survey(root).segments.first { $0.object == object }
            guard let entry, entry.first < end else { continue }
            let part = RootPart(root: root, end: end, history: [])
            var found = known[part]
            if found == nil {
                found = try lifting { () throws(StorageError) in
                    try segments.lostEvents(of: object, in: root, below: end)
                }
                known[part] = found
            }
            guard let lost = found else { continue }
            // A page that no event lies in: nothing is gone.
            if lost.isKnown && lost.eventCount == 0 { continue }
            report.losses.append(
                .init(
                    fork: row.name, path: object.path, from: entry.first, to: min(entry.end, end),
                    isCut: false, eventCount: lost.eventCount,
                    streams: lost.streams.map { part in
                        .init(
                            name: String(decoding: part.stream, as: UTF8.self), from: part.from,
                            to: part.to)
                    }, streamCount: lost.streamCount))
        }
        let isWhole = fault == "all" || fault == "content"
        note(
            object.path, .lost,
            isWhole
                ? "nothing can bring it back: what needs it says so"
                : "nothing can bring it back: the rest of it is read on (\(fault))")
        if isWhole {
            try move(object)
            fault = "all"
        }
        if isDryRun { return }
        try lifting { () throws(StorageError) in
            try quarantine.acknowledge(object, fault: fault)
        }
    }
}
