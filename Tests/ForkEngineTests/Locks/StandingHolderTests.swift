// SPDX-License-Identifier: Apache-2.0
// Who holds a lock and stands still for good holds nobody up for ever: others are told by whom, and
// have done nothing (invariant 8, rules 8 and 13).
import ForkEngine
import ForkTesting
import Glibc
import SegmentStore
import Testing

@Suite struct StandingHolderTests {
    /// A world in which waits for locks take the time of its clock.
    private func world() throws -> RuleWorld {
        let time = SimulatedTime()
        let disk = SimulatedDisk(time: time)
        var catalogDisk: SimulatedCatalogDisk?
        try Store.layOut(
            in: disk.makeProcess(), time: time, entropy: SeededEntropy(seed: 1)
        ) { (record) throws(ForkError) in
            let made = SimulatedCatalogDisk(store: record)
            catalogDisk = made
            return SimulatedCatalog(on: made)
        }
        let world = RuleWorld(
            disk: disk, catalogDisk: try #require(catalogDisk), time: time,
            saboteur: Saboteur(nil))
        disk.hooks.whileBlocked = nil
        return world
    }

    /// `body` is refused after the deadline, and told by whom it was held up.
    private func expectTimeOut<Answer>(
        _ world: RuleWorld, after milliseconds: Int, naming process: RuleProcess,
        _ body: () throws -> Answer
    ) throws {
        let start = world.time.sinceBoot()
        let refused = try #require(try failure(of: body))
        let waited = Int(world.time.sinceBoot() - start) / 1_000_000
        #expect(refused.code == .timedOut, "\(refused)")
        #expect(refused.message.hasPrefix("process \(process.fileSystem.process) "), "\(refused)")
        #expect((milliseconds...milliseconds + 10).contains(waited), "\(waited) ms")
    }

    private func check(_ world: RuleWorld, main: Int, child: Int) throws {
        for image in [world.afterKill(), world.afterPowerCut()] {
            let next = try image.start()
            #expect(try next.history(of: "main") == RuleWorld.lines(0..<main))
            #expect(try next.history(of: "child") == RuleWorld.lines(0..<child))
            #expect(try next.store.verify().isSound)
            _ = try next.store.collect()
            #expect(try next.store.collect(isDryRun: true).candidates.isEmpty)
        }
    }

