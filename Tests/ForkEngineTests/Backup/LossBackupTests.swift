// SPDX-License-Identifier: Apache-2.0
// What a repair knows to be lost is carried by a backup as it is, and known in the restored store.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct LossBackupTests {
    /// A store whose one segment was struck, and repaired; nothing tells of its events any more.
    private func world(_ damage: RepairWorld.Damage) throws -> (world: RuleWorld, path: String) {
        let world = try RuleWorld()
        let process = try DamageWorld.start(world)
        let main = try process.write(0..<12)
        try main.flush()
        try process.append(12..<14, with: main)
        try main.close()
        _ = try process.store.collect()
        let path = try #require(
            try world.files(in: StoreLayout.objects).first { $0.hasSuffix(".segment") })
        try damage.strike(path, in: world)
        process.kill()
        _ = try DamageWorld.start(world).store.repair()
        return (world, path)
    }

    @Test(arguments: [RepairWorld.Damage.missing, .page, .truncated, .end])
    func knownLossesAreCarriedAndKnownAgain(_ damage: RepairWorld.Damage) throws {
        let (world, path) = try world(damage)
        let process = try DamageWorld.start(world)
        let before = try process.store.verify()
        try #require(before.isSound && before.knownLosses.map(\.path) == [path])
        let target = SimulatedDisk()
        let report = try process.backUp(to: target)
        #expect(report.knownLosses == [path] && report.knownLossCount == 1)
        // It is carried again, and nothing is written twice.
        let again = try process.backUp(to: target)
        #expect(again.knownLosses == [path] && again.copiedObjectCount == 0)
        #expect(again.replacedFileCount == 0 && again.removedFileCount == 0)

        let restored = try target.restored()
        let store = try DamageWorld.start(restored).store
        let after = try store.verify()
        #expect(after.isSound && after.knownLosses == before.knownLosses)
        #expect(after.unknownPaths == [])
        #expect(try store.scrub().damageCount == 0)
        #expect(try store.scrub().knownLosses.count == 1)
        #expect(try store.repair().items.isEmpty)
        _ = try store.collect()
        #expect(try RepairWorld.readable(restored) == RepairWorld.readable(world))
    }

    @Test func moreDamageThanIsKnownIsRefused() throws {
        let (world, path) = try world(.page)
        let target = SimulatedDisk()
        _ = try DamageWorld.start(world).backUp(to: target)
        try RepairWorld.Damage.end.strike(path, in: world)
        let refused = try failure { try DamageWorld.start(world).backUp(to: target) }
        #expect(refused?.code == .damaged && refused?.message.contains(path) == true)
        _ = try target.restored()
    }

    @Test func aWholeCopyOfAnEarlierBackupStaysBesideWhatIsLeft() throws {
        let world = try RuleWorld()
        let process = try DamageWorld.start(world)
        let main = try process.write(0..<12)
        try main.flush()
        try main.close()
        _ = try process.store.collect()
        let target = SimulatedDisk()
        _ = try process.backUp(to: target)
        let path = try #require(
            try world.files(in: StoreLayout.objects).first { $0.hasSuffix(".segment") })
        try RepairWorld.Damage.page.strike(path, in: world)
        process.kill()
        _ = try DamageWorld.start(world).store.repair()
        let report = try DamageWorld.start(world).backUp(to: target)
        #expect(report.knownLossCount == 1 && report.copiedObjectCount == 1)
        #expect(try target.backedUpFiles()[path] != nil)
        _ = try DamageWorld.start(world).backUp(to: target)
        #expect(try target.backedUpFiles()[path] != nil)
    }
}
