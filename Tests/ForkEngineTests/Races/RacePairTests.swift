// SPDX-License-Identifier: Apache-2.0
// Rules 1 to 13 where two meet: the real engine in every order of the steps of two actors, each judged
// by the history of what was told and seen. A collapse of what is covered fails, too.
import ForkTesting
import Testing

@Suite struct RacePairTests {
    /// How many orders there are, and how many different ends, at the least.
    private static let floors: [String: (orders: Int, ends: Int, deaths: Int)] = [
        "create and sweep": (150, 1, 150),
        "publish and sweep": (25, 2, 300),
        "pin and sweep": (40, 2, 200),
        "expiry and append": (100, 2, 300),
        "expiry and create": (400, 3, 300),
        "forced drop and append": (100, 3, 80),
        "flush and create": (800, 3, 200),
        "two openers of an unrecovered journal": (25, 6, 100),
    ]

    private func explore(_ pair: RaceScenario, within bounds: RaceBounds) throws -> RaceTally {
        let explorer = try RaceExplorer(pair)
        defer { explorer.end() }
        let tally = try explorer.exploreAll(within: bounds)
        if let failure = tally.failures.first { Issue.record("\(failure)") }
        #expect(tally.isComplete, "\(pair.name): orders were left out")
        return tally
    }

    /// All orders; of the one pair that has too many, those of two preemptions.
    @Test(arguments: RaceScenario.pairs)
    func `every order of a pair keeps what was promised`(_ pair: RaceScenario) throws {
        let isLong = pair.name == "expiry and append"
        let tally = try explore(pair, within: RaceBounds(preemptionsMax: isLong ? 2 : .max))
        let floor = try #require(Self.floors[pair.name])
        #expect(tally.runCount >= floor.orders, "\(pair.name): \(tally.runCount) orders")
        #expect(tally.endStateCount >= floor.ends, "\(pair.name): \(tally.endStateCount) ends")
    }

    /// Either actor killed between any two steps, in the orders of one preemption.
    @Test(arguments: RaceScenario.pairs)
    func `a pair of which one is killed keeps what was promised`(_ pair: RaceScenario) throws {
        let tally = try explore(pair, within: RaceBounds(preemptionsMax: 1, killsMax: 1))
        let floor = try #require(Self.floors[pair.name])
        #expect(tally.killCount >= floor.deaths, "\(pair.name): \(tally.killCount) kills")
    }

    @Test func `the same choices are the same run`() throws {
        let explorer = try RaceExplorer(
            try #require(RaceScenario.pairs.first { $0.name == "forced drop and append" }),
            sabotage: .fencesAreDropped)
        defer { explorer.end() }
        let tally = try explorer.exploreAll(within: .all)
        let failure = try #require(tally.failures.first)
        let again = try explorer.replay(failure.choices, within: .all)
        #expect(again.failures.first?.steps == failure.steps)
        #expect(again.failures.first?.reason == failure.reason)
    }
}

@Suite struct RaceScriptTests {
    @Test func `actors that do what a seed says keep what was promised`() throws {
        var killCount = 0
        var stepCount = 0
        for seed in 1...40 as ClosedRange<UInt64> {
            let tally = try RaceScript(seed: seed).check(orderSeeds: 1..<5)
            killCount += tally.killCount
            stepCount += tally.stepCount
        }
        #expect(killCount > 10)
        #expect(stepCount > 3_000)
    }

    /// Script 50 found it: a collection met a killed writer's fork just as it was dropped.
    @Test func aCollectionGoesOnWhereAForkIsDroppedMeanwhile() throws {
        let tally = try RaceScript(seed: 50).check(orderSeeds: 10..<11)
        #expect(tally.runCount == 1)
    }

    /// Scripts can fail: these know nothing of fences, and find that they are gone.
    @Test func `scripts catch a fence that is dropped`() throws {
        let caught = try (1..<60 as Range<UInt64>).contains { seed in
            try RaceScript(seed: seed).run(orderSeeds: 1..<5, sabotage: .fencesAreDropped)
                .failure != nil
        }
        #expect(caught)
    }
}

@Suite struct RaceMutantTests {
    /// Each rule that the protocol's model shows to be needed, taken out of the engine's seams.
    @Test(arguments: RaceMutant.all.indices)
    func `some order catches a rule that was taken out`(_ index: Int) throws {
        let mutant = RaceMutant.all[index]
        let tally = try mutant.hunt(runsMax: 1_500)
        #expect(
            !tally.failures.isEmpty,
            "\(mutant.sabotage) in '\(mutant.scenario.name)': \(tally.runCount) orders went well")
        #expect(tally.strikeCount > 0, "\(mutant.sabotage) never struck")
    }

    /// With the rules in place the same situations keep what was promised.
    @Test func `nothing is caught where nothing was planted`() throws {
        var names: Set<String> = []
        var orderCount = 0
        for mutant in RaceMutant.all where names.insert(mutant.scenario.name).inserted {
            let explorer = try RaceExplorer(mutant.scenario, grain: .fine)
            defer { explorer.end() }
            let tally = try explorer.exploreAll(within: RaceBounds(preemptionsMax: 1))
            if let failure = tally.failures.first { Issue.record("\(failure)") }
            #expect(tally.isComplete && tally.runCount > 5, "\(mutant.scenario.name)")
            orderCount += tally.runCount
        }
        #expect(orderCount > 400)
    }

    /// A promise that no planted fault breaks is held by tests that cannot fail.
    @Test func `each rule and each invariant has a fault that breaks it`() {
        let broken = Set(Sabotage.allCases.flatMap(\.breaks))
        #expect(broken == Set(Promise.all))
    }
}

extension RaceScenario: CustomTestStringConvertible {
    public var testDescription: String { name }
}