    @Test func rule8PublishersAndReadersDoNotWaitForACollectionForEver() throws {
        let world = try world()
        let (process, collector, reader) = try (world.start(), world.start(), world.start())
        let writer = try process.write(0..<6)
        try process.fork("child", from: "main@3")
        let pins = try world.files(in: StoreLayout.pins)
        let batch = try #require(
            try collector.store.locks.takePublishExclusive(deadlineMilliseconds: 0))
        let limit = StoreLocks.publishMilliseconds
        try expectTimeOut(world, after: limit, naming: collector) { try writer.flush() }
        try expectTimeOut(world, after: limit, naming: collector) {
            try reader.history(of: "main")
        }
        #expect(try world.files(in: StoreLayout.pins) == pins)
        // What needs no publish lock goes on, and the flush is tried again.
        try process.append(6..<9, with: writer)
        try process.fork("other")
        try process.store.drop(named("other"))
        #expect(try world.files(in: StoreLayout.objects).isEmpty)
        batch.release()
        try writer.flush()
        #expect(try !world.files(in: StoreLayout.objects).isEmpty)
        try process.append(9..<12, with: writer)
        try check(world, main: 12, child: 3)
        try writer.close()
        try check(world, main: 12, child: 3)
    }

    @Test func aSecondCollectionIsToldByWhomTheFirstIsDone() throws {
        let world = try world()
        let (first, second) = (try world.start(), try world.start())
        let lock = try #require(try first.store.locks.takeCollector())
        let refused = try failure { try second.store.collect() }
        #expect(refused?.code == .busy)
        #expect(
            refused?.message.hasPrefix("process \(first.fileSystem.process) ") == true,
            "\(refused as Any)")
        lock.release()
        _ = try second.store.collect()
    }

    @Test func aCollectionIsToldWhoPublishes() throws {
        let world = try world()
        let (publisher, collector) = (try world.start(), try world.start())
        let lock = try publisher.store.locks.takePublish()
        let refused = try failure { try collector.store.collect() }
        #expect(refused?.code == .timedOut)
        #expect(
            refused?.message.contains(" by process \(publisher.fileSystem.process), ") == true,
            "\(refused as Any)")
        lock.release()
        _ = try collector.store.collect()
    }

    /// It has the lock and its slot, and has not armed: the end of its journal cannot be told.
    @Test func whoStandsStillWithAForkThatItIsStartingToWriteIsNamed() throws {
        let world = try world()
        let (starter, other) = (try world.start(), try world.start())
        try other.fork("child")
        let child = try other.store.describe(named("child")).id
        let lock = try #require(try starter.store.locks.takeWriter(child))
        let slot = try starter.store.slots.claim(child, holder: starter.store.environment.holder)
        let name = "process \(starter.fileSystem.process)"
        for (refused, text) in [
            (
                try failure { try other.history(of: "child") },
                "fork 'child' is held by \(name), which is starting to write it or stands still:"
                    + " try again, or end it"
            ),
            (
                try failure { try other.store.openWriter(named("child")) },
                "fork 'child' is open for writing by \(name): one writer at a time"
            ),
        ] {
            #expect(refused?.code == .busy)
            #expect(refused?.message == text)
        }
        slot.free()
        lock.release()
        _ = try other.history(of: "child")
        try other.store.openWriter(named("child")).close()
    }

    /// Each transaction of a script is the one that cannot be begun. Whoever asked is told, and the
    /// same process goes on with the same writer where nothing was begun.
    @Test func invariant8ACatalogThatIsHeldDoesNothingHalf() throws {
        let failed = Shared(0)
        for held in 0..<40 {
            let world = try world()
            let process = try world.start()
            let count = Shared(0)
            process.step.watch { step in
                guard step == .beforeWrite else { return }
                if count.value == held {
                    process.catalog.arm(.failAtBegin(.timedOut))
                    failed.value += 1
                }
                count.value += 1
            }
            /// Once more where it timed out.
            @discardableResult
            func insisting<Answer>(_ body: () throws -> Answer) throws -> Answer {
                do {
                    return try body()
                } catch let error as ForkError where error.code == .timedOut {
                    return try body()
                }
            }
            var writer = try insisting { try process.store.openWriter(.main) }
            for number in 0..<9 {
                let head = writer.head
                #expect(head == Position(UInt64(number)))
                try insisting { try process.append(number..<number + 1, with: writer) }
                if number == 2 { try insisting { try process.fork("child") } }
                if number % 3 == 1 { try insisting { try writer.flush() } }
                if number == 5 {
                    // What could not be sealed waits for who opens the fork next.
                    let refused = try failure { try writer.close() }
                    #expect(refused == nil || refused?.code == .timedOut)
                    writer = try insisting { try process.store.openWriter(.main) }
                }
                if number == 6 {
                    try insisting { try process.fork("gone") }
                    try insisting { try process.store.drop(named("gone")) }
                }
                if number == 7 { _ = try insisting { try process.store.collect() } }
            }
            process.step.watch { _ in }
            try check(world, main: 9, child: 3)
            #expect(try process.history(of: "main") == RuleWorld.lines(0..<9))
            if count.value <= held { break }
        }
        #expect(failed.value >= 14, "\(failed.value) transactions")
    }

    /// A drop that stands still in its transaction has fenced the writer already.
    @Test func rule2AFenceOfWhoStandsStillEndsTheAppendAndLosesNothing() throws {
        let world = try world()
        let (process, dropper) = (try world.start(), try world.start())
        try process.fork("child")
        let writer = try process.write(0..<4, to: "child")
        let findings = Findings()
        dropper.step.next(.beforeCommit) {
            // Held for good: in the end who dropped is killed.
            process.step.next(.beforeWrite) { process.catalog.arm(.failAtBegin(.timedOut)) }
            findings.record {
                let refused = try failure { try process.append(4..<5, with: writer) }
                try require(
                    refused?.code == .system
                        && refused?.message.contains("open the fork again") == true,
                    "\(refused as Any)")
            }
            dropper.kill()
        }
        #expect(throws: ForkError.self) { try dropper.store.drop(named("child")) }
        try findings.check()
        let again = try failure { try process.append(4..<5, with: writer) }
        #expect(again != nil)
        for image in [world.afterKill(), world.afterPowerCut()] {
            let next = try image.start()
            let history = try next.history(of: "child")
            #expect([4, 5].contains(history.count))
            #expect(history == RuleWorld.lines(0..<history.count))
            try next.write(history.count..<9, to: "child").close()
            #expect(try next.history(of: "child") == RuleWorld.lines(0..<9))
        }
    }
}

