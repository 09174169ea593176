// SPDX-License-Identifier: Apache-2.0
// forknight: what one round counted, or all rounds of a part together.

package struct NightTally: Equatable, Sendable {
    /// Units that were checked.
    package var units = 0
    /// A hash of each unit where units may be equal: only different ones count.
    package var fingerprints: [UInt64] = []
    /// Other things worth a number, by a name of one word.
    package var counts: [String: Int] = [:]
    /// What must come up at least once, by a name of one word.
    package var coverage: [String: NightCoverage] = [:]
    /// What went wrong, each told in full.
    package var failures: [String] = []

    package init(units: Int = 0) { self.units = units }

    package mutating func count(_ name: String, _ number: Int = 1) {
        counts[name, default: 0] += number
    }
}

/// Which of a number of things were seen.
package struct NightCoverage: Equatable, Sendable {
    package let total: Int
    /// Bit `index % 64` of word `index / 64`.
    private(set) var words: [UInt64]

    package init(total: Int) {
        self.total = total
        words = [UInt64](repeating: 0, count: (total + 63) / 64)
    }

    init?(total: Int, words: [UInt64]) {
        guard words.count == (total + 63) / 64 else { return nil }
        self.total = total
        self.words = words
    }

    package mutating func see(_ index: Int) {
        precondition(index >= 0 && index < total)
        words[index / 64] |= 1 << UInt64(index % 64)
    }

    package mutating func add(_ other: NightCoverage) {
        precondition(total == other.total)
        for index in words.indices { words[index] |= other.words[index] }
    }

    package var seenCount: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    package var isComplete: Bool { seenCount == total }
}
