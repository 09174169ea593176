// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. Many seeds, on as many threads as are asked for, with what they
// covered all together.

package struct ModelSuite: Sendable {
    package var seeds: Range<UInt64>
    package var operationCount = 300
    package var threadCount = 2

    package init(seeds: Range<UInt64>) { self.seeds = seeds }

    package struct Outcome: Sendable {
        package var coverage = ModelCoverage()
        package var failures: [ModelFailure] = []
    }

    /// Runs every seed; stops early after three failures.
    package func run() async -> Outcome {
        await withTaskGroup(of: Outcome.self) { group in
            for thread in 0..<UInt64(threadCount) {
                group.addTask { run(every: UInt64(threadCount), from: thread) }
            }
            var outcome = Outcome()
            for await part in group {
                outcome.coverage.add(part.coverage)
                outcome.failures.append(contentsOf: part.failures)
            }
            return outcome
        }
    }

    private func run(every step: UInt64, from first: UInt64) -> Outcome {
        var outcome = Outcome()
        var seed = seeds.lowerBound + first
        while seed < seeds.upperBound, outcome.failures.count < 3 {
            var options = ModelOptions(seed: seed)
            options.operationCount = operationCount
            seed += step
            do {
                let run = try ModelRun(options)
                try run.run()
                outcome.coverage.add(run.coverage)
            } catch {
                let failure =
                    error as? ModelFailure
                    ?? ModelFailure(
                        seed: options.seed, operationCount: operationCount, kept: nil, step: nil,
                        underlying: error, trail: [])
                outcome.failures.append(failure)
            }
        }
        return outcome
    }
}
