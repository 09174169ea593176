// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, races. The pairs that lose data where a rule is missing.
import ForkEngine
import SegmentStore

extension RaceScenario {
    /// Each pair, by the rules that it leans on.
    package static let pairs = [
        createAndSweep, publishAndSweep, pinAndSweep, expiryAndAppend, expiryAndCreate,
        dropAndAppend, flushAndCreate, twoOpeners,
    ]

    /// Rules 6, 8, 11: a child of a fork that goes keeps what it inherited.
    static let createAndSweep = RaceScenario(
        "create and sweep",
        setUp: { world in
            try world.fork("old", flushed: 3, sealed: 2)
        },
        actors: [
            { hand in
                hand.create("child", from: "old")
                hand.drop("old")
            },
            { hand in hand.collect() },
        ])

    /// Rules 8, 9: a flush that makes an object that lies there as garbage.
    static let publishAndSweep = RaceScenario(
        "publish and sweep",
        setUp: { world in
            try world.fork("old", flushed: 0, sealed: 3)
            try world.leaveFlush(of: "old")
        },
        prepare: { hands in hands[0].open("old") },
        actors: [
            { hand in hand.flush("old") },
            { hand in hand.collect() },
        ])

    /// Rule 10: what a reader reads stays, though its fork goes.
    static let pinAndSweep = RaceScenario(
        "pin and sweep",
        setUp: { world in try world.fork("old", flushed: 3, sealed: 2) },
        actors: [
            { hand in
                hand.view("old")
                hand.reread()
            },
            { hand in
                hand.drop("old")
                hand.collect()
            },
        ])

    /// Rules 2, 11, invariant 9: a writer whose fork's time ends.
    static let expiryAndAppend = RaceScenario(
        "expiry and append",
        setUp: { world in try world.fork("old", flushed: 3, sealed: 2, ttlSeconds: 60) },
        prepare: { hands in
            hands[0].open("old")
            hands[0].append(to: "old")
        },
        actors: [
            { hand in
                hand.append(to: "old")
                hand.append(2, to: "old")
            },
            { hand in
                hand.letExpire("old")
                hand.collect()
            },
        ])

    /// Rule 11, invariant 9: a child of a fork whose time ends, or none.
    static let expiryAndCreate = RaceScenario(
        "expiry and create",
        setUp: { world in try world.fork("old", flushed: 3, sealed: 2, ttlSeconds: 60) },
        actors: [
            { hand in
                hand.create("child", from: "old")
                hand.create("old", from: "main", mayFail: [.alreadyExists, .busy])
            },
            { hand in
                hand.letExpire("old")
                hand.collect()
            },
        ])

    /// Rules 2, 12: a fence.
    static let dropAndAppend = RaceScenario(
        "forced drop and append",
        setUp: { world in try world.fork("old", flushed: 3, sealed: 2) },
        prepare: { hands in
            hands[0].open("old")
            hands[0].append(to: "old")
        },
        actors: [
            { hand in
                hand.append(to: "old")
                hand.append(2, to: "old")
            },
            { hand in hand.drop("old", mayFail: []) },
        ])

    /// Rules 2, 6: a child holds all that was acknowledged, wherever its parent's writer is.
    static let flushAndCreate = RaceScenario(
        "flush and create",
        setUp: { world in try world.fork("old", flushed: 3, sealed: 2) },
        prepare: { hands in
            hands[0].open("old")
            hands[0].append(2, to: "old")
        },
        actors: [
            { hand in
                hand.append(to: "old")
                hand.flush("old")
            },
            { hand in hand.create("child", from: "old", mayFail: []) },
        ])

    /// Rules 1, 3: who opens what a dead writer left.
    static let twoOpeners = RaceScenario(
        "two openers of an unrecovered journal",
        setUp: { world in try world.forkOfDeadWriter() },
        actors: [
            { hand in
                hand.open("old")
                hand.append(to: "old")
                hand.close("old")
            },
            { hand in
                hand.open("old")
                hand.append(to: "old")
            },
        ])
}

extension RaceWorld {
    /// A fork with events of its own that are flushed, and some that wait in a sealed journal.
    func fork(
        _ name: String, flushed: Int, sealed: Int, ttlSeconds: UInt64? = nil
    ) throws {
        let process = try start(isHonest: true)
        let expiry: Expiry = ttlSeconds.map { .after(nanoseconds: $0 * 1_000_000_000) } ?? .never
        _ = try process.store.create(NewFork(name: .raced(name), expiry: expiry))
        let writer = try process.store.openWriter(.raced(name))
        if flushed > 0 {
            try writer.append(setUp: 0..<flushed)
            try writer.flush()
        }
        try writer.append(setUp: flushed..<flushed + sealed)
        try writer.close()
        process.kill()
    }

    /// A process flushes a fork, and is killed before the commit: its objects are garbage, whose
    /// names the disk may not hold.
    func leaveFlush(of name: String) throws {
        let process = try start(by: Saboteur(.objectFolderSyncsAreLost))
        let writer = try process.store.openWriter(.raced(name))
        process.catalog.arm(.killBeforeCommit)
        do throws(ForkError) {
            try writer.flush()
        } catch {
            return process.kill()
        }
        throw RaceFault("the flush of '\(name)' was not cut short")
    }
}

extension Writer {
    /// One event for each number, each a batch, over two streams.
    func append(setUp numbers: Range<Int>) throws(ForkError) {
        for number in numbers {
            let batch = AppendBatch()
            try batch.add(
                stream: number % 2 == 0 ? "s" : "t", type: "raced",
                data: Array("{\"n\":\(number)}".utf8), time: Timestamp(rawValue: Int64(number)))
            _ = try append(batch)
        }
    }
}
