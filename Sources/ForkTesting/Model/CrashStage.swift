// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. What crash scripts of the engine are made of: each step is done on the
// engine and on the model, and while it is under way both of its outcomes are allowed.
package import ForkEngine
import SegmentStore

/// An engine and a model that a script drives, and that a crash may cut short at any call.
package final class CrashStage {
    /// The machine that is acted on: the script's, or the one that a check recovers.
    private(set) var world: EngineWorld
    private(set) var process: EngineWorld.Process
    /// What is acknowledged, and what it is once the step under way is done.
    private var acknowledged = ReferenceModel()
    private var underWay: ReferenceModel?
    private var writers: [String: Writer] = [:]
    private var random: ModelGenerator
    private var eventClock: Int64 = 1_767_225_600_000_000_000
    private var eventCount = 0

    package convenience init(seed: UInt64) throws {
        try self.init(on: EngineWorld.layOut(on: SimulatedDisk(), seed: seed))
    }

    private init(on world: EngineWorld) throws {
        self.world = world
        process = try world.start()
        random = ModelGenerator(seed: world.seed)
    }

    package var store: Store { process.store }

    /// Does one step on both; `change` says what it makes of the model.
    private func step(
        _ change: (inout ReferenceModel) -> Void, _ body: () throws -> Void
    ) throws {
        var after = acknowledged
        change(&after)
        underWay = after
        try body()
        acknowledged = after
        underWay = nil
    }

    // MARK: Steps

    package func append(_ fork: String, count: Int = 1) throws {
        guard let known = acknowledged.fork(named: fork) else { throw Self.unknown(fork) }
        let contents = (0..<count).map { _ in
            eventCount += 1
            return random.content(clock: &eventClock, number: eventCount, withID: false)
        }
        let batch = try ModelRun.batch(contents)
        try step {
            $0.append(contents, to: known.serial)
        } _: {
            _ = try writer(of: fork).append(batch)
        }
    }

    package func create(_ name: String, from parent: String, at cut: Int? = nil) throws {
        guard let known = acknowledged.fork(named: parent) else { throw Self.unknown(parent) }
        let place = cut.map { Point.Place.position(Position(UInt64($0))) } ?? .head
        try step {
            $0.create(name, from: known, cut: cut ?? known.head, expires: nil)
        } _: {
            _ = try store.create(
                NewFork(name: ForkName(name), from: Point(.named(ForkName(parent)), at: place)))
        }
    }

    package func createExpiring(_ name: String, from parent: String) throws {
        guard let known = acknowledged.fork(named: parent) else { throw Self.unknown(parent) }
        let second: Int64 = 1_000_000_000
        let expires = store.clock.now().rawValue + second
        try step {
            $0.create(name, from: known, cut: known.head, expires: expires)
        } _: {
            _ = try store.create(
                NewFork(
                    name: ForkName(name), from: Point(.named(ForkName(parent))),
                    expiry: .at(Timestamp(rawValue: expires))))
        }
    }

    package func drop(_ name: String) throws {
        guard let known = acknowledged.fork(named: name) else { throw Self.unknown(name) }
        try step {
            $0.drop(known.serial)
        } _: {
            try store.drop(ForkName(name))
        }
        writers[name] = nil
    }

    package func flush(_ name: String) throws {
        try step({ _ in }) { try writer(of: name).flush() }
    }

    package func close(_ name: String) throws {
        let writer = writers.removeValue(forKey: name)
        try step({ _ in }) { try writer?.close() }
    }

    /// Lets every expiring fork expire, and collects.
    package func expire() throws {
        world.time.step(nanoseconds: 2_000_000_000)
        try collect()
    }

    package func collect() throws {
        let now = store.clock.now().rawValue
        try step {
            _ = $0.reap(at: now)
        } _: {
            _ = try store.collect()
        }
    }

    /// Kills the process and starts another: what was not sealed waits for recovery.
    package func restart() throws { try restart(stoppingBeforeCommits: false) }

    private func restart(stoppingBeforeCommits: Bool) throws {
        process.kill()
        writers = [:]
        if stoppingBeforeCommits { world.stopsBeforeCommits = true }
        process = try world.start()
    }

    private func writer(of name: String) throws -> Writer {
        if let writer = writers[name] { return writer }
        let writer = try store.openWriter(ForkName(name))
        writers[name] = writer
        return writer
    }

    private static func unknown(_ name: String) -> ModelMismatch {
        ModelMismatch("the script knows no fork \(name)")
    }
}

// MARK: Exploring

