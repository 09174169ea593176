// SPDX-License-Identifier: Apache-2.0
// What a child inherited and its parent flushed meanwhile is taken over, not written again.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct AdoptionTests {
    /// Segments in the store.
    private func segmentCount(_ world: RuleWorld) throws -> Int {
        try world.files(in: StoreLayout.objects).filter { $0.hasSuffix(".segment") }.count
    }

    /// A parent of 60 events, all unflushed, a fork of it at `cut` with 4 events of its own, which
    /// stays open while the parent flushes.
    private func world(
        cut: Int
    ) throws -> (world: RuleWorld, process: RuleProcess, main: Writer, child: Writer) {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.write(0..<60)
        try process.fork("child", from: "main@\(cut)")
        let child = try process.write(100..<104, to: "child")
        return (world, process, main, child)
    }

    @Test(arguments: [60, 31, 1])
    func aChildTakesOverItsParentsSegments(cut: Int) throws {
        let (world, process, main, child) = try world(cut: cut)
        let before = try process.history(of: "child")
        try main.flush()
        #expect(try segmentCount(world) == 1)
        try child.flush()
        #expect(try segmentCount(world) == 2, "the child wrote its own events alone")
        #expect(try process.history(of: "child") == before)
        #expect(try world.start().history(of: "child") == before)
        // Whatever the parent does later, and whether or not it is there.
        try process.append(60..<70, with: main)
        try main.flush()
        try main.close()
        _ = try process.store.collect()
        #expect(try world.start().history(of: "child") == before)
        #expect(try world.start().store.verify().isSound)
    }

    @Test func aGrandchildTakesOverFromWhoHasFlushedMost() throws {
        let (world, process, main, child) = try world(cut: 60)
        try process.fork("grandchild", from: "child")
        let grandchild = try process.write(200..<203, to: "grandchild")
        let before = try process.history(of: "grandchild")
        try main.flush()
        // Of the inheritance the four events of the middle fork alone are written again.
        try grandchild.flush()
        #expect(try segmentCount(world) == 3)
        #expect(try world.start().history(of: "grandchild") == before)
        // The middle fork makes the same segment of them.
        try child.flush()
        #expect(try segmentCount(world) == 3)
        #expect(try world.start().history(of: "grandchild") == before)
        #expect(try world.start().store.verify().isSound)
        withExtendedLifetime(main) {}
    }

    @Test func anInheritanceAloneIsTakenOverAsARoot() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.write(0..<60)
        try process.fork("child")
        let child = try process.store.openWriter(named("child"))
        try main.flush()
        let objects = try world.files(in: StoreLayout.objects)
        try child.flush()
        #expect(try world.files(in: StoreLayout.objects) == objects)
        #expect(try world.start().history(of: "child") == RuleWorld.lines(0..<60))
        withExtendedLifetime(main) {}
    }

    /// Invariant 10: the child's journals are sound, and are not given up for what is not.
    /// At the front lies what only reading every byte shows, at the back what opening shows.
    @Test(
        arguments: [".segment", ".run"],
        [(own: 0, atFront: true), (0, false), (2, true), (2, false)])
    func invariant10SoundJournalsAreNotGivenUpForDamage(
        _ kind: String, _ place: (own: Int, atFront: Bool)
    ) throws {
        let own = place.own
        let world = try RuleWorld()
        let owner = try world.start()
        let main = try owner.write(0..<5)
        try owner.fork("child")
        try main.flush()
        for path in try world.files(in: StoreLayout.objects) where path.hasSuffix(kind) {
            let end = try world.bytes(of: path).count
            try world.disk.flipBit(3, of: path, at: place.atFront ? 40 : end - 70)
        }
        let process = try world.start()
        let writer = try process.write(10..<10 + own, to: "child")
        let before = try process.history(of: "child")
        #expect(before.count == 5 + own)
        do {
            try writer.flush()
        } catch {
            // Its own objects would have the damaged one's address: nothing is changed then.
            #expect(error.code == .damaged)
        }
        try writer.close()
        #expect(try world.start().history(of: "child") == before)
        withExtendedLifetime(main) {}
    }

    /// Invariant 10: the parent's damage does not keep the child from flushing what it has.
    @Test func invariant10FromADamagedParentNothingIsTaken() throws {
        let (world, process, main, _) = try world(cut: 31)
        let before = try process.history(of: "child")
        try main.flush()
        for path in try world.files(in: StoreLayout.objects) where path.hasSuffix(".nodes") {
            try world.disk.flipBit(1, of: path, at: 40)
        }
        process.kill()
        let after = world.afterKill()
        let child = try after.start().store.openWriter(named("child"))
        try child.flush()
        #expect(try after.start().history(of: "child") == before)
    }
}
