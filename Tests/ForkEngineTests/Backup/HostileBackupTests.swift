// SPDX-License-Identifier: Apache-2.0
// What goes wrong around a backup is told, and leaves the earlier backup, and the target, as before.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct HostileBackupTests {
    private func requireCode(
        _ code: ForkError.Code, _ body: () throws -> Void,
        at location: SourceLocation = #_sourceLocation
    ) {
        do {
            try body()
            Issue.record("it was done", sourceLocation: location)
        } catch let error as ForkError {
            #expect(error.code == code, "\(error)", sourceLocation: location)
        } catch {
            Issue.record(error, sourceLocation: location)
        }
    }

    private func world() throws -> (RuleWorld, RuleProcess, Writer) {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.write(0..<10)
        try main.flush()
        try process.append(10..<12, with: main)
        return (world, process, main)
    }

    @Test func invariant6DamageInTheStoreIsToldAndTheEarlierBackupIsWhole() throws {
        let (world, process, main) = try world()
        let target = SimulatedDisk()
        _ = try process.backUp(to: target)
        let held = try target.restored().start().histories()
        try process.append(12..<20, with: main)
        try main.flush()
        let known = try target.backedUpFiles()
        let fresh = try world.files(in: StoreLayout.objects).filter {
            $0.hasSuffix(".segment") && known[$0] == nil
        }
        let segment = try #require(fresh.first)
        try world.disk.flipBit(2, of: segment, at: 40)
        requireCode(.damaged) { _ = try world.start().backUp(to: target) }
        #expect(try target.restored().start().histories() == held)
    }

    @Test func aFullDiskLeavesTheEarlierBackupWhole() throws {
        let (_, process, main) = try world()
        let target = SimulatedDisk()
        _ = try process.backUp(to: target)
        let held = try target.restored().start().histories()
        try process.append(12..<20, with: main)
        try main.flush()
        target.add(Fault(.fail(code: 28), isPermanent: true) { call, _ in call.isWrite })
        requireCode(.noSpace) { _ = try process.backUp(to: target) }
        let image = target.killImage()
        #expect(try image.restored().start().histories() == held)
        _ = try process.backUp(to: image)
        let histories = try process.histories()
        #expect(try image.restored().start().histories() == histories)
    }

    @Test func anotherBackupOrCollectionIsRefused() throws {
        let (_, process, _) = try world()
        let target = SimulatedDisk()
        _ = try process.backUp(to: target)
        let other = target.makeProcess()
        let lock = try other.open("lock", for: .readWrite)
        #expect(try lock.lock(0..<1, .exclusive, waiting: .never))
        requireCode(.busy) { _ = try process.backUp(to: target) }
        requireCode(.busy) { _ = try target.restored() }
        try lock.unlock(0..<1)
        let collecting = try #require(try process.store.locks.takeCollector())
        requireCode(.busy) { _ = try process.backUp(to: target) }
        collecting.release()
        _ = try process.backUp(to: target)
    }

    @Test func onlyAnEmptyFolderOrABackupOfThisStoreIsTaken() throws {
        let (world, process, _) = try world()
        requireCode(.alreadyExists) { _ = try process.backUp(to: world.disk) }
        let foreign = SimulatedDisk()
        _ = try foreign.makeProcess().create("letter")
        requireCode(.denied) { _ = try process.backUp(to: foreign) }
        #expect(try foreign.makeProcess().list(".") == ["letter"])
        let target = SimulatedDisk()
        _ = try process.backUp(to: target)
        let restored = try target.restored().start()
        requireCode(.denied) { _ = try restored.backUp(to: target) }
        requireCode(.notFound) { _ = try SimulatedDisk().restored() }
        requireCode(.notFound) { _ = try foreign.restored() }
        requireCode(.invalid) { _ = try world.disk.restored() }
    }
}
