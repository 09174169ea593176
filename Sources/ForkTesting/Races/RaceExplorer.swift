// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, races. Runs one scenario in order after order, and judges each.
import ForkEngine
import SegmentStore

/// What an exploration did.
package struct RaceTally: Sendable {
    /// Orders that were run, audited and judged.
    package var runCount = 0
    package var stepCount = 0
    /// The longest run, in steps.
    package var stepCountMax = 0
    package var killCount = 0
    /// Different things that the actors were told and that were there in the end.
    package var endStateCount = 0
    /// Whether every order within the bounds was run.
    package var isComplete = false
    package var failures: [RaceFailure] = []
    /// How often a planted fault struck.
    package var strikeCount = 0
}

/// An order that went wrong, and how to run it again.
package struct RaceFailure: Error, Sendable, CustomStringConvertible {
    package let scenario: String
    package let choices: [Int]
    package let reason: String
    package let steps: [RaceStep]

    package var description: String {
        "\(scenario): \(reason)\n  choices \(choices)\n"
            + steps.map { "  \($0)\n" }.joined()
    }
}

/// Explores orders of one scenario. Used by one thread; call `end` when it is not needed any more.
package final class RaceExplorer {
    private let scenario: RaceScenario
    private let grain: RaceGrain
    private let sabotage: Sabotage?
    private let template: RaceWorld
    /// How many events each fork has before anybody begins: all acknowledged.
    private let counts: [(ForkID, Int)]
    private let crew: RaceCrew

    package init(
        _ scenario: RaceScenario, grain: RaceGrain = .coarse, sabotage: Sabotage? = nil
    ) throws {
        self.scenario = scenario
        self.grain = grain
        self.sabotage = sabotage
        let laidOut = try RaceWorld.layOut()
        try scenario.setUp(laidOut)
        template = try scenario.afterSetUp(laidOut)
        // What a power cut leaves was acknowledged; the rest may or may not come back.
        let before = template.afterPowerCut()
        counts = try before.eventCounts()
        crew = RaceCrew(count: scenario.actors.count)
    }

    package func end() { crew.dismiss() }

    /// Runs every order within the bounds; ends at the first that goes wrong.
    package func exploreAll(within bounds: RaceBounds) throws -> RaceTally {
        var tally = RaceTally()
        var ends: [String: [[RaceEnding]]] = [:]
        let choices = EveryChoice()
        repeat {
            guard tally.runCount < bounds.runsMax else { break }
            try run(by: choices, within: bounds, &tally, &ends) { choices.taken }
            if choices.hasDiverged {
                throw RaceFault("\(scenario.name): the same choices led elsewhere")
            }
            if !tally.failures.isEmpty { break }
            tally.isComplete = !choices.advance()
        } while !tally.isComplete
        tally.endStateCount = ends.count
        return tally
    }

    /// Runs one order, as a seed has it.
    package func run(seed: UInt64, within bounds: RaceBounds) throws -> RaceTally {
        var tally = RaceTally()
        var ends: [String: [[RaceEnding]]] = [:]
        let choices = SeededChoices(seed: seed)
        try run(by: choices, within: bounds, &tally, &ends) { choices.taken }
        return tally
    }

    /// Runs an order that was taken before.
    package func replay(_ taken: [Int], within bounds: RaceBounds) throws -> RaceTally {
        var tally = RaceTally()
        var ends: [String: [[RaceEnding]]] = [:]
        try run(by: GivenChoices(taken), within: bounds, &tally, &ends) { taken }
        return tally
    }

    private func run(
        by choices: any RaceChoices, within bounds: RaceBounds, _ tally: inout RaceTally,
        _ ends: inout [String: [[RaceEnding]]], taken: () -> [Int]
    ) throws {
        let ledger = RaceLedger()
        let saboteur = Saboteur(sabotage)
        let world = template.copy(turns: crew.turns, grain: grain, saboteur: saboteur)
        let hands = try scenario.actors.indices.map {
            try RaceHand(actor: $0, world: world, ledger: ledger)
        }
        for (fork, count) in counts { ledger.know(fork, eventCount: count) }
        try scenario.prepare(hands)
        let jobs = zip(hands, scenario.actors).map { hand, actor in
            { @Sendable () -> Void in
                do {
                    try actor(hand)
                } catch {
                    ledger.blame("an actor ended with \(error)")
                }
            }
        }
        crew.run(jobs, by: choices, within: bounds) { hands[$0].process.kill() }
        let steps = crew.turns.trace
        tally.runCount += 1
        tally.stepCount += steps.count
        tally.stepCountMax = max(tally.stepCountMax, steps.count)
        tally.killCount += hands.count { $0.process.isKilled }
        do {
            if let stuck = steps.first(where: { $0.name == "everybody waits" }) {
                throw RaceFault("everybody waits for everybody: \(stuck)")
            }
            try ledger.check()
            let state = world.state(ledger)
            let endings = try ends[state] ?? RaceAudit(world: world, hands: hands).run()
            ends[state] = endings
            for pass in endings { ledger.tell(pass) }
            try ledger.check()
        } catch {
            tally.failures.append(
                RaceFailure(
                    scenario: scenario.name, choices: taken(), reason: "\(error)", steps: steps))
        }
        for hand in hands {
            hand.process.kill()
            hand.letGo()
        }
        tally.strikeCount += saboteur.strikeCount
    }
}
