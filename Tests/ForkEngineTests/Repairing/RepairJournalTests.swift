// SPDX-License-Identifier: Apache-2.0
// Every journal of a store, damaged in each way: a repair names exactly what is gone, and all else
// is as it was (invariants 8 and 10).
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct RepairJournalTests {
    /// Sealed journals that several forks share, cut and flushed, and live ones of killed writers.
    private static func world() throws -> RuleWorld {
        let world = try RuleWorld()
        let process = try DamageWorld.start(world)
        let main = try process.write(0..<9)
        try main.flush()
        try process.append(9..<15, with: main)
        try process.fork("whole")
        try process.fork("short", from: "main@12")
        try process.append(15..<18, with: main)
        try process.fork("flushed")
        let flushed = try process.write(18..<30, to: "flushed")
        try flushed.flush()
        try process.append(30..<33, with: flushed)
        try process.write(15..<20, to: "whole").close()
        try process.fork("grandchild", from: "whole")
        let short = try process.write(12..<16, to: "short")
        let grandchild = try process.write(20..<22, to: "grandchild")
        try flushed.close()
        process.kill()
        withExtendedLifetime((main, short, grandchild)) {}
        return world.afterKill()
    }

    /// Flips a bit, or ends the file, by what is written of a journal: zeros follow.
    private static func strike(
        _ damage: RepairWorld.Damage, _ path: String, in world: RuleWorld
    ) throws {
        let bytes = try world.bytes(of: path)
        let end = (bytes.lastIndex { $0 != 0 } ?? 0) + 1
        switch damage {
        case .missing: try world.disk.makeProcess().remove(path)
        case .truncated: try world.replace(path, with: Array(bytes.prefix(end / 2)))
        case .header: try world.disk.flipBit(3, of: path, at: 4)
        case .page: try world.disk.flipBit(3, of: path, at: end / 2)
        case .end: try world.disk.flipBit(3, of: path, at: end - 3)
        }
    }

    @Test(arguments: RepairWorld.Damage.allCases)
    func whatAJournalTakesIsNamedAndAllElseIsAsItWas(_ damage: RepairWorld.Damage) throws {
        let base = try Self.world()
        let plain = try RepairWorld.histories(base)
        let journals = try base.files(in: StoreLayout.journals).sorted()
        var (lossy, lossless) = (0, 0)
        for path in journals {
            let world = base.afterKill()
            try Self.strike(damage, path, in: world)
            let what: Comment = "\(damage) of \(path)"
            let before = try world.everyFile()
            var dry = try DamageWorld.start(world).store.repair(isDryRun: true)
            #expect(try world.everyFile() == before, what)
            let done = try DamageWorld.start(world).store.repair()
            dry.isDryRun = false
            #expect(dry == done, what)
            for loss in done.losses {
                #expect(loss.isCut && loss.path == path, "\(loss): \(what)")
                let lines = plain[loss.fork]?.count
                #expect(loss.to == nil || loss.to == lines.map { Position(UInt64($0)) }, what)
            }
            try RepairWorld.check(world, plain, done, what)
            #expect(try DamageWorld.start(world).store.repair().items.isEmpty, what)
            if done.losses.isEmpty { lossless += 1 } else { lossy += 1 }
        }
        // A flushed journal that is still there takes nothing with it.
        #expect(journals.count >= 6 && lossy >= 4 && lossless >= 1, "\(lossy), \(lossless)")
    }
}
