// SPDX-License-Identifier: Apache-2.0
// Invariant 8, call by call: each operation is failed, and killed, at each call that it makes.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct FailingCallTests {
    /// One operation, on a process that has got ready for it.
    struct Operation: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let prepare: @Sendable (RuleProcess) throws -> Writer?
        let run: @Sendable (RuleProcess, Writer?) throws -> Void
    }

    static let operations = [
        Operation(testDescription: "create", prepare: { _ in nil }) { process, _ in
            try process.fork("new", from: "child@5")
        },
        Operation(testDescription: "drop", prepare: { _ in nil }) { process, _ in
            try process.store.drop(named("child"))
        },
        Operation(testDescription: "open", prepare: { _ in nil }) { process, _ in
            try process.write(0..<0, to: "child").close()
        },
        Operation(
            testDescription: "append",
            prepare: { try $0.store.openWriter(named("child")) },
            run: { process, writer in
                if let writer { try process.append(90..<91, with: writer) }
            }),
        Operation(
            testDescription: "flush", prepare: { try $0.write(80..<82, to: "child") },
            run: { _, writer in try writer?.flush() }),
        Operation(
            testDescription: "close", prepare: { try $0.write(80..<82, to: "child") },
            run: { _, writer in try writer?.close() }),
        Operation(testDescription: "collect", prepare: { _ in nil }) { process, _ in
            _ = try process.store.collect()
        },
    ]

    /// Two forks, one with all kinds of things in it, and garbage.
    static func base() throws -> RuleWorld {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.write(0..<6)
        try main.flush()
        try process.append(6..<8, with: main)
        try process.fork("child", from: "main@7")
        try process.fork("garbage")
        let garbage = try process.write(50..<55, to: "garbage")
        try garbage.flush()
        try garbage.close()
        try main.close()
        let child = try process.write(60..<64, to: "child")
        try child.close()
        try process.store.drop(named("garbage"))
        process.kill()
        return world.afterKill()
    }

    @Test(arguments: operations)
    func invariant8EachCallMayFail(_ operation: Operation) throws {
        let base = try Self.base()
        let (calls, before, after) = try Self.look(at: operation, from: base)
        #expect(!calls.isEmpty)
        // A collection looks into 256 folders: the first stands for all.
        for (number, call) in calls.enumerated()
        where !call.hasPrefix("list objects/") || call.hasPrefix("list objects/00") {
            // A full disk is told by what takes room alone.
            let takesRoom = call.hasPrefix("write") || call.hasPrefix("create")
            for effect in [.fail(code: takesRoom ? 28 : 5), .kill] as [Fault.Effect] {
                let world = base.afterKill()
                let process = try world.start()
                let writer = try operation.prepare(process)
                let place = world.disk.counts.calls + number
                world.disk.add(.at(place, effect))
                var refused: (any Error)?
                do { try operation.run(process, writer) } catch { refused = error }
                world.disk.removeFaults()
                process.kill()
                withExtendedLifetime(writer) {}
                let how = "\(operation.testDescription), \(effect) at \(number): \(call)"
                try Self.check(world, refused, before, after, how)
            }
        }
    }

    @Test(arguments: operations)
    func invariant8EachCommitMayFail(_ operation: Operation) throws {
        let base = try Self.base()
        let (_, before, after) = try Self.look(at: operation, from: base)
        let faults: [(SimulatedCatalog.Fault, ghosts: [Bool])] = [
            (.failAtBegin(.system), [false]), (.failCommitUndone, [false]),
            (.failCommitDone, [false]), (.failCommitGhost, [false, true]),
            (.killBeforeCommit, [false]), (.killInCommit, [false, true]),
            (.killAfterCommit, [false]),
        ]
        for (fault, ghosts) in faults {
            for skipped in 0..<2 {
                for ghostReturns in ghosts {
                    let world = base.afterKill()
                    let process = try world.start()
                    let writer = try operation.prepare(process)
                    if skipped == 0 {
                        process.catalog.arm(fault)
                    } else {
                        process.step.next(.afterCommit) { process.catalog.arm(fault) }
                    }
                    var refused: (any Error)?
                    do { try operation.run(process, writer) } catch { refused = error }
                    process.kill()
                    withExtendedLifetime(writer) {}
                    world.catalogDisk.recover(ghostReturns: ghostReturns)
                    let how = "\(operation.testDescription), \(fault) at \(skipped)"
                    try Self.check(world, refused, before, after, how)
                }
            }
        }
    }

    private typealias Histories = [String: [String]]

    /// The calls of an operation that nothing disturbs, and the store before and after it.
    private static func look(
        at operation: Operation, from base: RuleWorld
    ) throws -> ([String], Histories, Histories) {
        let world = base.afterKill()
        let process = try world.start()
        let writer = try operation.prepare(process)
        let before = try world.start().histories()
        world.disk.keepTranscript()
        _ = world.disk.takeTranscript()
        try operation.run(process, writer)
        // Words are memory: they do not fail, and do not count as calls.
        let calls = world.disk.takeTranscript().split(separator: "\n").map(String.init)
            .filter { !$0.contains(" word ") }
        process.kill()
        withExtendedLifetime(writer) {}
        return (calls, before, try world.start().histories())
    }

    private static func check(
        _ world: RuleWorld, _ refused: (any Error)?, _ before: Histories, _ after: Histories,
        _ how: String
    ) throws {
        let reader = try world.start()
        let found = try reader.histories()
        #expect(found == after || (refused != nil && found == before), "\(how): \(found)")
        let report = try reader.store.verify()
        #expect(report.isSound, "\(how): \(report.damages)")
        // Whatever was left half done is collected, and nothing else.
        _ = try world.start().store.collect()
        let last = try world.start()
        #expect(try last.histories() == found, "\(how), then collected")
        let garbage = try last.store.verify().garbageCount
        #expect(garbage == 0, "\(how): \(garbage) things are left")
    }
}
