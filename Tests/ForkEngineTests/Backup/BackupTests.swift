// SPDX-License-Identifier: Apache-2.0
// A backup holds all forks of one moment, copies only what is new, and is whole at every instant.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct BackupTests {
    /// Flushed and unflushed events, live writers, children of both, an empty fork, a dead writer.
    private func populate(_ process: RuleProcess) throws -> [Writer] {
        let main = try process.write(0..<10)
        try main.flush()
        try process.append(10..<15, with: main)
        try process.fork("child")
        let child = try process.write(15..<20, to: "child")
        try process.fork("grandchild", from: "child")
        try process.write(20..<24, to: "grandchild").close()
        try process.fork("past", from: "main@7")
        try process.fork("empty", from: "past")
        try process.append(20..<22, with: main)
        return [main, child]
    }

    @Test func aBackupHoldsEveryForkWithWhatIsNotFlushed() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let writers = try populate(process)
        let before = try process.histories()
        let target = SimulatedDisk()
        let report = try process.backUp(to: target)
        #expect(report.forkCount == 5)
        #expect(report.eventCount == 17 + 5 + 4)
        try process.append(90..<95, with: writers[0])
        let restored = try target.restored()
        let second = try restored.start()
        #expect(try second.histories() == before)
        #expect(try second.store.verify().damages == [])
        #expect(try second.store.verify().unknownPaths == [])
        withExtendedLifetime(writers) {}
    }

    @Test func aRestoredStoreGoesOnInOverlaysOfItsOwn() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let writers = try populate(process)
        let target = SimulatedDisk()
        _ = try process.backUp(to: target)
        let one = try target.restored(seed: 1).start()
        let two = try target.restored(seed: 2).start()
        var ids: Set<EventID> = []
        var all: [[EventID]] = []
        for store in [process.store, one.store, two.store] {
            let writer = try store === process.store ? writers[0] : store.openWriter(.main)
            _ = try writer.append(.numbered(77, stream: "s"))
            var found: [EventID] = []
            let view = try store.view(at: point("main"))
            try view.scan(.zero..<view.head) { (event) throws(ForkError) in
                found.append(try view.id(of: event))
                return true
            }
            all.append(found)
            if let last = found.last { ids.insert(last) }
        }
        #expect(ids.count == 3, "the same place in three stores is three events")
        #expect(all[0].dropLast() == all[1].dropLast(), "what was backed up keeps its ids")
        let overlays = try [one, two].map { process in
            try process.store.catalog.read { catalog throws(ForkError) in
                try catalog.fork(.main)?.snapshot.overlay
            }
        }
        #expect(overlays[0] != overlays[1])
        // Everything works on: forks, flushes, collections, comparisons.
        try one.fork("later", from: "child")
        try one.write(30..<34, to: "later").flush()
        _ = try one.store.collect()
        #expect(try one.history(of: "later").count == 24)
        #expect(try one.store.verify().damages == [])
    }

    @Test func aSecondBackupCopiesWhatIsNewAndRemovesWhatIsNotNeeded() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.write(0..<10)
        try main.flush()
        try process.fork("gone")
        let gone = try process.write(10..<20, to: "gone")
        try gone.flush()
        try gone.close()
        let target = SimulatedDisk()
        let first = try process.backUp(to: target)
        #expect(first.copiedObjectCount > 0 && first.reusedObjectCount == 0)
        let same = try process.backUp(to: target)
        #expect(same.copiedByteCount == 0 && same.removedFileCount == 0)
        #expect(same.reusedObjectCount == first.copiedObjectCount)
        let before = try target.backedUpFiles()
        try process.append(20..<30, with: main)
        try main.flush()
        try process.store.drop(named("gone"))
        let third = try process.backUp(to: target)
        let after = try target.backedUpFiles()
        let fresh = after.filter { before[$0.key] == nil }
        #expect(third.copiedByteCount == fresh.values.reduce(0, +))
        #expect(third.removedFileCount == before.filter { after[$0.key] == nil }.count)
        #expect(third.removedFileCount > 0)
        let history = try process.histories()
        #expect(try target.restored().start().histories() == history)
    }

    /// At every call of the backup somebody appends to a parent, forks it, and appends there.
    @Test func invariant4AllForksAreOfOneMomentWhileOthersWrite() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.write(0..<10)
        try main.flush()
        let backer = try world.start()
        let target = SimulatedDisk()
        let count = Shared(10)
        let busy = Shared(false)
        world.disk.hooks.beforeCall = { caller, _ in
            guard caller == backer.fileSystem.process, !busy.value, count.value < 60 else { return }
            busy.value = true
            defer { busy.value = false }
            let number = count.value
            count.value += 1
            do {
                try process.append(number..<number + 1, with: main)
                if number % 7 == 0 { try process.fork("at-\(number)") }
                if number % 11 == 0 { try main.flush() }
            } catch { Issue.record(error) }
        }
        let report = try backer.backUp(to: target)
        world.disk.hooks.beforeCall = nil
        #expect(count.value > 20, "others wrote meanwhile")
        let final = try process.histories()
        let restored = try target.restored().start()
        let held = try restored.histories()
        #expect(held.count == report.forkCount)
        for (name, lines) in held {
            let whole = try #require(final[name])
            #expect(Array(whole.prefix(lines.count)) == lines, "\(name)")
            // A child was made before the moment, and so was what it inherited of its parent.
            #expect(lines.count <= held["main"]?.count ?? 0, "\(name)")
        }
        #expect(held["main"]?.count ?? 0 >= 10)
        #expect(try restored.store.verify().damages == [])
    }
}
