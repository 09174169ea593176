// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, races. The situations in which the protocol's model found what goes wrong where
// a rule is weakened: docs/reliability-protocol.md maps each to what is planted here.
import ForkEngine
import SegmentStore

extension RaceScenario {
    /// Rule 2: a rotation moves the epoch while a child is made.
    static let rotateAndCreate = RaceScenario(
        "rotate, append and create",
        setUp: { world in try world.fork("old", flushed: 0, sealed: 1) },
        prepare: { hands in
            hands[0].open("old")
            hands[0].append(to: "old")
        },
        actors: [
            { hand in
                hand.append(to: "old")
                hand.flush("old")
                hand.append(to: "old")
            },
            { hand in hand.create("child", from: "old", mayFail: []) },
        ])

    /// Rules 2, 10: a rotation moves row and word while a reader pins them.
    static let rotateAndView = RaceScenario(
        "rotate, append and pin",
        setUp: { world in try world.fork("old", flushed: 0, sealed: 1) },
        prepare: { hands in
            hands[0].open("old")
            hands[0].append(to: "old")
        },
        actors: [
            { hand in
                hand.append(to: "old")
                hand.flush("old")
                hand.append(to: "old")
            },
            { hand in hand.view("old", mayFail: []) },
        ])

    /// Rule 2: a rotation moves the word past a fence.
    static let rotateAndDrop = RaceScenario(
        "rotate, append and forced drop",
        setUp: { world in try world.fork("old", flushed: 0, sealed: 1) },
        prepare: { hands in
            hands[0].open("old")
            hands[0].append(to: "old")
        },
        actors: [
            { hand in
                hand.flush("old")
                hand.append(to: "old")
            },
            { hand in hand.drop("old", mayFail: []) },
        ])

    /// Rule 10: a collection, a drop and another collection, while a reader pins.
    static let pinAndSweeps = RaceScenario(
        "pin and sweep, drop, sweep",
        setUp: { world in try world.fork("old", flushed: 3, sealed: 2) },
        actors: [
            { hand in hand.hold("old") },
            { hand in
                hand.collect()
                hand.drop("old")
                hand.collect()
            },
        ])

    /// Rule 10: one pins, one drops, one sweeps.
    static let pinDropAndSweep = RaceScenario(
        "pin, drop and sweep",
        setUp: { world in try world.fork("old", flushed: 3, sealed: 2) },
        actors: [
            { hand in hand.view("old") },
            { hand in hand.drop("old") },
            { hand in hand.collect() },
        ])

    /// Rules 2, 3: one opens what a dead writer left, and another drops the fork.
    static let openAndDrop = RaceScenario(
        "open and forced drop",
        setUp: { world in try world.forkOfDeadWriter() },
        actors: [
            { hand in
                hand.open("old")
                hand.append(to: "old")
            },
            { hand in hand.drop("old", mayFail: []) },
        ])

    /// Rules 2, 3: after a power cut the mapped file is as it was once written back.
    static let openAndCreateAfterCut = RaceScenario(
        "open and create after a power cut",
        setUp: { world in try world.forkOfDeadWriter() },
        afterSetUp: { world in
            let process = try world.start(isHonest: true)
            let writer = try process.store.openWriter(.raced("old"))
            try writer.append(setUp: 8..<9)
            let writtenBack = world.words.copy { _, _, word in word }
            try writer.append(setUp: 9..<10)
            let after = world.afterPowerCut(leaving: writtenBack)
            process.kill()
            withExtendedLifetime(writer) {}
            return after
        },
        actors: [
            { hand in hand.open("old") },
            { hand in hand.create("child", from: "old", mayFail: []) },
        ])

    /// Rule 9: what was revived, and is nobody's again, goes.
    static let publishAndDrop = RaceScenario(
        "publish and drop",
        setUp: { world in
            try world.fork("old", flushed: 0, sealed: 3)
            try world.leaveFlush(of: "old")
        },
        prepare: { hands in hands[0].open("old") },
        actors: [
            { hand in hand.flush("old") },
            { hand in hand.drop("old", mayFail: []) },
        ])

    /// Rule 9: two collections, and a drop between them.
    static let twoSweeps = RaceScenario(
        "sweep and drop, sweep",
        setUp: { world in try world.fork("old", flushed: 3, sealed: 2) },
        actors: [
            { hand in hand.collect() },
            { hand in
                hand.drop("old")
                hand.collect()
            },
        ])

    /// Rule 8: a child takes over what its parent has flushed, and the parent goes.
    static let adoptAndSweep = RaceScenario(
        "adopt and drop, sweep",
        setUp: { world in
            let process = try world.start(isHonest: true)
            _ = try process.store.create(NewFork(name: .raced("old")))
            let writer = try process.store.openWriter(.raced("old"))
            try writer.append(setUp: 0..<4)
            _ = try process.store.create(
                NewFork(name: .raced("child"), from: Point(.named(.raced("old")))))
            try writer.flush()
            try writer.close()
            process.kill()
        },
        prepare: { hands in
            hands[0].open("child")
            hands[0].append(to: "child")
        },
        actors: [
            { hand in hand.flush("child", mayFail: []) },
            { hand in
                hand.drop("old")
                hand.collect()
            },
        ])

    /// Rules 8, 9: what a flush makes is newer than what a collection listed.
    static let flushAndSweep = RaceScenario(
        "flush and sweep",
        setUp: { world in try world.fork("old", flushed: 3, sealed: 2) },
        prepare: { hands in
            hands[0].open("old")
            hands[0].append(to: "old")
        },
        actors: [
            { hand in hand.flush("old", mayFail: []) },
            { hand in hand.collect() },
        ])

    /// Rule 5: a fork begins where another one's overlay was.
    static let beginAndSweep = RaceScenario(
        "create, append and sweep",
        setUp: { world in
            try world.fork("gone", flushed: 0, sealed: 2)
            let process = try world.start(isHonest: true)
            _ = try process.store.drop(.raced("gone"))
            process.kill()
        },
        actors: [
            { hand in
                hand.create("new", from: "main", mayFail: [])
                hand.open("new", mayFail: [])
                hand.append(to: "new", mayFail: [])
            },
            { hand in hand.collect() },
        ])
}

extension RaceWorld {
    /// A fork whose writer was killed with two acknowledged events in its journal, and behind them
    /// one that it had written and not synced.
    func forkOfDeadWriter() throws {
        try fork("old", flushed: 3, sealed: 2)
        let dead = try start(isHonest: true)
        let writer = try dead.store.openWriter(.raced("old"))
        try writer.append(setUp: 5..<7)
        disk.add(
            .next(.kill) { call in
                if case .sync(let path) = call { path.isJournal } else { false }
            })
        do throws(ForkError) {
            try writer.append(setUp: 7..<8)
        } catch {
            return dead.kill()
        }
        throw RaceFault("the writer was not killed")
    }
}
