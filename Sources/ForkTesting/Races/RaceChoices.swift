// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, races. Who decides whose turn it is: every order once, one after the other,
// or as a seed has it.

/// Where a run may branch, answered one after the other.
package protocol RaceChoices: AnyObject {
    /// A number below `count`, which is 2 at least. The last `deaths` of the answers are kills.
    func choose(among count: Int, deaths: Int) -> Int
}

/// Every sequence of answers once: a walk through the tree of runs, depth first.
///
/// ```
/// run 1: 0 0 0      run 2: 0 0 1      run 3: 0 1 0      ...
/// ```
package final class EveryChoice: RaceChoices {
    private var path: [(taken: Int, count: Int)] = []
    private var next = 0
    /// Whether a run that was given the same answers asked other questions: then something in it
    /// hangs on more than the answers, and nothing was enumerated.
    private(set) var hasDiverged = false

    package init() {}

    package func choose(among count: Int, deaths: Int) -> Int {
        defer { next += 1 }
        if next < path.count {
            if path[next].count != count { hasDiverged = true }
            return min(path[next].taken, count - 1)
        }
        path.append((0, count))
        return 0
    }

    /// Goes to the next run; false where this was the last.
    package func advance() -> Bool {
        if next < path.count { hasDiverged = true }
        next = 0
        while let last = path.popLast() {
            if last.taken + 1 < last.count {
                path.append((last.taken + 1, last.count))
                return true
            }
        }
        return false
    }

    /// The answers of the run that was made last.
    package var taken: [Int] { path.map(\.taken) }
}

/// Answers that were given before, then always the first.
package final class GivenChoices: RaceChoices {
    private var left: [Int]

    package init(_ taken: [Int]) { left = taken.reversed() }

    package func choose(among count: Int, deaths: Int) -> Int {
        min(left.popLast() ?? 0, count - 1)
    }
}

/// Answers by chance, and remembered.
package final class SeededChoices: RaceChoices {
    private var generator: SeededGenerator
    /// How many answers of so many are the first one, which is to go on.
    private let goingOnOf: UInt64
    package private(set) var taken: [Int] = []

    package init(seed: UInt64, goingOnOf: UInt64 = 2) {
        generator = SeededGenerator(seed: seed)
        self.goingOnOf = goingOnOf
    }

    package func choose(among count: Int, deaths: Int) -> Int {
        let isDeath = deaths > 0 && generator.next() % 128 == 0
        let goesOn = generator.next() % goingOnOf != 0
        let chance = generator.next()
        let turns = UInt64(count - deaths)
        let choice =
            isDeath
            ? count - 1 - Int(chance % UInt64(deaths)) : goesOn ? 0 : Int(chance % turns)
        taken.append(choice)
        return choice
    }
}
