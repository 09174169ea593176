// SPDX-License-Identifier: Apache-2.0
// What forks alone reach is what a collection frees once they are dropped.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct ExclusiveSizeTests {
    @Test func whatIsToldIsWhatACollectionFrees() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.write(0..<40)
        try main.flush()
        try process.fork("a")
        try process.write(40..<60, to: "a").close()
        try process.fork("b", from: "a")
        let b = try process.write(60..<90, to: "b")
        try b.flush()
        try b.close()
        try process.fork("empty", from: "b")
        _ = try process.store.collect()
        let ids = try ["a", "b", "empty"].map { try process.store.describe(named($0)).id }
        let alone = try process.store.exclusiveSizes(of: Set(ids))
        #expect(alone.byteCounts[ids[2]] == 0)
        var sizes = alone
        for (count, name) in ["b", "empty", "a"].enumerated() {
            let id = try process.store.describe(named(name)).id
            sizes = try process.store.exclusiveSizes(of: [id])
            #expect(sizes.byteCountTogether == sizes.byteCounts[id])
            try process.store.drop(named(name))
            let report = try process.store.collect()
            let freed = report.removedObjectByteCount + report.removedJournalByteCount
            #expect(freed == sizes.byteCountTogether, "\(name), after \(count) drops")
        }
        let freed = alone.byteCountTogether
        #expect(freed > 0 && freed >= alone.byteCounts.values.reduce(0, +))
        withExtendedLifetime(main) {}
    }

    @Test func aForkThatIsCollectedMeanwhileIsNoDamage() throws {
        let world = try RuleWorld()
        let process = try world.start()
        try process.write(0..<20).close()
        try process.fork("going")
        let writer = try process.write(20..<40, to: "going")
        try writer.flush()
        try writer.close()
        let sizer = try world.start()
        let main = try sizer.store.describe(.main).id
        let hasGone = Shared(false)
        // Between the look at the rows and the marking the other fork goes, with all it had.
        world.disk.hooks.beforeCall = { caller, call in
            guard caller == sizer.fileSystem.process, !hasGone.value,
                call.path.hasPrefix("objects/")
            else { return }
            hasGone.value = true
            do {
                try process.store.drop(named("going"))
                _ = try process.store.collect()
            } catch { Issue.record(error) }
        }
        let sizes = try sizer.store.exclusiveSizes(of: [main])
        world.disk.hooks.beforeCall = nil
        #expect(hasGone.value)
        #expect(sizes.byteCountTogether > 0)
    }
}
