// SPDX-License-Identifier: Apache-2.0
// How many forks: taken at the limit, refused one beyond it, and nothing changed then. How deep: 1,000
// levels are as good as one.
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

    @Test func aForkOver1000OthersIsMadeAndReads() throws {
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

        // What lies below is dropped and collected, and the tip goes on.
        try process.write(1_001..<1_003, to: "f1000").flush()
        for level in 1..<1_000 { try process.store.drop(named("f\(level)")) }
        _ = try process.store.collect()
        #expect(try world.start().history(of: "f1000") == RuleWorld.lines(0..<1_003))
        #expect(try world.start().store.verify().damages == [])
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
