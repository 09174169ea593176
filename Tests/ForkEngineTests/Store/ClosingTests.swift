// SPDX-License-Identifier: Apache-2.0
// What others do with a writer while it closes, and beside a recovery.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct ClosingTests {
    /// Closes `writer` when the next pin is made.
    private func close(_ writer: Writer, atTheNextPinOf world: RuleWorld) -> Findings {
        let findings = Findings()
        world.disk.hooks.beforeCall = { _, call in
            guard case .create(let path) = call, path.hasPrefix("pins/"), !findings.isOver else {
                return
            }
            findings.record { try writer.close() }
        }
        return findings
    }

    @Test func invariant2AViewTakenWhileItsWriterClosesHasNoGap() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let writer = try process.write(0..<10)
        let findings = close(writer, atTheNextPinOf: world)
        let view = try process.store.view(at: point("main"))
        world.disk.hooks.beforeCall = nil
        try findings.check()
        #expect(view.head == Position(10))
        #expect(try view.transcript() == RuleWorld.lines(0..<10))
    }

    @Test(arguments: ["main@1970-01-01T00:00:00.000000003Z", "main@4"])
    func rule7AForkMadeWhileItsParentsWriterCloses(_ from: String) throws {
        let world = try RuleWorld()
        let process = try world.start()
        let writer = try process.write(0..<10)
        let findings = close(writer, atTheNextPinOf: world)
        try process.fork("child", from: from)
        world.disk.hooks.beforeCall = nil
        try findings.check()
        let plain = try RuleWorld()
        let other = try plain.start()
        try other.write(0..<10).close()
        try other.fork("child", from: from)
        #expect(try process.history(of: "child") == other.history(of: "child"))
        let (child, expected) = try (
            process.store.describe(named("child")), other.store.describe(named("child"))
        )
        #expect(child.base == expected.base && child.logicalByteCount == expected.logicalByteCount)
    }

    /// A conflict is resolved outside the lock: a writer that was closed meanwhile says so, and
    /// takes nothing for damage.
    @Test func aConflictBesideACloseIsNoDamage() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let writer = try process.write(0..<6)
        try writer.flush()
        let findings = Findings()
        world.disk.hooks.beforeCall = { caller, call in
            guard caller == process.fileSystem.process, case .open(let path, _) = call,
                path.hasSuffix(".segment"), !findings.isOver
            else { return }
            findings.record {
                try writer.close()
                let other = try world.start()
                for number in 6..<14 {
                    let next = try other.write(number..<number + 1)
                    try next.flush()
                    try next.close()
                }
                _ = try other.store.collect()
            }
        }
        let batch = AppendBatch()
        try batch.add(
            stream: "s0", type: "t", data: [0x31], time: Timestamp(nanoseconds: 0),
            id: EventID(high: 1, low: 2))
        let refused = try failure {
            try writer.append(
                batch, expecting: [Expectation(stream: "s0", version: .exactly(Version(0)))])
        }
        world.disk.hooks.beforeCall = nil
        if findings.isOver { try findings.check() }
        #expect(refused?.code != .damaged, "\(refused as Any)")
        #expect(refused != nil)
    }

    @Test func twoThreadsThatCloseLeaveNoSlot() throws {
        for _ in 0..<20 {
            let temporary = try TemporaryStore()
            let writer = try temporary.store.openWriter(.main)
            _ = try writer.append(.numbered(0, stream: "s"))
            let failures = Shared<[String]>([])
            let threads = (0..<3).map { _ in
                Thread {
                    do { try writer.close() } catch { failures.value.append("\(error)") }
                }
            }
            for thread in threads { thread.join() }
            #expect(temporary.store.slots.occupied().isEmpty)
            #expect(failures.value.isEmpty, "\(failures.value)")
        }
    }

    /// Rule 3: who recovers a fork for a reader is waited for, and is no writer.
    @Test func rule3ARecoveryIsNotTakenForAWriter() throws {
        let world = try RuleWorld()
        let killed = try world.start()
        let writer = try killed.write(0..<3)
        killed.kill()
        let after = world.afterKill()
        let (reader, opener) = (try after.start(), try after.start())
        let waited = Shared<UInt64>(0)
        let findings = Findings()
        reader.step.next(.beforeWrite) {
            findings.record {
                let start = after.time.sinceBoot()
                let refused = try failure { try opener.store.openWriter(.main) }
                waited.value = after.time.sinceBoot() - start
                // One thread plays both: the recovery cannot end while it is waited for.
                try require(refused?.code == .busy, "\(refused as Any)")
            }
        }
        #expect(try reader.history(of: "main") == RuleWorld.lines(0..<3))
        try findings.check()
        #expect(waited.value >= 1_000_000_000)
        _ = try opener.write(3..<4)
        withExtendedLifetime(writer) {}
    }
}
