// SPDX-License-Identifier: Apache-2.0
// What only the simulated catalog can do: die in the middle of a commit.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite("Simulated catalog: faults")
struct SimulatedCatalogTests {
    let disk = SimulatedCatalogDisk(store: CatalogWorld.store)

    @Test("a failing begin reaches no body and leaves the lock free")
    func failingBegin() throws {
        let catalog = SimulatedCatalog(on: disk)
        catalog.arm(.failAtBegin(.noSpace))
        #expect(code { () throws(ForkError) in try catalog.insert(.sample(1, "main")) } == .noSpace)
        try catalog.insert(.sample(1, "main"))
        #expect(disk.commitCount == 1)
    }

    @Test(
        "rule 12: a failed commit has either outcome",
        arguments: [
            (SimulatedCatalog.Fault.failCommitUndone, 0), (.failCommitDone, 1),
            (.failCommitGhost, 0),
        ])
    func failingCommit(_ fault: SimulatedCatalog.Fault, _ forkCount: Int) throws {
        let catalog = SimulatedCatalog(on: disk)
        catalog.arm(fault)
        #expect(code { () throws(ForkError) in try catalog.insert(.sample(1, "main")) } == .system)
        #expect(try catalog.forks().count == forkCount)
        #expect(disk.hasGhost == (fault == .failCommitGhost))
    }

    @Test(
        "rule 12: a commit cut short comes back if nothing was committed since",
        arguments: [true, false])
    func ghostReturns(_ returns: Bool) throws {
        let victim = SimulatedCatalog(on: disk)
        victim.arm(.killInCommit)
        #expect(code { () throws(ForkError) in try victim.insert(.sample(1, "main")) } == .system)
        #expect(victim.isDead)
        #expect(code { () throws(ForkError) in _ = try victim.forks() } == .system)
        let witness = SimulatedCatalog(on: disk)
        #expect(try witness.forks().isEmpty)
        // A transaction that changes nothing does not count.
        try witness.write { _ throws(ForkError) in }
        disk.recover(ghostReturns: returns)
        #expect(try witness.forks().count == (returns ? 1 : 0))
    }

    @Test("rule 12: a touch drives the ghost away for ever")
    func touchDrivesGhostAway() throws {
        let victim = SimulatedCatalog(on: disk)
        victim.arm(.killInCommit)
        _ = code { () throws(ForkError) in try victim.insert(.sample(1, "main")) }
        let witness = SimulatedCatalog(on: disk)
        try witness.write { catalog throws(ForkError) in try catalog.touch() }
        disk.recover(ghostReturns: true)
        #expect(try witness.forks().isEmpty)
    }

    @Test("kills before and after the commit leave the old state and the new")
    func kills() throws {
        for (fault, count) in [(SimulatedCatalog.Fault.killBeforeCommit, 0), (.killAfterCommit, 1)]
        {
            let victim = SimulatedCatalog(on: disk)
            victim.arm(fault)
            _ = code { () throws(ForkError) in try victim.insert(.sample(1, "main")) }
            #expect(victim.isDead)
            #expect(try SimulatedCatalog(on: disk).forks().count == count)
        }
    }

    @Test("a process killed inside its body commits nothing and holds nothing up")
    func killInBody() throws {
        let victim = SimulatedCatalog(on: disk)
        #expect(
            code { () throws(ForkError) in
                try victim.write { catalog throws(ForkError) in
                    try catalog.insert(.sample(1, "main"))
                    victim.kill()
                    // While the dead one's thread unwinds, another already writes.
                    try SimulatedCatalog(on: disk).insert(.sample(2, "b"))
                }
            } == .system)
        #expect(try SimulatedCatalog(on: disk).forks().map(\.name) == ["b"])
    }

    @Test("a scheduler sees every step, and waits where another writes")
    func hooks() throws {
        let steps = Log<SimulatedCatalog.Step>()
        let other = SimulatedCatalog(on: disk)
        let catalog = SimulatedCatalog(on: disk) { step in
            steps.append(step)
            return true
        }
        try catalog.insert(.sample(1, "main"))
        _ = try catalog.forks()
        #expect(steps.all == [.beforeWrite, .beforeCommit, .afterCommit, .beforeRead])
        steps.removeAll()
        let waiter = SimulatedCatalog(on: disk) { step in
            steps.append(step)
            if step == .waitingToWrite { other.kill() }
            return true
        }
        _ = code { () throws(ForkError) in
            try other.write { _ throws(ForkError) in try waiter.insert(.sample(2, "b")) }
        }
        #expect(
            steps.all == [.beforeWrite, .waitingToWrite, .beforeCommit, .afterCommit])
    }

    @Test("a crash image is the last committed state, and goes its own way")
    func crashImages() throws {
        let catalog = SimulatedCatalog(on: disk)
        try catalog.insert(.sample(1, "main"))
        try catalog.write { writer throws(ForkError) in
            try writer.insert(.sample(2, "b"))
            let image = disk.crashImage(ghostReturns: true)
            #expect(image.committed.forks.count == 1)
            try SimulatedCatalog(on: image).insert(.sample(3, "c"))
        }
        #expect(disk.committed.forks.keys.sorted() == [1, 2])
    }

    @Test("scheduled writers take turns by the seed, and the same seed gives the same turns")
    func scheduling() throws {
        func names(seed: UInt64) throws -> [String] {
            let disk = SimulatedCatalogDisk(store: CatalogWorld.store)
            let scheduler = BatonScheduler(seed: seed)
            let actors = ["a", "b", "c"].map { name in
                let catalog = SimulatedCatalog(on: disk, scheduler: scheduler)
                return { @Sendable in
                    for number in 1...5 {
                        try catalog.write { catalog throws(ForkError) in
                            let id = try catalog.nextForkID()
                            try catalog.insert(.sample(id.rawValue, "\(name)\(number)"))
                        }
                    }
                }
            }
            try scheduler.run(actors)
            return try SimulatedCatalog(on: disk).forks().map(\.name)
        }
        let first = try names(seed: 1)
        #expect(first.count == 15)
        #expect(try names(seed: 1) == first)
        let others = try (2...9).map { try names(seed: $0) }
        #expect(Set(others).count > 1)
    }
}
