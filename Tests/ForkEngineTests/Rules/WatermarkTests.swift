// SPDX-License-Identifier: Apache-2.0
// Invariant 2 with threads: readers look while appends wait for slow syncs.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct WatermarkTests {
    @Test func invariant2ReadersNeverSeeWhatNoSyncHasCovered() throws {
        let world = try RuleWorld()
        let owner = try world.start(isHonest: true)
        let other = try world.start(isHonest: true)
        let writer = try owner.write(0..<1)
        // A reader that finds the publish lock taken asks again.
        world.disk.hooks.whileBlocked = nil
        let synced = Shared(1)
        let process = owner.fileSystem.process
        world.disk.hooks.beforeCall = { caller, call in
            guard caller == process else { return }
            if case .sync(let path) = call, path.hasPrefix("journals/") {
                SystemTime().sleep(nanoseconds: 300_000)
            }
            // The word moves once the sync is done, and never before.
            if case .compareExchangeWord("live", _) = call { synced.value += 1 }
        }
        let isDone = Shared(false)
        let findings = Findings()
        let appendCount = 150
        let appender = Thread {
            findings.record { _ = try owner.append(1..<appendCount, with: writer) }
            isDone.value = true
        }
        let readers = [owner.store, other.store].map { store in
            Thread {
                var last = Position.zero
                for lookNumber in 0... {
                    let isLast = isDone.value && lookNumber >= 3
                    findings.record { last = try Self.look(at: store, synced, from: last) }
                    if isLast { return }
                }
            }
        }
        for thread in [appender] + readers { thread.join() }
        world.disk.hooks.beforeCall = nil
        try findings.check()
        #expect(findings.count > 10)
        #expect(try other.history(of: "main") == RuleWorld.lines(0..<appendCount))
    }

    /// One look of a reader; returns the head that it saw.
    private static func look(
        at store: Store, _ synced: Shared<Int>, from last: Position
    ) throws -> Position {
        let view = try store.view(at: point("main"))
        let covered = synced.value
        let lines = try view.transcript()
        try require(lines == RuleWorld.lines(0..<Int(view.head.rawValue)), "a gap: \(lines)")
        try require(
            Int(view.head.rawValue) <= covered, "saw \(view.head), and \(covered) were synced")
        try require(view.head >= last, "went back to \(view.head) from \(last)")
        return view.head
    }
}
