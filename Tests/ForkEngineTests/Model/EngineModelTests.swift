// SPDX-License-Identifier: Apache-2.0
// The engine against the reference model: random steps, every answer compared.
//
// A few seeds that a debugger can follow: forknight runs hundreds, and holds them to all pairs of steps.
// FORKCTL_MODEL_SEEDS and FORKCTL_MODEL_OPERATIONS raise the counts. FORKCTL_MODEL_SEED runs one seed,
// cuts it down where it fails, and prints the command that replays what is left.
import ForkTesting
import Glibc
import Testing

@Suite struct EngineModelTests {
    @Test func everyAnswerEqualsThePlainModels() async throws {
        if let seed = number("FORKCTL_MODEL_SEED") { return try replay(UInt64(seed)) }
        let seedCount = number("FORKCTL_MODEL_SEEDS") ?? 24
        var suite = ModelSuite(seeds: 1..<UInt64(seedCount) + 1)
        suite.operationCount = number("FORKCTL_MODEL_OPERATIONS") ?? suite.operationCount
        suite.threadCount = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let outcome = await suite.run()
        for failure in outcome.failures { Issue.record("\(failure)") }
        guard outcome.failures.isEmpty, seedCount >= 300 else { return }
        #expect(outcome.coverage.missingPairs == [], "pairs of steps that no seed made")
        #expect(outcome.coverage.missingQueries == [], "filters that no seed combined")
    }

    private func replay(_ seed: UInt64) throws {
        var options = ModelOptions(seed: seed)
        options.operationCount = number("FORKCTL_MODEL_OPERATIONS") ?? options.operationCount
        options.kept = getenv("FORKCTL_MODEL_KEEP").map { text in
            String(cString: text).split(separator: ",").compactMap { Int($0) }
        }
        do {
            try ModelRun(options).run()
        } catch let failure as ModelFailure {
            let isCut = options.kept != nil
            Issue.record("\(isCut ? failure : ModelShrinker().shrink(failure, of: options))")
        }
    }

    private func number(_ name: String) -> Int? {
        getenv(name).flatMap { Int(String(cString: $0)) }
    }
}

@Suite struct EngineModelFaultTests {
    /// A suite that cannot fail shows nothing: each fault is found within a few seeds.
    @Test(arguments: PlantedFault.allCases)
    func aPlantedFaultIsFound(_ fault: PlantedFault) throws {
        for seed in UInt64(1)...12 {
            var options = ModelOptions(seed: seed)
            options.fault = fault
            do {
                try ModelRun(options).run()
            } catch is ModelFailure {
                return
            }
        }
        Issue.record("no seed finds the fault \(fault)")
    }

    @Test func aFailingRunIsCutDown() throws {
        var options = ModelOptions(seed: 1)
        options.fault = .expiresLate
        let failure = try #require(throws: ModelFailure.self) { try ModelRun(options).run() }
        var shrinker = ModelShrinker()
        shrinker.runCountMax = 100
        let shrunk = shrinker.shrink(failure, of: options)
        #expect((shrunk.kept?.count ?? .max) <= 4)
        #expect(shrunk.command.contains("FORKCTL_MODEL_SEED=1 "))
    }
}