extension CrashStage {
    /// Runs `script`, cutting it short at every call that changes the disk and before every commit
    /// of the catalog, and checks what each crash leaves. `isNested`: some of the recoveries are
    /// cut short in their turn.
    package func explore(
        _ explorer: CrashExplorer, isNested: Bool, script: (CrashStage) throws -> Void
    ) throws -> CrashReport {
        try restart(stoppingBeforeCommits: true)
        var recoveryStates = 0
        var report = try explorer.explore(world.disk) { _ in
            try script(self)
        } check: { [self] image in
            let hash = image.state.imageHash
            try onMachine(after: image) {
                guard isNested, hash % 12 == 0 else { return try recover(hash) }
                recoveryStates += try exploreRecovery(explorer, hash)
            }
        }
        report.recoveryStates = recoveryStates
        return report
    }

    private func exploreRecovery(_ explorer: CrashExplorer, _ hash: UInt64) throws -> Int {
        var inner = explorer
        inner.statesPerPoint = 1
        let report = try inner.explore(world.disk) { _ in
            try recover(hash)
        } check: { [self] image in
            try onMachine(after: image) { try recover(image.state.imageHash) }
        }
        return report.states
    }

    /// Runs `body` on the machine that a crash image makes, and comes back to this one.
    private func onMachine(after image: SimulatedDisk, _ body: () throws -> Void) throws {
        let before = (world, process, acknowledged, underWay, writers, random)
        defer { (world, process, acknowledged, underWay, writers, random) = before }
        // Mapped words never say more than what is durable, so that each image may have them.
        world = world.afterCrash(image, isPowerCut: image.state.imageHash % 2 == 0)
        writers = [:]
        try body()
    }

    /// All that is acknowledged is there, once, and at most the step under way besides; then the
    /// store takes writes, collects and verifies.
    private func recover(_ hash: UInt64) throws {
        process = try world.start()
        acknowledged = try outcome()
        underWay = nil
        try requireSound()
        for fork in acknowledged.forks where !fork.isExpired(at: now) {
            try append(fork.name, count: 2)
        }
        if hash % 3 == 0 { try collect() }
        try compare(with: acknowledged)
        guard hash % 7 == 0 else { return }
        try flush("main")
        try restart()
        try collect()
        try compare(with: acknowledged)
        let again = try store.collect()
        guard again.removedObjectCount + again.removedJournalCount == 0 else {
            throw ModelMismatch("a second collection removed something")
        }
        try requireSound()
    }

    private var now: Int64 { store.clock.now().rawValue }

    /// What the crash left: the model as it was, or as the step under way would have made it.
    private func outcome() throws -> ReferenceModel {
        guard let underWay else {
            try compare(with: acknowledged)
            return acknowledged
        }
        do {
            try compare(with: acknowledged)
            return acknowledged
        } catch let first as ModelMismatch {
            do {
                try compare(with: underWay)
                return underWay
            } catch let second as ModelMismatch {
                throw ModelMismatch("neither before (\(first)) nor after (\(second))")
            }
        }
    }

    /// Every fork that is not expired, every event.
    private func compare(with model: ReferenceModel) throws {
        let listed = try store.list().forks.map(\.name)
        guard listed == model.forks.map(\.name) else {
            throw ModelMismatch("the forks are \(listed), not \(model.forks.map(\.name))")
        }
        for fork in model.forks where !fork.isExpired(at: now) {
            let view = try store.view(at: Point(.named(ForkName(fork.name))))
            var index = 0
            var mismatch: String?
            try view.scan(.zero..<view.head) { (event) throws(ForkError) in
                guard index < fork.head else { return false }
                mismatch = event.mismatch(with: fork.events[index])
                index += 1
                return mismatch == nil
            }
            if let mismatch { throw ModelMismatch("\(fork.name): \(mismatch)") }
            guard index == fork.head, view.head == Position(UInt64(fork.head)) else {
                throw ModelMismatch("\(fork.name) has \(view.head) events, not \(fork.head)")
            }
        }
    }

    private func requireSound() throws {
        let report = try store.verify()
        guard report.isSound, report.unknownPaths.isEmpty else {
            throw ModelMismatch("verify finds \(report.damages) and \(report.unknownPaths)")
        }
    }
}

// MARK: Laying out

extension CrashStage {
    /// Cuts the making of a store short: once it is made it is there, empty, and takes writes; before
    /// that nothing is promised, since a store is made aside and renamed into place.
    package static func exploreLayout(_ explorer: CrashExplorer) throws -> CrashReport {
        let disk = SimulatedDisk()
        var made: EngineWorld?
        return try explorer.explore(disk) { disk in
            made = try EngineWorld.layOut(on: disk, seed: 1)
        } check: { image in
            guard let made else { return }
            let stage = try CrashStage(on: made.afterCrash(image, isPowerCut: true))
            try stage.recover(0)
        }
    }
}
