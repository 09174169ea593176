// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. One run: the same random steps on the engine and on the model, compared
// after each. Two processes have the store open; each step chooses one.
import ForkEngine
import SegmentStore

/// What is put wrong on purpose, to show that a run can fail.
package enum PlantedFault: CaseIterable, Sendable {
    /// One acknowledged event never came to the engine.
    case losesAnAppend
    /// The disk says that it synced a journal, and did not.
    case dropsJournalSyncs
    /// The same for objects.
    case dropsObjectSyncs
    /// A bit of an object turns over.
    case flipsABit
    /// Forks expire a nanosecond later than the model says.
    case expiresLate
    /// Readers' pins vanish before a collection.
    case ignoresPins
    /// A time means the first later event, not the running maximum.
    case takesPlainTimes
    /// The collector leaves something that nothing reaches.
    case leavesGarbage
}

/// Which run, and how it is checked.
package struct ModelOptions: Sendable {
    package var seed: UInt64
    package var operationCount = 300
    /// Steps to do, where others are left out.
    package var kept: [Int]?
    package var fault: PlantedFault?
    /// Everything is compared after so many steps, and at the end.
    package var stepsBetweenFullChecks = 200

    package init(seed: UInt64) { self.seed = seed }
}

/// Runs one seed. Used by one thread.
package final class ModelRun {
    let options: ModelOptions
    let world: EngineWorld
    var model = ReferenceModel()
    var clock = ModelClock()
    package let clockKind: ClockKind
    /// What the current step draws from.
    var random: ModelGenerator
    /// Where the times of events stand.
    var eventClock: Int64
    var eventCount = 0
    var processes: [EngineWorld.Process] = []
    /// By the model's serial of the fork; each belongs to one process.
    var writers: [Int: HeldWriter] = [:]
    var views: [HeldView] = []
    var forkIDs: [Int: ForkID] = [0: .main]
    /// Batches that were appended with ids, for retries.
    var retriable: [(contents: [ModelContent], firstVersions: [Int: Int])] = []
    var trail: [String] = []
    package private(set) var coverage = ModelCoverage()

    struct HeldWriter {
        let writer: Writer
        let process: Int
    }

    struct HeldView {
        let view: View
        let events: [ModelEvent]
        let process: Int
    }

    /// A store that was laid out and opened once, copied for each run.
    private static let template = Result { () throws -> TemplateBox in
        let world = try EngineWorld.layOut(seed: 0)
        _ = try world.start()
        return TemplateBox(world: world)
    }

    /// `@unchecked Sendable`: it is only ever copied from.
    private struct TemplateBox: @unchecked Sendable {
        let world: EngineWorld
    }

    package init(_ options: ModelOptions) throws {
        self.options = options
        random = ModelGenerator(seed: options.seed ^ 0x6D6F_6465_6C)
        world = try Self.template.get().world.copy(seed: options.seed)
        // Now and then nothing fits into the cache.
        world.cacheByteCountMax = random.chance(oneIn: 4) ? 40_000 : 4 << 20
        world.publishLimits = random.chance(oneIn: 2) ? .tiny : .standard
        world.isNewNameKeptBySync = random.chance(oneIn: 4)
        clockKind = ClockKind.allCases[Int(options.seed % UInt64(ClockKind.allCases.count))]
        if clockKind != .steady {
            // A clock is wrong from a boot on, and nothing is left of the time before.
            clockKind.set(world.time)
            world.cutPower(seed: options.seed, leaving: .nothing)
        }
        eventClock = world.time.now().rawValue - 60_000_000_000
        clock.boot(world.time, isForgetful: true)
        processes = [try world.start(), try world.start()]
    }

    /// Runs all steps and the final checks. Throws a `ModelFailure`.
    package func run() throws {
        plantAtStart()
        let steps = ModelOperation.sequence(
            seed: options.seed, count: options.operationCount)
        let kept = options.kept.map { Set($0) }
        var done = 0
        for (step, operation) in steps.enumerated() where kept?.contains(step) ?? true {
            trail.append("\(step) \(operation.kind):")
            try failing(at: step) {
                random = ModelGenerator(seed: operation.seed)
                try perform(operation.kind)
                coverage.saw(operation.kind)
                try glance()
                done += 1
                if done % options.stepsBetweenFullChecks == 0 { try compareAll() }
            }
        }
        trail.append("the end:")
        try failing(at: nil) { try finish() }
    }

    private func failing(at step: Int?, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch {
            throw ModelFailure(
                seed: options.seed, operationCount: options.operationCount,
                kept: options.kept, step: step, underlying: error, trail: trail)
        }
    }

    /// Says what the step does, for whoever reads a failure.
    func note(_ text: @autoclosure () -> String) {
        trail[trail.count - 1] += " " + text()
    }

    func requireEqual<Value: Equatable>(
        _ actual: Value, _ expected: Value, _ what: @autoclosure () -> String
    ) throws {
        guard actual != expected else { return }
        throw ModelMismatch("\(what()): \(actual), and the model says \(expected)")
    }

    /// Runs `body`, which must fail with this code.
    func requireFailure(
        _ code: ForkError.Code, _ what: @autoclosure () -> String, _ body: () throws -> Void
    ) throws {
        do {
            try body()
        } catch let error as ForkError where error.code == code {
            return
        }
        throw ModelMismatch("\(what()) went well, and the model says \(code)")
    }

    func now() -> Int64 { clock.now(world.time) }

    func coverQuery(_ query: ModelQuery) { coverage.saw(query) }
}
