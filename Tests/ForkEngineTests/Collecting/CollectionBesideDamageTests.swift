// SPDX-License-Identifier: Apache-2.0
// Rule 16: a collection deletes nothing from which a repair could build again what is damaged.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct CollectionBesideDamageTests {
    /// Collecting is refused and deletes nothing; a repair loses nothing, and then it is done.
    private func requireRefusedUntilRepaired(
        _ world: RuleWorld, damaged path: String, _ plain: [String: [String]]
    ) throws {
        let what: Comment = "\(path)"
        try RepairWorld.Damage.page.strike(path, in: world)
        let files = try world.inventory()
        for isDryRun in [true, false] {
            let refused = try failure {
                try DamageWorld.start(world).store.collect(isDryRun: isDryRun)
            }
            #expect(refused?.code == .damaged, what)
            #expect("\(String(describing: refused))".contains(path), what)
            #expect(try world.inventory() == files, what)
        }
        let report = try DamageWorld.start(world).store.repair()
        #expect(report.isLossless, "\(report): \(what)")
        #expect(try DamageWorld.start(world).store.collect().removedJournalCount > 0, what)
        try RepairWorld.check(world, plain, report, what)
    }

    @Test func rule16TheJournalsOfADamagedPageStay() throws {
        let world = try RuleWorld()
        let process = try DamageWorld.start(world)
        let main = try process.write(0..<20)
        try process.fork("child", from: "main@12")
        try main.flush()
        try main.close()
        let child = try process.write(12..<18, to: "child")
        try child.flush()
        try child.close()
        process.kill()
        let plain = try RepairWorld.histories(world.afterKill())
        let segments = try world.files(in: StoreLayout.objects).filter { $0.hasSuffix(".segment") }
        #expect(segments.count >= 2)
        for path in segments {
            try requireRefusedUntilRepaired(world.afterKill(), damaged: path, plain)
        }
    }

    @Test func rule16WhatACoalescingReplacedStaysBesideADamagedPage() throws {
        let world = try RuleWorld()
        let process = try DamageWorld.start(world)
        let main = try process.store.openWriter(.main)
        // Each flush makes a small segment, until a later one makes one of several.
        var old: Set<String> = []
        for number in 0..<12 {
            _ = try main.append(.numbered(number, stream: "s\(number % 3)"))
            try main.flush()
            old.formUnion(try world.files(in: StoreLayout.objects))
        }
        try main.close()
        // Nothing but the segments tells of the events then.
        let files = world.disk.makeProcess()
        for path in try world.files(in: StoreLayout.journals) { try files.remove(path) }
        try files.syncFolder(StoreLayout.journals)
        process.kill()
        let going = try DamageWorld.start(world.afterKill()).store.collect(isDryRun: true)
            .candidates.map(\.path)
        #expect(going.contains { $0.hasSuffix(".segment") }, "nothing was coalesced")
        var refusedCount = 0
        for path in try world.files(in: StoreLayout.objects)
        where path.hasSuffix(".segment") && !going.contains(path) {
            let hurt = world.afterKill()
            try RepairWorld.Damage.page.strike(path, in: hurt)
            let before = try hurt.inventory()
            let refused = try failure { try DamageWorld.start(hurt).store.collect() }
            if refused?.code == .damaged { refusedCount += 1 }
            if refused != nil { #expect(try hurt.inventory() == before) }
            guard refused != nil else { continue }
            let report = try DamageWorld.start(hurt).store.repair()
            #expect(report.losses.isEmpty, "\(report)")
        }
        #expect(refusedCount > 0)
    }

    @Test func rule16ALossThatIsKnownHoldsNothingUp() throws {
        let world = try DamageWorld.world()
        let path = try #require(
            try world.files(in: StoreLayout.objects).first { $0.hasSuffix(".segment") })
        try RepairWorld.Damage.page.strike(path, in: world)
        #expect(try !DamageWorld.start(world).store.repair().isLossless)
        let process = try DamageWorld.start(world)
        let main = try process.store.openWriter(.main)
        _ = try main.append(.numbered(900, stream: "later"))
        try main.flush()
        try main.close()
        #expect(try process.store.collect().removedJournalCount > 0)
        // More damage in the same place is news; what it took the place of is gone already.
        #expect(try process.store.verify().isSound)
    }

    /// What goes and what took its place: nothing else is read to its last page.
    @Test func aCollectionReadsWhollyWhatReplacesAndNothingElse() throws {
        let world = try DamageWorld.world()
        let process = try DamageWorld.start(world)
        try process.fork("brief")
        let brief = try process.store.openWriter(named("brief"))
        _ = try brief.append(.numbered(1, stream: "brief"))
        try brief.flush()
        try brief.close()
        try process.store.drop(named("brief"))
        process.kill()
        let path = try #require(
            try world.files(in: StoreLayout.objects).first { $0.hasSuffix(".segment") })
        try RepairWorld.Damage.page.strike(path, in: world)
        // Nothing that goes could mend it, and so it holds nothing up.
        #expect(try DamageWorld.start(world).store.collect().removedObjectCount > 0)
    }
}
