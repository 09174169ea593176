// SPDX-License-Identifier: Apache-2.0
// Invariant 7 where temporary files have names: what a killed process left goes.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct TemporarySweepTests {
    @Test func invariant7WhatKilledProcessesLeftIsCollected() throws {
        let world = try RuleWorld()
        let killed = world.disk.makeProcess()
        try killed.createFolder(StoreLayout.temporary)
        let left = try killed.create("\(StoreLayout.temporary)/1-2")
        let process = try world.start()
        try process.write(0..<5).close()
        killed.kill()
        #expect(try process.store.verify().garbageCount == 1)
        let told = try process.store.collect(isDryRun: true)
        #expect(told.removedTemporaryCount == 1)
        #expect(told.candidates.map(\.path) == ["temporary/1-2"])
        #expect(try process.store.collect().removedTemporaryCount == 1)
        #expect(try world.files(in: StoreLayout.temporary).isEmpty)
        #expect(try process.store.verify().garbageCount == 0)
        #expect(try process.history(of: "main") == RuleWorld.lines(0..<5))
        withExtendedLifetime(left) {}
    }
}
