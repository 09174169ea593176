// SPDX-License-Identifier: Apache-2.0
// What was damaged keeps a name in quarantine, whatever takes its own one (invariant 10).
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct QuarantineTests {
    @Test func eachDamagedFormOfAnObjectIsKeptBesideTheOnesBefore() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.write(0..<9)
        try main.flush()
        try main.close()
        process.kill()
        let path = try #require(
            try world.files(in: StoreLayout.objects).first { $0.hasSuffix(".segment") })
        let name = try #require(path.split(separator: "/").last)
        let sound = try world.bytes(of: path)
        var damaged: [[UInt8]] = []
        for offset in [20, 30, 40] {
            try world.disk.flipBit(1, of: path, at: offset)
            damaged.append(try world.bytes(of: path))
            let report = try world.start().store.repair()
            #expect(report.items.map(\.outcome) == [.rebuilt])
            #expect(try world.bytes(of: path) == sound)
            let kept = try ["", ".1", ".2"].prefix(damaged.count).map {
                try world.bytes(of: "\(StoreLayout.quarantine)/\(name)\($0)")
            }
            #expect(kept == damaged)
            #expect(try world.files(in: StoreLayout.quarantine).count == damaged.count)
        }
        _ = try world.start().store.collect()
        #expect(try world.files(in: StoreLayout.quarantine).count == damaged.count)
    }

    @Test func aDamagedJournalIsKeptWhenNoForkNamesItAnyMore() throws {
        let world = try RuleWorld()
        let process = try world.start()
        try process.write(0..<9).close()
        process.kill()
        try world.damageEvent(6)
        let path = try #require(try world.files(in: StoreLayout.journals).first)
        let damaged = try world.bytes(of: path)
        let report = try world.start().store.repair()
        #expect(report.losses.map(\.from) == [Position(6)])
        let later = try world.start()
        let main = try later.write(6..<8)
        try main.flush()
        try main.close()
        _ = try later.store.collect()
        #expect(try !world.files(in: StoreLayout.journals).contains(path), "its own name is gone")
        let kept = try world.files(in: StoreLayout.quarantine)
        #expect(kept.count == 1)
        #expect(try world.bytes(of: try #require(kept.first)) == damaged)
    }

    @Test func moreLossOfAnObjectTakesThePlaceOfWhatWasKnown() throws {
        let world = try RuleWorld()
        let process = try DamageWorld.start(world)
        let main = try process.store.openWriter(.main)
        try process.append(0..<20, with: main)
        try main.flush()
        try main.close()
        _ = try process.store.collect()
        process.kill()
        let path = try #require(
            try world.files(in: StoreLayout.objects).first { $0.hasSuffix(".segment") })
        for damage in [RepairWorld.Damage.page, .end, .truncated, .missing] {
            try damage.strike(path, in: world)
            #expect(try !DamageWorld.start(world).store.verify().isSound, "\(damage)")
            let report = try DamageWorld.start(world).store.repair()
            #expect(!report.isLossless)
            let found = try DamageWorld.start(world).store.verify()
            #expect(found.isSound && found.knownLosses.map(\.path) == [path], "\(damage)")
            if try world.disk.makeProcess().status(path) == nil { break }
        }
    }
}
