// SPDX-License-Identifier: Apache-2.0
// A backup's rows and words are of one moment, and its journals' frames were read (rules 4 and 6).
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct BackupMomentTests {
    /// Around each of the backup's transactions somebody appends to a parent, forks it there, and
    /// appends to the child; while words are read, and before the commit, to the parent alone.
    @Test func rule6AWordIsReadInTheTransactionWhoseRowsGoWithIt() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.write(0..<10)
        let backer = try world.start()
        let number = Shared(10)
        let (forkedBeforeWrite, readCount) = (Shared(0), Shared(0))
        let (isActing, isWriting) = (Shared(false), Shared(false))
        @Sendable func act(forking: Bool) {
            guard !isActing.value else { return }
            isActing.value = true
            defer { isActing.value = false }
            let next = number.value
            number.value += 1
            do {
                try process.append(next..<next + 1, with: main)
                guard forking else { return }
                try process.fork("at-\(next)")
                try process.write(next..<next + 2, to: "at-\(next)").close()
            } catch { Issue.record(error) }
        }
        backer.step.watch { step in
            act(forking: step == .beforeWrite || step == .beforeRead)
            if step == .beforeWrite { forkedBeforeWrite.value += 1 }
            isWriting.value = step == .beforeWrite
        }
        world.disk.hooks.beforeCall = { caller, call in
            guard caller == backer.fileSystem.process else { return }
            guard case .loadWord(StoreLayout.live, _) = call, isWriting.value, readCount.value < 40
            else { return }
            readCount.value += 1
            act(forking: false)
        }
        let target = SimulatedDisk()
        _ = try backer.backUp(to: target)
        world.disk.hooks.beforeCall = nil
        #expect(forkedBeforeWrite.value > 0 && readCount.value > 0)
        let final = try process.histories()
        let restored = try target.restored().start()
        #expect(try restored.store.verify().damages == [])
        let held = try restored.histories()
        let head = held["main"]?.count ?? 0
        #expect(held.count > 1)
        for (name, lines) in held {
            #expect(final[name]?.starts(with: lines) == true, "\(name)")
            // What a child inherited its parent had shown by then.
            guard let base = Int(name.dropFirst("at-".count)) else { continue }
            #expect(head >= base + 1, "\(name): main ends at \(head)")
            #expect(lines.count == base + 3, "\(name)")
        }
    }

    @Test(arguments: [false, true])
    func rule4ADamagedFrameEndsTheBackup(_ isSealed: Bool) throws {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.write(0..<4)
        let target = SimulatedDisk()
        _ = try process.backUp(to: target)
        let held = try target.restored().start().histories()
        try process.append(4..<9, with: main)
        if isSealed { try main.close() }
        let sound = world.afterKill()
        try world.damageEvent(6)
        let refused = try failure { try world.start().backUp(to: target) }
        #expect(refused?.code == .damaged && refused?.message.contains("journals/") == true)
        #expect(try target.restored().start().histories() == held)
        // The one without the damage goes on where that one ended.
        _ = try sound.start().backUp(to: target)
        #expect(try target.restored().start().history(of: "main") == RuleWorld.lines(0..<9))
        withExtendedLifetime(main) {}
    }
}
