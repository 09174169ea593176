// SPDX-License-Identifier: Apache-2.0
// A catalog that lost its last commits, as one whose log was cut short: what they named is told, and is
// neither collected nor taken for somebody else's (rule 5).
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct LostCommitTests {
    /// A store whose catalog is that of the moment before `body` ran.
    private static func rolledBack(_ body: (RuleProcess) throws -> Void) throws -> RuleWorld {
        let world = try RuleWorld()
        let process = try world.start()
        try process.write(0..<8).close()
        process.kill()
        let before = world.afterKill()
        let later = try world.start()
        try body(later)
        later.kill()
        let after = world.afterKill()
        return RuleWorld(
            disk: after.disk, catalogDisk: before.catalogDisk, time: after.time,
            saboteur: after.saboteur)
    }

    private func check(_ world: RuleWorld, _ path: String) throws {
        let what: Comment = "\(path)"
        let bytes = try world.bytes(of: path)
        let found = try world.start().store.verify()
        #expect(found.damages.map(\.path) == [path], what)
        #expect(found.garbageCount == 0, what)
        let files = try world.inventory()
        #expect(try failure { try world.start().store.collect() }?.code == .damaged, what)
        #expect(try world.inventory() == files, what)
        let dry = try world.start().store.repair(isDryRun: true)
        #expect(try world.inventory() == files, what)
        let report = try world.start().store.repair()
        #expect(dry.items == report.items && dry.losses == report.losses, what)
        #expect(report.items.first?.path == StoreLayout.catalog && !report.isLossless, what)
        let process = try world.start()
        #expect(try process.store.verify().isSound, what)
        _ = try process.store.collect()
        #expect(try process.store.verify().isSound, what)
        let quarantined = try world.files(in: StoreLayout.quarantine).map {
            try world.bytes(of: $0)
        }
        #expect(quarantined.contains(bytes), what)
        // Whatever is made from now on meets nothing of what was.
        for name in ["a", "b", "c"] {
            try process.fork(name)
            let writer = try process.write(8..<12, to: name)
            try writer.flush()
            try writer.close()
            #expect(try process.history(of: name) == RuleWorld.lines(0..<12), what)
        }
        let main = try process.write(8..<9)
        try main.flush()
        try process.append(9..<11, with: main)
        try main.close()
        #expect(try process.history(of: "main") == RuleWorld.lines(0..<11), what)
        #expect(try process.store.verify().isSound, what)
    }

    @Test func rule5TheJournalOfAForgottenForkIsNoGarbage() throws {
        try check(
            try Self.rolledBack { process in
                try process.fork("lost")
                try process.write(8..<12, to: "lost").close()
            }, "journals/2.0")
    }

    @Test func rule5ASegmentOfAForgottenForkIsNoGarbage() throws {
        let world = try Self.rolledBack { process in
            try process.fork("lost", from: "main@0")
            let writer = try process.write(0..<5, to: "lost")
            try writer.flush()
            try writer.close()
        }
        let files = world.disk.makeProcess()
        for path in try world.files(in: StoreLayout.journals) where path.hasPrefix("journals/2.") {
            try files.remove(path)
        }
        try files.syncFolder(StoreLayout.journals)
        try check(
            world,
            try #require(
                try world.files(in: StoreLayout.objects).first { $0.hasSuffix(".segment") }))
    }

    @Test func rule5JournalsThatTheirForkHasForgottenComeBack() throws {
        let world = try Self.rolledBack { process in
            let main = try process.write(8..<10)
            try main.flush()
            try process.append(10..<13, with: main)
            try main.flush()
            try process.append(13..<15, with: main)
            try main.close()
        }
        let files = try world.inventory()
        #expect(try failure { try world.start().store.collect() }?.code == .damaged)
        #expect(try world.inventory() == files)
        let report = try world.start().store.repair(isDryRun: true)
        #expect(report.items.map(\.path) == ["journals/1.2", "journals/1.3"], "\(report)")
        #expect(report.isLossless)
        #expect(try world.start().store.repair().items.isEmpty)
        let process = try world.start()
        #expect(try process.store.verify().isSound)
        _ = try process.store.collect()
        #expect(try process.history(of: "main") == RuleWorld.lines(0..<15))
        try process.write(15..<18).close()
        #expect(try process.history(of: "main") == RuleWorld.lines(0..<18))
        #expect(try process.store.verify().isSound)
    }

    @Test func rule5ANewForkNeverTakesAForgottenOnesJournal() throws {
        let world = try Self.rolledBack { process in
            try process.fork("lost")
            try process.write(8..<12, to: "lost").close()
        }
        let process = try world.start()
        let refused = try failure { try process.fork("new") }
        #expect(refused?.code == .damaged)
        #expect(try process.store.list().forks.map(\.name) == ["main"])
    }
}
