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
    /// What is acknowledged.
    private(set) var acknowledged = ReferenceModel()
    /// What else may be found: what the step under way makes of it, or one whose outcome is unknown.
    private(set) var alternatives: [ReferenceModel] = []
    /// How often the two changed.
    private(set) var changeCount: UInt64 = 0
    private var writers: [String: Writer] = [:]
    private var random: ModelGenerator
    private var forkCount = 0
    private var eventClock: Int64 = 1_767_225_600_000_000_000
    private var eventCount = 0

    /// A machine with an empty store, whose roots are soon as deep as those of large ones.
    package convenience init(seed: UInt64, keepsNewNames: Bool = false) throws {
        let world = try EngineWorld.layOut(on: SimulatedDisk(), seed: seed)
        // Before anybody opens it: all processes of a world agree on its limits.
        world.publishLimits = .tiny
        world.isNewNameKeptBySync = keepsNewNames
        try self.init(on: world)
    }

    init(on world: EngineWorld) throws {
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
        alternatives = [after]
        changeCount += 1
        try body()
        settle(for: after)
    }

    /// From here on `model` is what must be there, and nothing else.
    func settle(for model: ReferenceModel) {
        acknowledged = model
        alternatives = []
        changeCount += 1
    }

    // MARK: Steps

    package func append(_ fork: String, count: Int = 1) throws {
        guard let known = acknowledged.fork(named: fork) else { throw Self.unknown(fork) }
        let contents = contents(count: count)
        let batch = try ModelRun.batch(contents)
        try step {
            $0.append(contents, to: known.serial)
        } _: {
            _ = try writer(of: fork).append(batch)
        }
    }

    private func contents(count: Int) -> [ModelContent] {
        (0..<count).map { _ in
            eventCount += 1
            return random.content(clock: &eventClock, number: eventCount, withID: false)
        }
    }

    /// Appends to main in the process that met a fault. What is acknowledged now must be there,
    /// whatever became of the step that failed; what is refused may be there or not.
    func goOnAfterFault() throws {
        let contents = contents(count: 1)
        let batch = try ModelRun.batch(contents)
        let before = [acknowledged] + alternatives
        let after = before.map { model in
            var model = model
            model.append(contents, to: 0)
            return model
        }
        changeCount += 1
        do {
            _ = try writer(of: "main").append(batch)
            (acknowledged, alternatives) = (after[0], Array(after.dropFirst()))
        } catch is ForkError {
            alternatives = Array(before.dropFirst()) + after
        }
    }

    /// The fork made last of those that are there, besides main.
    package var newest: String? {
        acknowledged.forks.last { $0.name != "main" && !$0.isExpired(at: now) }?.name
    }

    package func head(of fork: String) -> Int { acknowledged.fork(named: fork)?.head ?? 0 }

    /// A name that no fork had.
    package func newName() -> String {
        forkCount += 1
        return "fork-\(forkCount)"
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
        let writer = writers.removeValue(forKey: name)
        withExtendedLifetime(writer) {}
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
    package func restart() throws {
        process.kill()
        // Ended outside the assignments: what they do as they end may be a moment that is explored.
        let ended = (process, writers)
        writers = [:]
        process = try world.start()
        withExtendedLifetime(ended) {}
    }

    /// From here on explorers cut in before each commit of the catalog, too.
    func stopBeforeCommits() throws {
        if world.stopsBeforeCommits { return }
        world.stopsBeforeCommits = true
        try restart()
    }

    /// Runs `body` on another machine, and comes back to this one.
    func onMachine(_ machine: EngineWorld, _ body: () throws -> Void) throws {
        let before = (world, process, acknowledged, alternatives, writers, random)
        defer {
            let ended = (process, writers)
            (world, process, acknowledged, alternatives, writers, random) = before
            withExtendedLifetime(ended) {}
        }
        world = machine
        writers = [:]
        try body()
    }

    /// Starts a process on the machine as it is.
    func boot() throws {
        let ended = process
        process = try world.start()
        withExtendedLifetime(ended) {}
    }

    var now: Int64 { store.clock.now().rawValue }

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
