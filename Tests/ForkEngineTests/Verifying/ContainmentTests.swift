// SPDX-License-Identifier: Apache-2.0
// Invariant 10: damage takes what cannot be read without it, and nothing else, from reads and from
// the verification that tells of it.
import ForkEngine
import ForkTesting
import Glibc
import SegmentStore
import Testing

@Suite struct ContainmentTests {
    @Test func invariant10WhatStandsBehindACutIsNoneOfTheForks() throws {
        for isUnreadable in [false, true] {
            let world = try RuleWorld()
            let process = try world.start()
            try process.write(0..<10).close()
            try process.fork("short", from: "main@4")
            let path = try #require(try world.files(in: StoreLayout.journals).first)
            let place = try world.startOfEvent(6, in: world.bytes(of: path))
            if isUnreadable {
                world.disk.add(Self.unreadable(path, from: UInt64(place)))
            } else {
                try world.damageEvent(6)
            }
            let reader = try world.start()
            #expect(try reader.history(of: "short") == RuleWorld.lines(0..<4))
            try reader.append(4..<6, with: reader.store.openWriter(named("short"))).close()
            #expect(try failure { try reader.history(of: "main") }?.code == .damaged)
            #expect(try reader.store.verify().damages.map(\.forks) == [["main"]])
        }
    }

    @Test func invariant10ARunThatIsLostTakesOnlyTheLookUpsThatComeToIt() throws {
        let base = try DamageWorld.world()
        let plain = try DamageWorld.plain(DamageWorld.start(base.afterKill()))
        let runs = try base.files(in: StoreLayout.objects).filter { $0.hasSuffix(".run") }
        var (read, lost) = (0, 0)
        for path in runs {
            let world = base.afterKill()
            try world.disk.makeProcess().remove(path)
            let process = try DamageWorld.start(world)
            let damage = try #require(try process.store.verify().damages.first)
            #expect(damage.path == path && !damage.isEveryStream)
            for (name, fork) in plain {
                let loss = try DamageWorld.loss(of: name, fork, in: process)
                // Positions need no run.
                #expect(!loss.isAll && !loss.isScanLost, "\(name) without \(path)")
                guard damage.forks.contains(name) else {
                    #expect(loss.streams.isEmpty, "\(name) without \(path)")
                    continue
                }
                #expect(loss.streams.isSubset(of: damage.streams))
                read += fork.streams.count - loss.streams.count
                lost += loss.streams.count
            }
        }
        #expect(runs.count > 3 && read > 0 && lost > 0, "\(read) read, \(lost) lost")
    }

    @Test func invariant10WhatTheMediumDoesNotGiveBackIsToldAndTheRestVerified() throws {
        let base = try DamageWorld.world()
        let files =
            try base.files(in: StoreLayout.objects) + base.files(in: StoreLayout.journals)
        let bad = try #require(files.first { $0.hasSuffix(".segment") })
        for path in files where path != bad {
            let world = base.afterKill()
            world.disk.add(Self.unreadable(path, from: 0))
            try world.disk.flipBit(1, of: bad, at: 60)
            let report = try DamageWorld.start(world).store.verify()
            // A second damage is found beside, unless nodes that are lost hide it.
            let told = Set(report.damages.compactMap(\.path))
            #expect(told == [path, bad] || path.hasSuffix(".nodes") && told == [path])
        }
    }

    @Test func rule5AJournalThatAPowerCutTookIsToldByTheForksMadeOfIt() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.write(0..<8)
        try process.fork("child")
        let child = try process.write(8..<10, to: "child")
        // The child needs none of its parent's journals from here on.
        try child.flush()
        try child.close()
        process.kill()
        withExtendedLifetime(main) {}
        let after = world.afterPowerCut()
        let lost = try #require(
            try after.files(in: StoreLayout.journals).first { $0.hasPrefix("journals/1.") })
        try after.disk.makeProcess().remove(lost)
        let reader = try after.start()
        for report in [try reader.store.verify(), try reader.store.verify(.main)] {
            let damage = try #require(report.damages.first)
            #expect(report.damages.count == 1 && damage.path == lost && damage.isEveryStream)
            #expect(damage.forks == ["main"])
            #expect(damage.touched.first?.from == .zero && damage.touched.first?.to == Position(8))
        }
        #expect(try reader.store.verify(named("child")).isSound)
        #expect(try reader.history(of: "child") == RuleWorld.lines(0..<10))
    }

    @Test func aFolderThatIsMissingIsDamageAndNothingIsCollected() throws {
        for folder in [StoreLayout.journals, StoreLayout.pins, "objects/7f"] {
            let world = try RuleWorld()
            let process = try world.start()
            let files = world.disk.makeProcess()
            for name in try files.list(folder) { try files.remove("\(folder)/\(name)") }
            try files.removeFolder(folder)
            if folder != StoreLayout.pins {
                #expect(try process.store.verify().damages.map(\.path) == [folder])
            }
            #expect(try failure { try process.store.collect() }?.code == .damaged)
        }
    }

    @Test func rule16AReserveThatIsLostIsMadeAgain() throws {
        let world = try RuleWorld()
        let process = try world.start()
        try world.disk.makeProcess().remove(StoreLayout.reserve)
        _ = try process.store.collect()
        #expect(
            try process.fileSystem.status(StoreLayout.reserve)?.byteCount
                == StoreLayout.reserveByteCount)
    }

    @Test func rule14AClockThatIsDamagedIsTold() throws {
        let world = try RuleWorld()
        let process = try world.start()
        _ = process.store.clock.now()
        #expect(try process.store.verify().isSound)
        let words = try process.fileSystem.map(StoreLayout.clock, wordCount: ClockFloor.wordCount)
        words.store(words.load(5) ^ 4, at: 5)
        #expect(try process.store.verify().damages.map(\.path) == [StoreLayout.clock])
    }

    /// A file whose bytes from `offset` on the medium does not give back.
    private static func unreadable(_ path: String, from offset: UInt64) -> Fault {
        Fault(.fail(code: EIO), isPermanent: true) { call, _ in
            guard case .read(let read, let start, let count) = call else { return false }
            return read == path && start + UInt64(count) > offset
        }
    }
}
