// SPDX-License-Identifier: Apache-2.0
// The scheduler must find the race that needs one turn of a hundred, and find it again.
import ForkTesting
import Glibc
import SegmentStore
import Testing

@Suite struct BatonSchedulerTests {
    /// Two processes each read a counter and write it one higher, `rounds` times.
    private func count(
        seed: UInt64, locking: Bool, rounds: Int = 10
    ) throws -> (value: UInt8, transcript: String, switches: Int) {
        let disk = SimulatedDisk()
        _ = try disk.makeProcess().create("count").write([0], at: 0)
        let scheduler = BatonScheduler(seed: seed)
        scheduler.attach(to: disk)
        disk.keepTranscript()
        let actors = (0..<2).map { _ in
            let files = disk.makeProcess()
            return { @Sendable () throws -> Void in
                let file = try files.open("count", for: .readWrite)
                for _ in 0..<rounds {
                    if locking {
                        #expect(try file.lock(0..<1, .exclusive, waiting: .forever))
                    }
                    let value = try file.bytes()[0]
                    try file.write([value + 1], at: 0)
                    if locking { try file.unlock(0..<1) }
                }
            }
        }
        try scheduler.run(actors)
        let transcript = disk.takeTranscript()
        let value = try disk.makeProcess().open("count", for: .read).bytes()[0]
        return (value, transcript, scheduler.switchCount)
    }

    @Test func `the same seed takes the same turns`() throws {
        for seed in 0..<5 {
            let first = try count(seed: UInt64(seed), locking: false)
            let second = try count(seed: UInt64(seed), locking: false)
            #expect(first.transcript == second.transcript)
            #expect(first.value == second.value)
            #expect(first.switches > 5)
        }
    }

    @Test func `a lost update is found without a lock and not with one`() throws {
        var values: Set<UInt8> = []
        for seed in 0..<20 {
            values.insert(try count(seed: UInt64(seed), locking: false).value)
            #expect(try count(seed: UInt64(seed), locking: true).value == 20)
        }
        #expect(values.contains { $0 < 20 })
        #expect(values.count > 3)
    }

    @Test func `a deadlock is an error and no standstill`() throws {
        let disk = SimulatedDisk()
        _ = try disk.makeProcess().create("lock")
        var stuck = 0
        for seed in 0..<20 {
            let scheduler = BatonScheduler(seed: UInt64(seed))
            scheduler.attach(to: disk)
            let deadlocks = Locked(0)
            let actors = [(0..<1, 1..<2), (1..<2, 0..<1)].map { first, second in
                let files = disk.makeProcess()
                return { @Sendable () throws -> Void in
                    let file = try files.open("lock", for: .readWrite)
                    let ranges = [first, second].map {
                        UInt64($0.lowerBound)..<UInt64($0.upperBound)
                    }
                    do throws(StorageError) {
                        _ = try file.lock(ranges[0], .exclusive, waiting: .forever)
                        _ = try file.lock(ranges[1], .exclusive, waiting: .forever)
                    } catch {
                        guard error.errno == EDEADLK else { throw error }
                        deadlocks.withLock { $0 += 1 }
                    }
                }
            }
            try scheduler.run(actors)
            disk.hooks = SimulationHooks()
            stuck += deadlocks.withLock { $0 } > 0 ? 1 : 0
        }
        #expect(stuck > 0)
        #expect(stuck < 20)
    }

    @Test func `a wait with a deadline ends when nobody can go on`() throws {
        let disk = SimulatedDisk()
        let holder = try disk.makeProcess().create("lock")
        #expect(try holder.lock(0..<1, .exclusive, waiting: .never))
        let scheduler = BatonScheduler(seed: 1)
        scheduler.attach(to: disk)
        let files = disk.makeProcess()
        try scheduler.run([
            {
                let file = try files.open("lock", for: .readWrite)
                let wait = LockWait.atMost(milliseconds: 1_000_000)
                #expect(try !file.lock(0..<1, .exclusive, waiting: wait))
            }
        ])
    }

    @Test func `the first error of an actor comes out`() {
        struct Wrong: Error {}
        #expect(throws: Wrong.self) {
            try BatonScheduler(seed: 1).run([{}, { throw Wrong() }])
        }
    }
}

@Suite struct SimulatedTimeTests {
    @Test func `clocks stand until they are moved`() throws {
        let time = SimulatedTime()
        let (wall, sinceBoot, boot) = (time.now(), time.sinceBoot(), try time.boot())
        #expect(time.now() == wall)
        time.sleep(nanoseconds: 5)
        #expect(time.now().rawValue == wall.rawValue + 5)
        #expect(time.sinceBoot() == sinceBoot + 5)
        time.setWall(.min)
        #expect(time.now() == .min)
        #expect(time.sinceBoot() == sinceBoot + 5)
        time.reboot()
        #expect(try time.boot() != boot)
        #expect(time.sinceBoot() == sinceBoot)
    }

    @Test func `seeded entropy repeats`() throws {
        let first = try SeededEntropy(seed: 1).number()
        #expect(try SeededEntropy(seed: 1).number() == first)
        #expect(try SeededEntropy(seed: 2).number() != first)
    }
}
