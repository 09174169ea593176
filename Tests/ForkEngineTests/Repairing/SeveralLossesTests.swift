// SPDX-License-Identifier: Apache-2.0
// Several things lost at once: what anything still tells of comes back, and what a repair puts out of
// reach stays on the disk (invariants 8 and 10).
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct SeveralLossesTests {
    /// Flushed forks whose journals no collection took yet.
    private static func flushed() throws -> (world: RuleWorld, plain: [String: [String]]) {
        let world = try RuleWorld()
        let process = try DamageWorld.start(world)
        let main = try process.write(0..<13)
        try process.fork("child", from: "main@9")
        try main.flush()
        try process.append(13..<17, with: main)
        try main.flush()
        try main.close()
        let child = try process.write(9..<16, to: "child")
        try child.flush()
        try child.close()
        process.kill()
        try world.disk.makeProcess().syncFolder(StoreLayout.journals)
        return (world, try RepairWorld.histories(world.afterKill()))
    }

    private static func objects(_ suffix: String, _ world: RuleWorld) throws -> [String] {
        try world.files(in: StoreLayout.objects).filter { $0.hasSuffix(suffix) }.sorted()
    }

    /// Takes a folder of objects away, with all that is in it.
    private static func lose(_ folder: String, of world: RuleWorld) throws {
        let files = world.disk.makeProcess()
        for name in try files.list(folder) {
            let path = "\(folder)/\(name)"
            if try files.status(path)?.isFolder ?? false {
                try lose(path, of: world)
            } else {
                try files.remove(path)
            }
        }
        try files.removeFolder(folder)
    }

    @Test(arguments: [RepairWorld.Damage.missing, .page])
    func nodesAndASegmentLostTogetherComeBackFromJournals(_ damage: RepairWorld.Damage) throws {
        let (base, plain) = try Self.flushed()
        let segments = try Self.objects(".segment", base)
        #expect(segments.count >= 3)
        for segment in segments {
            let world = base.afterKill()
            for path in try Self.objects(".nodes", base) {
                try RepairWorld.Damage.missing.strike(path, in: world)
            }
            try damage.strike(segment, in: world)
            let what: Comment = "\(damage) of \(segment)"
            let refused = try failure { try DamageWorld.start(world).store.collect() }
            #expect(refused?.code == .damaged, what)
            var dry = try DamageWorld.start(world).store.repair(isDryRun: true)
            let report = try DamageWorld.start(world).store.repair()
            #expect(report.isLossless, "\(report): \(what)")
            dry.isDryRun = false
            #expect(dry == report, what)
            try RepairWorld.check(world, plain, report, what)
        }
    }

    @Test func everyObjectComesBackFromJournals() throws {
        let (world, plain) = try Self.flushed()
        try Self.lose(StoreLayout.objects, of: world)
        #expect(try DamageWorld.start(world).store.repair(isDryRun: true).isLossless)
        let report = try DamageWorld.start(world).store.repair()
        #expect(report.isLossless, "\(report)")
        try RepairWorld.check(world, plain, report, "no objects")
    }

    @Test func aMissingFolderIsNotGivenUpOnBeforeSomebodySaysSo() throws {
        let base = try DamageWorld.world()
        let plain = try RepairWorld.histories(base)
        let segment = try #require(try Self.objects(".segment", base).first)
        let folder = segment.split(separator: "/").prefix(2).joined(separator: "/")
        for lost in [StoreLayout.objects, folder] {
            let world = base.afterKill()
            try Self.lose(lost, of: world)
            let before = try world.everyFile()
            for isDryRun in [true, false] {
                let refused = try failure {
                    try DamageWorld.start(world).store.repair(isDryRun: isDryRun)
                }
                #expect(refused?.code == .damaged && refused?.message.contains(lost) == true)
                #expect(try world.everyFile() == before)
            }
            let files = world.disk.makeProcess()
            if lost == StoreLayout.objects {
                try FileObjectBackend.makeFolders(in: files)
            } else {
                try files.createFolder(lost)
            }
            let report = try DamageWorld.start(world).store.repair()
            #expect(!report.isLossless)
            try RepairWorld.check(world, plain, report, "\(lost)")
        }
    }

    @Test func whatACutPutsOutOfReachIsKept() throws {
        let (base, plain) = try Self.flushed()
        // The first segment's tables and its journal are gone: nothing tells what follows.
        let world = base.afterKill()
        for path in try Self.objects(".nodes", base) {
            try RepairWorld.Damage.missing.strike(path, in: world)
        }
        let first = try #require(
            try Self.objects(".segment", base).first { path in
                let name = String(path.split(separator: "/")[2])
                guard let object = ObjectID(fileName: name) else { return false }
                return try DamageWorld.start(world).store.overlayRanges(of: object).first?.from
                    == .zero
            })
        try RepairWorld.Damage.missing.strike(first, in: world)
        let journals = try world.files(in: StoreLayout.journals).sorted()
        try world.disk.makeProcess().remove(journals[0])
        let kept = try journals.dropFirst().map { try world.bytes(of: $0) }
        let segments = try Self.objects(".segment", world).map { try world.bytes(of: $0) }
        let report = try DamageWorld.start(world).store.repair()
        #expect(report.losses.contains { $0.isCut && $0.from == .zero }, "\(report)")
        try RepairWorld.check(world, plain, report, "all out of reach")
        let quarantined = try world.files(in: StoreLayout.quarantine).map {
            try world.bytes(of: $0)
        }
        for bytes in kept + segments { #expect(quarantined.contains(bytes)) }
    }

    @Test func aLostJournalIsToldAsWhatItIs() throws {
        let (world, _) = try RepairWorld.lostJournal()
        let report = try world.start().store.repair()
        #expect(report.items.map(\.outcome) == [.lost])
        #expect(report.items.first?.path.hasPrefix("journals/") == true)
    }
}
