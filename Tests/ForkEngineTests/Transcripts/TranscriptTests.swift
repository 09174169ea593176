// SPDX-License-Identifier: Apache-2.0
// Each operation's calls against Tests/Fixtures/transcripts, which people have read. An order that
// changes by accident is seen here; one that changes on purpose is recorded anew with
// FORKCTL_RECORD=1, and reviewed as text.
import ForkEngine
import ForkTesting
import Foundation
import SegmentStore
import Testing

@Suite struct TranscriptTests {
    struct Operation: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var prepare: @Sendable (RuleProcess) throws -> Writer? = { _ in nil }
        let run: @Sendable (RuleProcess, Writer?, RuleWorld) throws -> Void
    }

    static let operations = [
        Operation(
            testDescription: "append-first",
            run: { process, _, _ in _ = try process.write(0..<1) }),
        Operation(
            testDescription: "append-next", prepare: { try $0.write(0..<1) },
            run: { process, writer, _ in
                if let writer { try process.append(1..<2, with: writer) }
            }),
        Operation(
            testDescription: "close", prepare: { try $0.write(0..<2) },
            run: { _, writer, _ in try writer?.close() }),
        Operation(
            testDescription: "create", prepare: { try $0.write(0..<5) },
            run: { process, _, _ in try process.fork("child") }),
        Operation(
            testDescription: "create-past", prepare: { try flushed($0) },
            run: { process, _, _ in try process.fork("child", from: "main@3") }),
        Operation(
            testDescription: "flush", prepare: { try $0.write(0..<5) },
            run: { _, writer, _ in try writer?.flush() }),
        Operation(
            testDescription: "flush-adopting",
            prepare: { process in
                let main = try process.write(0..<5)
                try process.fork("child")
                let child = try process.write(10..<12, to: "child")
                try main.flush()
                try main.close()
                return child
            }, run: { _, child, _ in try child?.flush() }),
        Operation(
            testDescription: "merge",
            prepare: { process in
                let writer = try process.write(0..<3)
                try writer.flush()
                try process.append(3..<6, with: writer)
                try writer.flush()
                return try process.append(6..<9, with: writer)
            }, run: { _, writer, _ in try writer?.flush() }),
        Operation(
            testDescription: "drop",
            prepare: { process in
                try process.fork("child")
                try process.write(0..<3, to: "child").close()
                return nil
            }, run: { process, _, _ in try process.store.drop(named("child")) }),
        Operation(
            testDescription: "drop-written",
            prepare: { process in
                try process.fork("child")
                return try process.write(0..<3, to: "child")
            }, run: { process, _, _ in try process.store.drop(named("child")) }),
        Operation(
            testDescription: "expire",
            prepare: { process in
                try process.fork("short", expiry: .after(nanoseconds: 1_000_000_000))
                try process.write(0..<3, to: "short").close()
                return nil
            },
            run: { process, _, world in
                world.time.step(nanoseconds: 2_000_000_000)
                _ = try process.store.collect()
            }),
        Operation(
            testDescription: "collect",
            prepare: { process in
                try process.fork("child")
                let child = try process.write(0..<3, to: "child")
                try child.flush()
                try child.close()
                try process.store.drop(named("child"))
                return nil
            }, run: { process, _, _ in _ = try process.store.collect() }),
        Operation(
            testDescription: "collect-nothing", prepare: { try flushed($0) },
            run: { process, _, _ in _ = try process.store.collect() }),
        Operation(
            testDescription: "view", prepare: { try flushed($0) },
            run: { process, _, world in
                // Of a fork that no process writes: by a pin.
                let view = try process.store.view(at: point("main"))
                _ = try view.transcript()
            }),
    ]

    /// `main` with five events in a segment, and no writer.
    private static func flushed(_ process: RuleProcess) throws -> Writer? {
        let writer = try process.write(0..<5)
        try writer.flush()
        try writer.close()
        return nil
    }

    @Test(arguments: operations)
    func itsCallsAreThoseThatWereReviewed(_ operation: Operation) throws {
        let world = try RuleWorld()
        let process = try world.start()
        let writer = try operation.prepare(process)
        let transcript = Transcript(of: process, in: world)
        try operation.run(process, writer, world)
        world.disk.hooks.beforeCall = nil
        try compare(transcript.text(), operation.testDescription)
        withExtendedLifetime(writer) {}
    }

    @Test func recovering() throws {
        let world = try RuleWorld()
        let killed = try world.start()
        let writer = try killed.write(0..<3)
        killed.kill()
        let after = world.afterKill()
        let process = try after.start()
        let transcript = Transcript(of: process, in: after)
        _ = try process.store.openWriter(.main)
        after.disk.hooks.beforeCall = nil
        try compare(transcript.text(), "recover")
        withExtendedLifetime(writer) {}
    }

    /// Flushed and pending events, a child, and a fork that is dropped between two backups.
    @Test func backingUpAndRestoring() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.write(0..<5)
        try main.flush()
        try process.append(5..<7, with: main)
        try process.fork("child")
        let child = try process.write(7..<9, to: "child")
        try child.flush()
        try child.close()
        let backup = SimulatedDisk()
        func backUp(_ name: String) throws {
            let transcript = Transcript(of: process, in: world)
            transcript.watch(backup, as: "backup: ")
            _ = try process.backUp(to: backup)
            world.disk.hooks.beforeCall = nil
            backup.hooks.beforeCall = nil
            try compare(transcript.text(), name)
        }
        try backUp("backup")
        try process.append(7..<9, with: main)
        try process.store.drop(named("child"))
        try backUp("backup-next")

        let (transcript, target) = (Transcript(), SimulatedDisk())
        transcript.watch(backup, as: "backup: ")
        transcript.watch(target)
        _ = try Store.restore(
            from: backup.makeProcess(), into: target.makeProcess(), entropy: SeededEntropy(seed: 3)
        ) { (record) throws(ForkError) in
            SimulatedCatalog(on: SimulatedCatalogDisk(store: record)) { step in
                transcript.add(step)
                return true
            }
        }
        backup.hooks.beforeCall = nil
        target.hooks.beforeCall = nil
        try compare(transcript.text(), "restore")
        withExtendedLifetime(main) {}
    }

    /// Of a segment that its journal still holds, and of one that nothing can bring back.
    @Test(arguments: ["repair-rebuilt", "repair-lost"])
    func repairingASegment(_ name: String) throws {
        let world = try RuleWorld()
        let killed = try world.start()
        _ = try Self.flushed(killed)
        if name == "repair-lost" { _ = try killed.store.collect() }
        killed.kill()
        let path = try #require(
            try world.files(in: StoreLayout.objects).first { $0.hasSuffix(".segment") })
        try RepairWorld.Damage.truncated.strike(path, in: world)
        let process = try world.start()
        let transcript = Transcript(of: process, in: world)
        _ = try process.store.repair()
        world.disk.hooks.beforeCall = nil
        try compare(transcript.text(), name)
    }

    private func compare(_ text: String, _ name: String) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let file = folder.appending(path: "../../Fixtures/transcripts/\(name).txt").standardized
        if ProcessInfo.processInfo.environment["FORKCTL_RECORD"] != nil {
            return try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let golden = try String(contentsOf: file, encoding: .utf8)
        #expect(text == golden, "\(name): FORKCTL_RECORD=1 records what is done now")
    }
}
