// SPDX-License-Identifier: Apache-2.0
// How many forks and how deep: taken at the limit, refused one beyond it, and nothing changed then.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct StoreLimitsTests {
    /// One sentence with `tooLarge`, and neither the catalog nor a file is another.
    private func requireRefusal(
        _ fragment: String, in world: RuleWorld, at location: SourceLocation = #_sourceLocation,
        _ body: () throws -> Void
    ) throws {
        let (rows, files) = (world.catalogDisk.committed, try world.inventory())
        let error = #expect(throws: ForkError.self, sourceLocation: location) { try body() }
        #expect(error?.code == .tooLarge, sourceLocation: location)
        #expect(error?.message.contains(fragment) == true, sourceLocation: location)
        let isUnchanged = world.catalogDisk.committed == rows
        #expect(isUnchanged, sourceLocation: location)
        #expect(try world.inventory() == files, sourceLocation: location)
    }

    @Test func aForkOver1000OthersIsMadeAndReadsAndNoneOver1001() throws {
        #expect(StoreLimits.standard.overlayDepth == 1_000)
        let world = try RuleWorld()
        let process = try world.start(cacheByteCountMax: 64 << 20)
        try process.write(0..<1).close()
        for level in 1...1_000 {
            try process.fork("f\(level)", from: level == 1 ? "main" : "f\(level - 1)")
            try process.write(level..<level + 1, to: "f\(level)").close()
        }
        #expect(try process.history(of: "f1000") == RuleWorld.lines(0..<1_001))
        let difference = try process.store.difference(from: point("main"), to: point("f1000"))
        #expect(difference.common == Position(1))
        #expect(difference.right.eventCount == 1_000)
        try requireRefusal("lie over 1001 others that have events", in: world) {
            try process.fork("more", from: "f1000")
        }
        // What lies less deep is no deeper for it.
        try process.fork("beside", from: "f1000@1000")
        #expect(try process.history(of: "beside") == RuleWorld.lines(0..<1_000))
        try process.store.drop(named("beside"))

        // What lies below is dropped and collected, and the tip goes on.
        try process.write(1_001..<1_003, to: "f1000").flush()
        for level in 1..<1_000 { try process.store.drop(named("f\(level)")) }
        _ = try process.store.collect()
        #expect(try world.start().history(of: "f1000") == RuleWorld.lines(0..<1_003))
        #expect(try world.start().store.verify().damages == [])
    }

    /// A world whose fork `top` lies as deep as `limits` say, and has an event.
    private func deepWorld(_ limits: StoreLimits) throws -> (RuleWorld, RuleProcess) {
        let world = try RuleWorld()
        let process = try world.start(limits: limits)
        try process.write(0..<1).close()
        for level in 1...2 {
            try process.fork(level == 2 ? "top" : "f1", from: level == 1 ? "main" : "f1")
            try process.write(level..<level + 1, to: level == 2 ? "top" : "f1").close()
        }
        return (world, process)
    }

    @Test func levelsWithoutEventsDoNotCountAndTheSentenceSaysWhatToDo() throws {
        var limits = StoreLimits()
        limits.overlayDepth = 2
        let (world, process) = try deepWorld(limits)
        for sentence in ["the limit is 2", "export 'top'", "main@0"] {
            try requireRefusal(sentence, in: world) { try process.fork("more", from: "top") }
        }
        // Forks over forks that have added nothing lie no deeper, however many they are.
        try process.fork("g0", from: "f1")
        for level in 1...4 { try process.fork("g\(level)", from: "g\(level - 1)") }
        try process.write(9..<10, to: "g4").close()
        try requireRefusal("over 3 others", in: world) { try process.fork("more", from: "g4") }
        try process.fork("more", from: "g3")
        #expect(try process.store.verify().damages == [])
    }

    @Test func whatIsRestoredMayLieOneDeeper() throws {
        var limits = StoreLimits()
        limits.overlayDepth = 2
        let (_, process) = try deepWorld(limits)
        let target = SimulatedDisk()
        _ = try process.backUp(to: target)
        let world = try target.restored()
        let restored = try world.start(limits: limits)
        try restored.write(9..<10, to: "top").close()
        #expect(try restored.history(of: "top").count == 4)
        try requireRefusal("over 4 others", in: world) { try restored.fork("more", from: "top") }
        #expect(try restored.store.verify().damages == [])
    }

    @Test(arguments: [(1, 5), (0, 1), (2, 0), (2, .max)])
    func aDepthThatIsNotTheNumberBelowIsDamage(level: Int, depth: UInt32) throws {
        let (_, process) = try deepWorld(.standard)
        try process.store.catalog.write { catalog throws(ForkError) in
            var rows: [OverlayRow] = []
            try catalog.forEachOverlay { row throws(ForkError) in rows.append(row) }
            rows[level].depth = depth
            try catalog.removeOverlay(rows[level].id)
            try catalog.insert(rows[level])
        }
        let report = try process.store.verify()
        #expect(report.damages.contains { $0.description.contains("overlay") }, "\(report.damages)")
    }

    @Test func depthCostsACreateNothing() throws {
        let world = try RuleWorld()
        let process = try world.start()
        var costs: Set<Int> = []
        try process.write(0..<1).close()
        for level in 1...40 {
            let read = world.catalogDisk.overlaysReadByWriters
            try process.fork("f\(level)", from: level == 1 ? "main" : "f\(level - 1)")
            costs.insert(world.catalogDisk.overlaysReadByWriters - read)
            try process.write(level..<level + 1, to: "f\(level)").close()
        }
        #expect(costs == [1], "a create reads so many overlays: \(costs)")
    }

    @Test func asManyForksAsTheLimitSaysAreMadeAndNotOneMore() throws {
        #expect(StoreLimits.standard.forkCount == 1_000_000)
        var limits = StoreLimits()
        limits.forkCount = 5
        let world = try RuleWorld()
        let process = try world.start(limits: limits)
        try process.write(0..<3).close()
        for number in 2..<5 { try process.fork("f\(number)") }
        try process.fork("brief", expiry: .after(nanoseconds: 1_000_000_000))
        try requireRefusal("has 5 forks, and the limit is 5", in: world) {
            try process.fork("more")
        }
        // One that is there is found; the name of an expired one is taken over, and so is its room.
        let found = NewFork(
            name: try named("f2"), from: try point("main"), ifNotExists: true)
        #expect(try !process.store.create(found).isNew)
        world.time.sleep(nanoseconds: 2_000_000_000)
        try requireRefusal("forkctl gc", in: world) { try process.fork("more") }
        try process.fork("brief")
        try process.store.drop(named("f2"))
        try process.fork("more")
        try requireRefusal("has 5 forks", in: world) { try process.fork("f2") }
    }

    @Test func askingForRoomLooksAtNoFork() throws {
        let world = try RuleWorld()
        let process = try world.start()
        for number in 0..<300 { try process.fork("f\(number)") }
        let walked = world.catalogDisk.rowsWalkedByWriters
        for number in 0..<10 { try process.fork("g\(number)") }
        #expect(world.catalogDisk.rowsWalkedByWriters == walked)
    }
}
