// SPDX-License-Identifier: Apache-2.0
// forknight: random steps on the engine and on the reference model, every answer compared.
import ForkTesting

struct ModelPart: NightPart {
    let name = "models"
    let unit = "seeds"
    let onChange = NightGoal.rounds(300)
    let atNight = NightGoal.rounds(50_000)

    /// Put wrong on purpose, to show that the part can fail.
    var planted: PlantedFault?

    private func options(_ number: UInt64) -> ModelOptions {
        var options = ModelOptions(seed: number + 1)
        options.fault = planted
        return options
    }

    func run(_ number: UInt64) throws -> NightTally {
        let run = try ModelRun(options(number))
        try run.run()
        var tally = NightTally(units: 1)
        tally.count("steps", run.coverage.stepCount)
        var pairs = NightCoverage(total: run.coverage.pairCount)
        for index in run.coverage.seenPairs { pairs.see(index) }
        var filters = NightCoverage(total: ModelQuery.combinationCount)
        for index in run.coverage.seenQueries { filters.see(index) }
        var clocks = NightCoverage(total: ClockKind.allCases.count)
        clocks.see(run.clockKind.rawValue)
        tally.coverage = ["pairs": pairs, "filters": filters, "clocks": clocks]
        return tally
    }

    /// Cuts the steps down to those that matter.
    func replay(_ number: UInt64) throws -> NightTally {
        do {
            return try run(number)
        } catch let failure as ModelFailure {
            throw ModelShrinker().shrink(failure, of: options(number))
        }
    }
}
