// SPDX-License-Identifier: Apache-2.0
// What forks cost, counted: a create and a drop are one commit each and no byte of files, and reads
// and differences touch what they are about alone.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct ForkCostTests {
    /// What one call did to the disk and to the catalog.
    private struct Cost: Hashable {
        var commits: Int
        var calls: CallCounts

        init(_ world: RuleWorld, of body: () throws -> Void) rethrows {
            let (commits, calls) = (world.catalogDisk.commitCount, world.disk.counts)
            try body()
            self.commits = world.catalogDisk.commitCount - commits
            self.calls = world.disk.counts - calls
            // The clock's and the slots' words are memory: neighbours make their search longer.
            self.calls.wordCalls = 0
        }

        var isOneCommitAlone: Bool {
            commits == 1 && calls.bytesWritten == 0 && calls.writes == 0 && calls.syncs == 0
                && calls.folderSyncs == 0 && calls.filesCreated == 0 && calls.bytesRead == 0
        }
    }

    /// A process whose writer of `main` has 50,000 events that no flush has taken.
    private func dirtyWorld(flushed: Int) throws -> (RuleWorld, RuleProcess, Writer) {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.store.openWriter(.main)
        if flushed > 0 {
            try main.appendMany(0..<flushed)
            try main.flush()
        }
        try main.appendMany(flushed..<flushed + 50_000)
        return (world, process, main)
    }

    @Test func aForkAndADropAreOneCommitWhateverTheSize() throws {
        var creates: Set<Cost> = []
        var drops: Set<Cost> = []
        for flushed in [0, 20_000] {
            let (world, process, main) = try dirtyWorld(flushed: flushed)
            let other = try world.start()
            for forkCount in [1, 1_000] {
                for number in try process.store.forkCount..<forkCount {
                    try process.fork("f\(number)")
                }
                for creator in [process, other] {
                    let create = try Cost(world) { try creator.fork("new") }
                    #expect(create.isOneCommitAlone, "\(forkCount) forks, \(flushed): \(create)")
                    if creator === other { creates.insert(create) }
                    let head = try creator.store.describe(named("new")).head
                    #expect(head == main.head)
                    let drop = try Cost(world) { try creator.store.drop(named("new")) }
                    #expect(drop.isOneCommitAlone, "\(forkCount) forks, \(flushed): \(drop)")
                    drops.insert(drop)
                }
            }
            // A fork with many events of its own, and another process that writes them.
            try other.fork("heavy")
            let heavy = try other.store.openWriter(named("heavy"))
            try heavy.appendMany(0..<5_000)
            let drop = try Cost(world) { try process.store.drop(named("heavy")) }
            #expect(drop.isOneCommitAlone, "\(drop)")
            withExtendedLifetime((main, heavy)) {}
        }
        #expect(creates.count == 1, "a create costs different calls: \(creates)")
        #expect(drops.count == 1, "a drop costs different calls: \(drops)")
    }

    /// Nodes and blocks that a difference used, for each cut below the head.
    private func differenceCosts(
        baseCount: Int, cutsBelowHead: [Int]
    ) throws -> [(nodes: UInt64, blocks: UInt64)] {
        let world = try RuleWorld()
        let process = try world.start(cacheByteCountMax: 64 << 20)
        let main = try process.store.openWriter(.main)
        // What lies above the cut is of two streams of its own: where it is spread over many, the
        // blocks of a range are as many as its streams.
        try main.appendMany(0..<baseCount - 1_000)
        try main.appendMany(0..<1_000, streamCount: 2, prefix: "late-")
        try main.flush()
        for cut in cutsBelowHead {
            try process.fork("child-\(cut)", from: "main@\(baseCount - cut)")
            let child = try process.store.openWriter(named("child-\(cut)"))
            try child.appendMany(0..<1_000)
            try child.flush()
            try child.close()
        }
        try main.close()
        return try cutsBelowHead.map { cut in
            let reader = try world.start(cacheByteCountMax: 64 << 20)
            let before = reader.store.segments.objects.readCounts()
            let difference = try reader.store.difference(
                from: point("main"), to: point("child-\(cut)"))
            #expect(difference.common == Position(UInt64(baseCount - cut)))
            #expect(difference.left.eventCount == UInt64(cut))
            #expect(difference.right.eventCount == 1_000)
            let changes = try [difference.left.streams(), difference.right.streams()]
            #expect(changes[1].count == 20)
            let counts = reader.store.segments.objects.readCounts() - before
            return (counts.nodes.used, counts.blocks.used)
        }
    }

    @Test func aDifferenceReadsWhatChangedAlone() throws {
        // On a segment's edge, and in its middle.
        let cuts = [0, 1_000]
        let small = try differenceCosts(baseCount: 10_000, cutsBelowHead: cuts)
        let large = try differenceCosts(baseCount: 100_000, cutsBelowHead: cuts)
        for (small, large) in zip(small, large) {
            #expect(small.nodes == large.nodes)
            // A stream begins anywhere in a block, and may reach into one more.
            #expect(
                small.blocks.distance(to: large.blocks).magnitude <= 4, "\(small) and \(large)")
            #expect(small.blocks > 0 && large.blocks < 20, "\(small) and \(large)")
        }
    }

    /// Pages that a look at each of 20 streams' middle event used.
    private func pagesRead(_ process: RuleProcess, _ fork: String) throws -> UInt64 {
        let view = try process.store.view(at: point(fork))
        let before = process.store.segments.objects.readCounts()
        for stream in 0..<20 {
            try "s\(stream)".withBytes { name throws(ForkError) in
                let count = try view.eventCount(of: name).rawValue
                let found = try view.withEvent(of: name, version: Version(count / 2)) { _ in true }
                guard found == true else { throw ForkError(.notFound, "s\(stream) is not there") }
            }
        }
        return pagesUsed(process, since: before)
    }

    @Test func readsAtDepth200TouchAsManyPagesAsAtDepth1() throws {
        // The same events, appended to one fork or to a chain of forks, each of the one before.
        func world(depth: Int) throws -> (RuleProcess, String) {
            let world = try RuleWorld()
            let process = try world.start(cacheByteCountMax: 64 << 20)
            var fork = "main"
            for level in 0..<200 {
                if level > 0, level > 200 - depth {
                    try process.fork("f\(level)", from: fork)
                    fork = "f\(level)"
                }
                let writer = try process.store.openWriter(named(fork))
                try writer.appendMany(level * 40..<level * 40 + 40)
                if level == 199 { try writer.flush() }
                try writer.close()
            }
            return (try world.start(cacheByteCountMax: 64 << 20), fork)
        }
        let (flat, top) = try world(depth: 1)
        let (deep, tip) = try world(depth: 200)
        #expect(top == "main" && tip == "f199")
        let (flatPages, deepPages) = (try pagesRead(flat, top), try pagesRead(deep, tip))
        #expect(try flat.history(of: top) == deep.history(of: tip))
        #expect(flatPages > 0)
        #expect(
            Double(deepPages) <= 1.5 * Double(flatPages), "\(deepPages) against \(flatPages)")
    }

    // MARK: A chain whose forks have one event each

    /// What a first append did: opening the fork, and its event made durable.
    private struct FirstAppend: Hashable {
        var commits: Int
        var syncs: Int
        var bytesWritten: Int

        init(_ cost: Cost) {
            commits = cost.commits
            syncs = cost.calls.syncs + cost.calls.folderSyncs
            bytesWritten = cost.calls.bytesWritten
        }
    }

    /// Forks of forks over a flushed base, each with one event, on the stream of its level.
    private func chain(of levelCount: Int) throws -> (RuleWorld, firstAppends: [FirstAppend]) {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.store.openWriter(.main)
        try main.appendMany(0..<20_000, streamCount: 400)
        try main.flush()
        try main.close()
        let firstAppends = try (1...levelCount).map { level in
            try process.fork("f\(level)", from: level == 1 ? "main" : "f\(level - 1)")
            var writer: Writer?
            let cost = try Cost(world) {
                let opened = try process.store.openWriter(named("f\(level)"))
                try opened.appendMany(level..<level + 1, streamCount: 400)
                writer = opened
            }
            try writer?.close()
            return FirstAppend(cost)
        }
        return (world, firstAppends)
    }

    @Test func depthShowsInNoReadAndInNoAppend() throws {
        let (world, firstAppends) = try chain(of: 200)

        // The first append costs the same at each depth, but where 17 journals become a segment.
        let plain = firstAppends[0]
        let flushing = firstAppends.indices.filter { firstAppends[$0] != plain }
        #expect(flushing == Array(stride(from: 17, to: 200, by: 17)))

        // Streams last written at depth 0, 100 and 199, read at depth 1 and at depth 200.
        for stream in [201, 100, 199] {
            let pages = try ["f1", "f200"].map { fork in
                let reader = try world.start(cacheByteCountMax: 64 << 20)
                return try pagesOfNewest(of: "s\(stream)", in: fork, reader)
            }
            #expect(
                Double(pages[1]) <= 1.5 * Double(pages[0]),
                "s\(stream): \(pages[1]) pages, \(pages[0]) at depth 1")
        }

        let appends = try ["f1", "f200"].map { fork in
            let process = try world.start(cacheByteCountMax: 64 << 20)
            let writer = try process.store.openWriter(named(fork))
            try writer.appendMany(0..<10, streamCount: 1, prefix: "first-")
            return try steadyAppends(250..<300, with: writer, process, world)
        }
        #expect(appends[0].cost.commits == 0 && appends[0].cost.calls.syncs == 50)
        #expect(appends[0].cost == appends[1].cost)
        #expect(
            Double(appends[1].pages) <= 1.5 * Double(appends[0].pages),
            "\(appends[1].pages) pages, \(appends[0].pages) at depth 1")
    }

    /// What appends of one event each did, to streams of the base: writes, and pages that were
    /// asked for, in the cache or not.
    private func steadyAppends(
        _ streams: Range<Int>, with writer: Writer, _ process: RuleProcess, _ world: RuleWorld
    ) throws -> (cost: Cost, pages: UInt64) {
        let before = process.store.segments.objects.readCounts()
        var cost = try Cost(world) {
            for stream in streams {
                try writer.appendMany(stream..<stream + 1, streamCount: 400)
            }
        }
        cost.calls.calls -= cost.calls.reads
        cost.calls.reads = 0
        cost.calls.bytesRead = 0
        return (cost, pagesUsed(process, since: before))
    }

    private func pagesOfNewest(
        of stream: String, in fork: String, _ reader: RuleProcess
    ) throws -> UInt64 {
        let view = try reader.store.view(at: point(fork))
        let before = reader.store.segments.objects.readCounts()
        try stream.withBytes { name throws(ForkError) in
            let count = try view.eventCount(of: name).rawValue
            let found = try view.withEvent(of: name, version: Version(count - 1)) { _ in true }
            guard found == true else { throw ForkError(.notFound, "\(stream) is not there") }
        }
        return pagesUsed(reader, since: before)
    }

    private func pagesUsed(_ process: RuleProcess, since before: ReadCounts) -> UInt64 {
        let counts = process.store.segments.objects.readCounts() - before
        return PageRole.allCases.reduce(0) { $0 + counts[$1].used }
    }
}

extension Store {
    fileprivate var forkCount: Int {
        get throws {
            try catalog.read { catalog throws(ForkError) in try catalog.forkCount() }
        }
    }
}

extension Writer {
    /// Appends events over some streams, a thousand a batch.
    func appendMany(
        _ numbers: Range<Int>, streamCount: Int = 20, prefix: String = "s"
    ) throws {
        for start in stride(from: numbers.lowerBound, to: numbers.upperBound, by: 1_000) {
            let batch = AppendBatch(expectedByteCount: 64_000)
            for number in start..<min(start + 1_000, numbers.upperBound) {
                try batch.add(
                    stream: "\(prefix)\(number % streamCount)", type: "counted",
                    data: Array("\(number)".utf8),
                    time: Timestamp(nanoseconds: Int64(number)))
            }
            _ = try append(batch)
        }
    }
}
