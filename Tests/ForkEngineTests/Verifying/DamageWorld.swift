// SPDX-License-Identifier: Apache-2.0
// Forks that share and cut, and what another process can read of them, and what not.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

enum DamageWorld {
    /// A fork as it is read where nothing is damaged.
    struct Plain {
        var streams: [String] = []
        /// By position.
        var owners: [String] = []
        var histories: [String: [String]] = [:]
    }

    /// Segments of 5 events, trees of several levels, several runs, forks that share and cut.
    static func world() throws -> RuleWorld {
        let world = try RuleWorld()
        let process = try start(world)
        func append(_ numbers: Range<Int>, _ prefix: String, _ count: Int, to writer: Writer) throws
        {
            for number in numbers {
                _ = try writer.append(.numbered(number, stream: "\(prefix)\(number % count)"))
            }
        }
        let main = try process.store.openWriter(.main)
        try append(0..<70, "m", 9, to: main)
        try main.flush()
        try append(70..<80, "m", 4, to: main)
        try append(80..<84, "n", 2, to: main)
        try main.flush()
        for (name, from) in [("early", "main@23"), ("late", "main"), ("bare", "main@41")] {
            try process.fork(name, from: from)
        }
        for name in ["early", "late"] {
            let writer = try process.store.openWriter(named(name))
            try append(100..<104, "\(name)-", 3, to: writer)
            try append(104..<107, "m", 9, to: writer)
            try writer.flush()
            try append(107..<109, "m", 9, to: writer)
            try writer.close()
        }
        try process.fork("own", from: "main@0")
        let own = try process.store.openWriter(named("own"))
        try append(0..<7, "o", 2, to: own)
        try own.flush()
        try own.close()
        try main.close()
        _ = try process.store.collect()
        process.kill()
        return world.afterKill()
    }

    static func start(_ world: RuleWorld) throws -> RuleProcess {
        try world.start(publishLimits: .tiny)
    }

    static func names(_ process: RuleProcess) throws -> [String] {
        try process.store.list().forks.map(\.name)
    }

    static func plain(_ process: RuleProcess) throws -> [String: Plain] {
        var forks: [String: Plain] = [:]
        for name in try names(process) {
            let view = try process.store.view(at: point(name))
            var plain = Plain()
            try view.scan(.zero..<view.head) { (event) throws(ForkError) in
                plain.owners.append(String(decoding: event.stream, as: UTF8.self))
                return true
            }
            plain.streams = Set(plain.owners).sorted()
            for stream in plain.streams { plain.histories[stream] = try read(stream, of: view) }
            forks[name] = plain
        }
        return forks
    }

    static func read(_ stream: String, of view: View) throws -> [String] {
        var events: [String] = []
        let name = Array(stream.utf8)
        try name.withUnsafeBytes { name in
            try view.read(name, versions: .zero..<Version(1_000)) { (event) throws(ForkError) in
                events.append(String(decoding: event.data, as: UTF8.self))
                return true
            }
        }
        return events
    }

    /// What a new process cannot read of a fork.
    struct Loss {
        var streams: Set<String> = []
        var isAll = false
        var isScanLost = false
    }

    static func loss(
        of name: String, _ plain: Plain, in process: RuleProcess
    ) throws -> Loss {
        var loss = Loss()
        guard let view = try unlessDamaged({ try process.store.view(at: point(name)) }) else {
            return Loss(streams: Set(plain.streams), isAll: true, isScanLost: true)
        }
        for stream in plain.streams {
            guard let events = try unlessDamaged({ try read(stream, of: view) }) else {
                loss.streams.insert(stream)
                continue
            }
            try require(events == plain.histories[stream], "'\(stream)' of '\(name)' is another")
        }
        loss.isScanLost = try unlessDamaged { try view.transcript() } == nil
        return loss
    }

    static func unlessDamaged<Answer>(_ body: () throws -> Answer) throws -> Answer? {
        do {
            return try body()
        } catch let error as ForkError where error.code == .damaged {
            return nil
        }
    }

    /// The positions that an object holds of each fork that reaches it; nodes: all.
    static func holders(_ path: String, _ process: RuleProcess) throws
        -> [String: Range<Position>]
    {
        var holders: [String: Range<Position>] = [:]
        try process.store.catalog.read { catalog throws(ForkError) in
            try catalog.forEachFork(from: .main) { row throws(ForkError) in
                guard let root = row.snapshot.root else { return true }
                try lifting { () throws(StorageError) in
                    let store = process.store.segments
                    guard try store.mark([root]).contains(where: { $0.path == path }) else {
                        return
                    }
                    var range = Position.zero..<row.snapshot.rootEnd
                    let reader = ManifestReader(
                        store: ObjectNodeStore(objects: store.objects), root: root)
                    for run in try reader.runs() where run.object.path == path { range = run.range }
                    try reader.forEachSegment(in: .zero..<reader.end()) {
                        (entry) throws(StorageError) in
                        if entry.object.path == path { range = entry.range }
                        return true
                    }
                    range = range.clamped(to: .zero..<row.snapshot.rootEnd)
                    if !range.isEmpty { holders[row.name] = range }
                }
                return true
            }
        }
        return holders
    }
}
