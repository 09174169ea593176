// SPDX-License-Identifier: Apache-2.0
// What a collection costs others, counted: nobody waits while it walks the rows.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct CollectionCostTests {
    @Test func aCollectionWalksNothingWhileItHoldsWritersUp() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.write(0..<10)
        for number in 0..<700 { try process.fork("f\(number)") }
        for number in 0..<600 { try process.store.drop(named("f\(number)")) }
        let report = try process.store.collect()
        #expect(report.removedOverlayCount == 600)
        #expect(world.catalogDisk.rowsWalkedByWriters == 0)
        #expect(try process.store.collect().removedOverlayCount == 0)
        #expect(try process.history(of: "f650") == RuleWorld.lines(0..<10))
        withExtendedLifetime(main) {}
    }

    @Test func forksComeAndGoWhileACollectionWalksTheRows() throws {
        let world = try RuleWorld()
        let process = try world.start()
        try process.write(0..<10).close()
        try process.fork("old")
        let writer = try process.write(10..<20, to: "old")
        try writer.flush()
        try writer.close()
        let other = try world.start()
        let findings = Findings()
        // The collection's commit is done, and its walk not begun.
        process.step.next(.afterCommit) {
            process.step.next(.beforeRead) {
                findings.record {
                    try other.fork("new", from: "old")
                    try other.write(20..<25, to: "new").close()
                    try other.store.drop(named("old"))
                }
            }
        }
        _ = try process.store.collect()
        try findings.check()
        #expect(try process.history(of: "new") == RuleWorld.lines(0..<25))
        #expect(try process.store.verify().isSound)
        _ = try process.store.collect()
        #expect(try process.history(of: "new") == RuleWorld.lines(0..<25))
        #expect(try process.store.verify().isSound)
    }
}
