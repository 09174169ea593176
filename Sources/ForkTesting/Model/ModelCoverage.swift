// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. What a suite of runs went through: a generator that never makes some
// pair of operations, or never combines some filters, proves less than it seems to.

package struct ModelCoverage: Sendable {
    private static let kinds = ModelOperation.Kind.allCases
    /// How often `second` came right after `first`, at `first * kinds + second`.
    private var pairs = [Int](repeating: 0, count: kinds.count * kinds.count)
    private var queries = [Int](repeating: 0, count: ModelQuery.combinationCount)
    private var last: ModelOperation.Kind?
    package private(set) var stepCount = 0

    package init() {}

    mutating func saw(_ kind: ModelOperation.Kind) {
        if let last { pairs[last.rawValue * Self.kinds.count + kind.rawValue] += 1 }
        last = kind
        stepCount += 1
    }

    mutating func saw(_ query: ModelQuery) { queries[query.combination] += 1 }

    package mutating func add(_ other: ModelCoverage) {
        for index in pairs.indices { pairs[index] += other.pairs[index] }
        for index in queries.indices { queries[index] += other.queries[index] }
        stepCount += other.stepCount
    }

    /// Ordered pairs of kinds that never came one after the other.
    package var missingPairs: [String] {
        pairs.indices.filter { pairs[$0] == 0 }.map { index in
            "\(Self.kinds[index / Self.kinds.count]), \(Self.kinds[index % Self.kinds.count])"
        }
    }

    /// Combinations of query options that were never asked, as bits.
    package var missingQueries: [Int] { queries.indices.filter { queries[$0] == 0 } }

    /// The pairs and the combinations that came up, by their numbers.
    package var seenPairs: [Int] { pairs.indices.filter { pairs[$0] > 0 } }
    package var seenQueries: [Int] { queries.indices.filter { queries[$0] > 0 } }
    package var pairCount: Int { pairs.count }
}
