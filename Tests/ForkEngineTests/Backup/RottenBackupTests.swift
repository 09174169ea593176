// SPDX-License-Identifier: Apache-2.0
// What has rotted in a backup is found by the next one, and copied anew (invariant 6).
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct RottenBackupTests {
    private func world() throws -> (RuleWorld, RuleProcess, Writer) {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.write(0..<10)
        try main.flush()
        try process.append(10..<12, with: main)
        return (world, process, main)
    }

    private enum Rot: CaseIterable {
        case flipped, truncated, longer, missing

        func strike(_ path: String, on disk: SimulatedDisk) throws {
            let files = disk.makeProcess()
            if self == .missing { return try files.remove(path) }
            let file = try files.open(path, for: .readWrite)
            let byteCount = try file.byteCount()
            switch self {
            case .flipped: try disk.flipBit(3, of: path, at: Int(byteCount / 2))
            case .truncated: try file.resize(to: byteCount / 2)
            case .longer: try file.resize(to: byteCount + 1)
            case .missing: break
            }
        }
    }

    @Test func invariant6TheNextBackupReplacesWhatHasRotted() throws {
        let (_, process, main) = try world()
        let sound = SimulatedDisk()
        _ = try process.backUp(to: sound)
        let whole = try process.backUp(to: sound)
        #expect(whole.replacedFileCount == 0 && whole.copiedByteCount == 0)
        #expect(whole.reusedObjectCount > 2 && whole.reusedJournalCount > 0)
        let histories = try process.histories()
        var replaced = 0
        for path in try sound.backedUpFiles().keys.sorted() {
            for rot in Rot.allCases {
                let target = sound.killImage()
                try rot.strike(path, on: target)
                let report = try process.backUp(to: target)
                #expect(report.replacedFileCount == 1, "\(rot) of \(path)")
                #expect(report.copiedObjectCount + report.copiedJournalCount == 1)
                #expect(try target.restored().start().histories() == histories, "\(rot): \(path)")
                #expect(try process.backUp(to: target).replacedFileCount == 0)
                replaced += 1
            }
        }
        #expect(replaced >= 16)
        withExtendedLifetime(main) {}
    }

    @Test func aDamagedIndexIsSetAsideAndTheNextBackupIsWhole() throws {
        let (_, process, main) = try world()
        let sound = SimulatedDisk()
        let first = try process.backUp(to: sound)
        let histories = try process.histories()
        for rot in Rot.allCases where rot != .missing {
            let target = sound.killImage()
            try rot.strike("index", on: target)
            let refused = #expect(throws: ForkError.self) { try target.restored() }
            #expect(refused?.code == .damaged)
            #expect(refused?.message.contains("'forkctl backup' into it") == true)
            let report = try process.backUp(to: target)
            #expect(report.damagedIndex?.contains("index") == true, "\(rot)")
            #expect(report.reusedObjectCount == first.copiedObjectCount)
            #expect(report.copiedObjectCount == 0 && report.removedFileCount == 0)
            #expect(try target.makeProcess().status("index.damaged") != nil)
            #expect(try target.restored().start().histories() == histories)
            #expect(try process.backUp(to: target).damagedIndex == nil)
        }
        let empty = sound.killImage()
        try empty.makeProcess().open("index", for: .readWrite).resize(to: 0)
        #expect(try process.backUp(to: empty).damagedIndex != nil)
        withExtendedLifetime(main) {}
    }

    @Test func aBackupWithoutItsFormatOrLockIsOneStill() throws {
        let (_, process, main) = try world()
        let sound = SimulatedDisk()
        _ = try process.backUp(to: sound)
        let histories = try process.histories()
        for name in ["format", "lock"] {
            let target = sound.killImage()
            try target.makeProcess().remove(name)
            #expect(try target.killImage().restored().start().histories() == histories)
            #expect(try process.backUp(to: target).copiedByteCount == 0)
            #expect(try target.makeProcess().status(name) != nil)
        }
        let garbled = sound.killImage()
        try garbled.flipBit(2, of: "format", at: 3)
        #expect(try garbled.killImage().restored().start().histories() == histories)
        #expect(try process.backUp(to: garbled).copiedByteCount == 0)
        withExtendedLifetime(main) {}
    }

    @Test func invariant10ARestoreNamesTheForksAndMakesWhatIsLeftWhereItIsTold() throws {
        let (_, process, main) = try world()
        try process.fork("child", from: "main@3")
        try process.fork("none", from: "main@0")
        let sound = SimulatedDisk()
        _ = try process.backUp(to: sound)
        for path in try sound.backedUpFiles().keys.sorted() {
            for rot in [Rot.flipped, .missing] {
                let target = sound.killImage()
                try rot.strike(path, on: target)
                let refused = #expect(throws: ForkError.self) { try target.restored() }
                #expect(refused?.code == .damaged)
                let message = refused?.message ?? ""
                #expect(message.contains(path) && message.contains("'main'"), "\(message)")
                #expect(!message.contains("'none'"), "\(message)")
                let world = try target.restored(acceptsDamage: true)
                let restored = try world.start()
                #expect(try !restored.store.verify().isSound, "\(rot) of \(path)")
                _ = try restored.store.repair()
                #expect(try world.start().store.verify().isSound, "\(rot) of \(path)")
                #expect(try world.start().history(of: "none") == [])
            }
        }
        withExtendedLifetime(main) {}
    }
}
