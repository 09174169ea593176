// SPDX-License-Identifier: Apache-2.0
// Wherever a backup is cut short, and whatever becomes of its bytes: a backup is whole, or it is told.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct BackupCrashTests {
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

    @Test func invariant6DamageInABackupIsFoundByRestore() throws {
        let (_, process, _) = try world()
        let sound = SimulatedDisk()
        _ = try process.backUp(to: sound)
        for path in try sound.backedUpFiles().keys.sorted() + ["index"] {
            let byteCount = Int(try sound.makeProcess().open(path, for: .read).byteCount())
            for offset in [0, byteCount / 2] {
                let target = sound.killImage()
                try target.flipBit(5, of: path, at: offset)
                requireCode(.damaged) { _ = try target.restored() }
            }
            let target = sound.killImage()
            try target.makeProcess().remove(path)
            requireCode(path == "index" ? .notFound : .damaged) { _ = try target.restored() }
        }
        _ = try sound.restored()
    }

    @Test func invariant8WhereverABackupIsCutShortTheEarlierOneOrTheNextIsWhole() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.write(0..<6)
        try main.flush()
        try process.fork("gone")
        try process.write(6..<9, to: "gone").flush()
        let acknowledged = Shared(0)
        let moments = Locked<[[String: [String]]]>([[:], try process.histories()])
        var explorer = CrashExplorer()
        explorer.statesPerPoint = 2
        explorer.killsProcesses = false
        let whole = Shared(0)
        let checks = Shared(0)
        let report = try explorer.exploreDisk(
            script: { disk in
                _ = try process.backUp(to: disk)
                acknowledged.value = 1
                try process.append(6..<12, with: main)
                try main.flush()
                try process.append(12..<14, with: main)
                try process.store.drop(named("gone"))
                let histories = try process.histories()
                moments.withLock { $0.append(histories) }
                _ = try process.backUp(to: disk)
                acknowledged.value = 2
            },
            check: { image in
                // A restore costs as much as a thousand calls: one image in nine is restored.
                checks.value += 1
                guard acknowledged.value == 0 || checks.value % 9 == 0 else { return }
                let known = moments.withLock { $0 }
                let done = acknowledged.value
                let held: [String: [String]]
                do {
                    held = try image.restored().start().histories()
                } catch let error as ForkError {
                    guard done == 0, error.code != .damaged else { throw error }
                    return
                }
                guard known[max(done, 1)...].contains(held) else {
                    throw RuleBroken("after backup \(done) it holds \(held)")
                }
                whole.value += 1
            })
        #expect(report.distinctStates > 40, "\(report)")
        #expect(whole.value > 10)
    }
}
