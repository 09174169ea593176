// SPDX-License-Identifier: Apache-2.0
// forknight: actors that do what a seed says, in an order that a seed says (reliability-protocol.md).
import ForkTesting

struct RacePart: NightPart {
    let name = "interleavings"
    let unit = "orders"
    let onChange = NightGoal.units(2_000)
    let atNight = NightGoal.units(300_000)

    private static let ordersPerRound: UInt64 = 20

    func run(_ number: UInt64) throws -> NightTally {
        let script = RaceScript(seed: number + 1)
        let run = try script.check(orderSeeds: 1..<(Self.ordersPerRound + 1))
        var tally = NightTally(units: run.runCount)
        tally.count("steps", run.stepCount)
        tally.count("kills", run.killCount)
        return tally
    }
}

/// Every order of two actors within bounds: one pair and one kind of bounds a round.
struct PairPart: NightPart {
    let name = "pairs"
    let unit = "orders"
    let onChange = NightGoal.rounds(8)
    let atNight = NightGoal.rounds(32)
    let roundSecondsMax = 3_600

    func run(_ number: UInt64) throws -> NightTally {
        let pairs = RaceScenario.pairs
        let pair = pairs[Int(number % UInt64(pairs.count))]
        let kind = number / UInt64(pairs.count)
        let bounds = [
            RaceBounds(runsMax: 100_000),
            RaceBounds(preemptionsMax: 2, killsMax: 1, runsMax: 100_000),
            RaceBounds(preemptionsMax: 2, runsMax: 100_000),
            RaceBounds(preemptionsMax: 1, windowStepCount: 12, runsMax: 100_000),
        ][Int(kind % 4)]
        let explorer = try RaceExplorer(pair, grain: kind % 4 < 2 ? .coarse : .fine)
        defer { explorer.end() }
        let found = try explorer.exploreAll(within: bounds)
        var tally = NightTally(units: found.runCount)
        tally.failures = found.failures.map(\.description)
        tally.count("ends", found.endStateCount)
        tally.count("kills", found.killCount)
        if !found.isComplete { tally.count("incomplete") }
        return tally
    }
}
