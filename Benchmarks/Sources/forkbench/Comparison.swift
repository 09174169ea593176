// SPDX-License-Identifier: Apache-2.0
// forkbench: cases that are measured in turn, so that a noisy neighbour meets all of them.

struct Comparison {
    struct Case {
        let name: String
        var samples = Samples()
        /// What was counted beside the time.
        var note = ""

        init(_ name: String) { self.name = name }
    }

    let title: String
    /// How many times the first case's median another's may be; nil: they are only shown.
    let limit: Double?
    var cases: [Case]

    init(_ title: String, limit: Double? = 1.5, _ names: [String]) {
        self.title = title
        self.limit = limit
        cases = names.map { Case($0) }
    }

    /// Measures each case once a round, each time beginning with the next one.
    mutating func measure(
        rounds: Int, _ body: (_ round: Int, _ index: Int, inout Samples) throws -> Void
    ) rethrows {
        for round in 0..<rounds {
            for turn in cases.indices {
                let index = (round + turn) % cases.count
                try body(round, index, &cases[index].samples)
            }
        }
    }

    func ratio(_ item: Case) -> Double { item.samples.median / cases[0].samples.median }

    /// The cases that cost more than they may.
    var excesses: [Case] {
        guard let limit else { return [] }
        return cases.filter { !(ratio($0) <= limit) }
    }
}
