// SPDX-License-Identifier: Apache-2.0
// A repair brings back what anything still tells of, names exactly what is gone, and leaves a store
// in which all else works (invariants 8 and 10).
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct RepairTests {
    @Test(arguments: RepairWorld.Damage.allCases)
    func whatIsLostIsNamedAndAllElseIsAsItWas(_ damage: RepairWorld.Damage) throws {
        let base = try DamageWorld.world()
        let plain = try RepairWorld.histories(base)
        var outcomes: Set<String> = []
        for path in try base.files(in: StoreLayout.objects) {
            let world = base.afterKill()
            try damage.strike(path, in: world)
            let what: Comment = "\(damage) of \(path)"
            let before = try world.everyFile()
            var dry = try DamageWorld.start(world).store.repair(isDryRun: true)
            #expect(try world.everyFile() == before, what)
            let done = try DamageWorld.start(world).store.repair()
            dry.isDryRun = false
            #expect(dry == done, what)
            #expect(done.items.map(\.path).contains(path), what)
            try RepairWorld.check(world, plain, done, what)
            #expect(try DamageWorld.start(world).store.repair().items.isEmpty, what)
            let kind = path.split(separator: ".").last.map(String.init) ?? ""
            if !path.hasSuffix(".segment") { #expect(done.isLossless, what) }
            for item in done.items { outcomes.insert("\(kind) \(item.outcome)") }
        }
        #expect(outcomes.count >= 3, "\(outcomes)")
    }

    @Test func aSegmentIsBuiltAgainFromItsJournals() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.write(0..<9)
        try process.fork("child")
        try main.flush()
        try main.close()
        let child = try process.write(20..<25, to: "child")
        try child.flush()
        try child.close()
        process.kill()
        let plain = try RepairWorld.histories(world.afterKill())
        for path in try world.files(in: StoreLayout.objects) where path.hasSuffix(".segment") {
            let bytes = try world.bytes(of: path)
            let hurt = world.afterKill()
            try RepairWorld.Damage.missing.strike(path, in: hurt)
            let report = try hurt.start().store.repair()
            #expect(report.items.map(\.outcome) == [.rebuilt] && report.losses.isEmpty)
            #expect(try hurt.bytes(of: path) == bytes)
            try RepairWorld.check(hurt, plain, report, "\(path)")
        }
    }

    @Test func aForkEndsWhereItsJournalIsLostAndGoesOnFromThere() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.write(0..<4)
        try process.fork("short")
        try process.append(4..<10, with: main)
        try process.fork("long")
        try process.append(10..<12, with: main)
        try main.close()
        process.kill()
        let plain = try RepairWorld.histories(world.afterKill())
        try world.damageEvent(6)
        let dry = try world.start().store.repair(isDryRun: true)
        let report = try world.start().store.repair()
        #expect(dry.losses == report.losses)
        #expect(report.losses.map(\.fork) == ["main", "long"])
        #expect(report.losses.map(\.from) == [Position(6), Position(6)])
        #expect(report.losses.map(\.to) == [Position(12), Position(10)])
        #expect(report.losses.map(\.eventCount) == [6, 4] && !report.isLossless)
        try RepairWorld.check(world, plain, report, "event 6")
        // New events do not take the names of those that are lost.
        let reader = try world.start()
        let overlays = try reader.store.catalog.read { catalog throws(ForkError) in
            (try catalog.fork(named: "main")?.snapshot.overlay, try catalog.fork(named: "long"))
        }
        #expect(overlays.0 != OverlayID(1) && overlays.1?.base == Position(6))
        #expect(try world.files(in: StoreLayout.quarantine).count == 1)
    }

    @Test func aLiveJournalThatRecoveryRefusesIsCut() throws {
        for cut in [false, true] {
            let world = try RuleWorld()
            let process = try world.start()
            let main = try process.write(0..<9)
            process.kill()
            withExtendedLifetime(main) {}
            let after = cut ? world.afterPowerCut() : world.afterKill()
            let plain = ["main": RuleWorld.lines(0..<9)]
            try after.damageEvent(6)
            #expect(try failure { try after.start().history(of: "main") }?.code == .damaged)
            let report = try after.start().store.repair()
            #expect(report.losses.map(\.from) == [Position(6)])
            #expect(report.losses.first?.to == (cut ? nil : Position(9)))
            try RepairWorld.check(after, plain, report, "power cut: \(cut)")
        }
    }

    @Test func whatAForkHasFlushedGoesBackToTheOneThatLostIt() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.write(0..<8)
        try process.fork("child")
        let child = try process.write(8..<10, to: "child")
        try child.flush()
        try child.close()
        process.kill()
        withExtendedLifetime(main) {}
        let after = world.afterPowerCut()
        let lost = try #require(
            try after.files(in: StoreLayout.journals).first { $0.hasPrefix("journals/1.") })
        try after.disk.makeProcess().remove(lost)
        let report = try after.start().store.repair()
        #expect(report.losses.isEmpty, "\(report)")
        let plain = ["main": RuleWorld.lines(0..<8), "child": RuleWorld.lines(0..<10)]
        try RepairWorld.check(after, plain, report, "adopted")
    }

    @Test func rule1AForkThatIsWrittenIsNotChanged() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.write(0..<9)
        try main.close()
        try process.fork("child")
        let child = try process.write(10..<12, to: "child")
        try world.damageEvent(6)
        let files = try world.everyFile()
        let refused = try failure { try world.start().store.repair() }
        // `main` may be done by then; `child` and its writer are as they were.
        #expect(refused?.code == .busy && refused?.message.contains("child") == true)
        #expect(try world.everyFile().filter { $0.hasPrefix("journals") }.count <= files.count)
        try process.append(12..<13, with: child)
        try child.close()
        #expect(try !world.start().store.repair().isLossless)
        #expect(try world.start().store.verify().isSound)
    }

    @Test func foldersReserveAndClockAreMadeAgain() throws {
        let world = try RuleWorld()
        let files = world.disk.makeProcess()
        try files.remove(StoreLayout.reserve)
        try files.removeFolder("objects/7f")
        try files.removeFolder(StoreLayout.journals)
        try files.removeFolder(StoreLayout.pins)
        let process = try world.start()
        _ = process.store.clock.now()
        let words = try files.map(StoreLayout.clock, wordCount: ClockFloor.wordCount)
        words.store(words.load(5) ^ 4, at: 5)
        let report = try process.store.repair()
        #expect(report.items.allSatisfy { $0.outcome == .remade } && report.isLossless)
        #expect(
            Set(report.items.map(\.path)) == [
                "objects/7f", "journals", "pins", StoreLayout.reserve, StoreLayout.clock,
            ])
        #expect(try process.store.verify().isSound)
        try process.write(0..<3).close()
        _ = try process.store.collect()
    }

    @Test func aFileInThePlaceOfAFolderIsSetAside() throws {
        let world = try RuleWorld()
        let files = world.disk.makeProcess()
        try world.start().write(0..<3).close()
        try files.removeFolder("objects/7f")
        _ = try files.create("objects/7f")
        #expect(try world.start().store.verify().damages.map(\.path) == ["objects/7f"])
        #expect(try failure { try world.start().store.collect() }?.code == .damaged)
        #expect(try world.start().store.repair().items.map(\.path) == ["objects/7f"])
        #expect(try world.files(in: StoreLayout.quarantine) == ["quarantine/7f"])
        #expect(try world.start().store.verify().isSound)
        _ = try world.start().store.collect()
    }

    @Test func invariant8ARepairMayEndAtEachOfItsCalls() throws {
        var endings = 0
        for (number, make) in [
            RepairWorld.lostSegment, RepairWorld.lostNodes, RepairWorld.lostJournal,
        ]
        .enumerated() {
            let (base, plain) = try make()
            let whole = base.afterKill()
            let expected = try DamageWorld.start(whole).store.repair()
            let histories = try RepairWorld.readable(whole)
            try RepairWorld.check(whole, plain, expected, "case \(number)")
            var isThrough = false
            var call = 0
            while !isThrough {
                let world = base.afterKill()
                let process = try DamageWorld.start(world)
                isThrough = !world.kills(process, atChange: call) {
                    _ = try process.store.repair()
                }
                for after in [
                    world.afterKill(), world.afterPowerCut(),
                    world.afterPowerCut(seed: UInt64(call)),
                ] {
                    let again = try DamageWorld.start(after).store.repair()
                    #expect(try RepairWorld.readable(after) == histories, "\(number), \(call)")
                    #expect(try DamageWorld.start(after).store.verify().isSound)
                    _ = try DamageWorld.start(after).store.collect()
                    withExtendedLifetime(again) {}
                    endings += 1
                }
                call += 1
            }
        }
        #expect(endings > 60, "\(endings)")
    }
}