@Suite struct StandingCatalogTests {
    /// A real catalog whose writers lock through a simulated disk, and wait by its clock.
    private struct Held {
        let folder: TemporaryFolder
        let time = SimulatedTime()
        let disk: SimulatedDisk
        let catalog: SQLiteCatalog
        let holder: any File

        init(asking: @escaping @Sendable () -> Void = {}) throws {
            folder = try TemporaryFolder()
            disk = SimulatedDisk(time: time)
            holder = try disk.makeProcess().create("locks")
            catalog = try SQLiteCatalog.create(
                at: folder.path + "/catalog",
                writeLock: SQLiteCatalog.WriteLock(
                    file: disk.makeProcess().open("locks", for: .readWrite), range: 8..<9,
                    time: AskedTime(time: time, asking: asking)),
                store: CatalogWorld.store)
            _ = try holder.lock(8..<9, .exclusive, waiting: .never)
        }
    }

    @Test func rule13WhoHoldsTheCatalogForGoodIsNamed() throws {
        let held = try Held()
        let refused = try failure { try held.catalog.insert(.sample(1, "main")) }
        #expect(refused?.code == .timedOut)
        #expect(refused?.message.hasPrefix("process ") == true, "\(refused as Any)")
        #expect(try held.catalog.forks().isEmpty)
        try held.holder.unlock(8..<9)
        try held.catalog.insert(.sample(1, "main"))
        #expect(try held.catalog.forks().count == 1)
    }

    /// The wait of a thread begins when it comes, not when those before it have given up.
    @Test func rule13ThreadsBehindOneAnotherWaitNoLonger() throws {
        let asked = Locked(Set<pthread_t>())
        let held = try Held(asking: { asked.withLock { _ = $0.insert(pthread_self()) } })
        // The first of them waits for the lock only once all have come.
        held.time.onSleep {
            for _ in 0..<60_000 where asked.withLock({ $0.count }) < 4 { usleep(1_000) }
        }
        let start = held.time.sinceBoot()
        let refusals = Locked(0)
        let threads = (0..<4).map { number in
            Thread {
                do {
                    try held.catalog.insert(.sample(UInt64(number + 1), "f\(number)"))
                } catch {
                    refusals.withLock { $0 += 1 }
                }
            }
        }
        for thread in threads { thread.join() }
        held.time.onSleep(nil)
        #expect(refusals.withLock { $0 } == 4)
        let waited = Int(held.time.sinceBoot() - start) / 1_000_000
        let deadline = StoreLocks.catalogMilliseconds
        #expect((deadline...deadline + 40).contains(waited), "\(waited) ms")
    }

    /// Tells who looks at the clock.
    private struct AskedTime: TimeSource {
        let time: SimulatedTime
        let asking: @Sendable () -> Void

        func now() -> Timestamp { time.now() }
        func sinceBoot() -> UInt64 {
            asking()
            return time.sinceBoot()
        }
        func boot() throws(StorageError) -> BootID { try time.boot() }
        func sleep(nanoseconds: UInt64) { time.sleep(nanoseconds: nanoseconds) }
    }
}
