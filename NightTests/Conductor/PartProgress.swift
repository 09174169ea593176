// SPDX-License-Identifier: Apache-2.0
// forknight: how far one part has come.

struct PartProgress {
    /// A part that failed so often is not gone on with.
    private static let failureCountMax = 10

    let part: any NightPart
    let goal: NightGoal
    let obstacle: String?
    private(set) var total = NightTally()
    private(set) var failures: [(round: UInt64, text: String)] = []
    private(set) var milliseconds = 0
    private(set) var roundsAtWork: Set<UInt64> = []
    private var doneRounds: Set<UInt64> = []
    private var fingerprints: Set<UInt64> = []
    private var nextRound: UInt64 = 0

    init(_ part: any NightPart, goal: NightGoal) {
        self.part = part
        self.goal = goal
        obstacle = goal == .nothing ? nil : part.obstacle()
    }

    var roundCount: Int { doneRounds.count }

    /// Different units, where the part tells them apart; else all, since no two rounds are alike.
    var distinctCount: Int { fingerprints.isEmpty ? total.units : fingerprints.count }

    var wanted: Int {
        switch goal {
        case .units(let count), .rounds(let count): count
        case .nothing: 0
        }
    }

    /// What is done of what is wanted, in its unit.
    private var done: Int {
        if case .units = goal { return distinctCount }
        return roundCount
    }

    private var isGivenUp: Bool { failures.count >= Self.failureCountMax }

    var isComplete: Bool { done >= wanted }

    var isOver: Bool { obstacle != nil || isComplete || isGivenUp }

    var fraction: Double { wanted == 0 ? 1 : min(1, Double(done) / Double(wanted)) }

    /// With what is under way counted as done.
    var expectedFraction: Double {
        guard wanted > 0 else { return 1 }
        let aRound = roundCount == 0 ? 0 : Double(done) / Double(roundCount)
        return (Double(done) + aRound * Double(roundsAtWork.count)) / Double(wanted)
    }

    /// Milliseconds of one worker until it is over; nil: not known yet.
    var millisecondsLeft: Double? {
        if isOver { return 0 }
        return fraction == 0 ? nil : Double(milliseconds) * (1 - fraction) / fraction
    }

    /// What must come up and has not: told only once the part is complete.
    var gaps: [String] {
        guard isComplete else { return [] }
        return total.coverage.sorted { $0.key < $1.key }.compactMap { name, coverage in
            coverage.isComplete
                ? nil : "\(name): only \(coverage.seenCount) of \(coverage.total) came up"
        }
    }

    var hasFailed: Bool { !failures.isEmpty || !gaps.isEmpty }

    var mayStart: Bool {
        guard !isOver, roundsAtWork.count < part.roundsAtOnceMax else { return false }
        if case .rounds(let count) = goal { return nextFreeRound < UInt64(count) }
        return expectedFraction < 1
    }

    private var nextFreeRound: UInt64 {
        var round = nextRound
        while doneRounds.contains(round) || roundsAtWork.contains(round) { round += 1 }
        return round
    }

    mutating func takeRound() -> UInt64 {
        let round = nextFreeRound
        nextRound = round + 1
        roundsAtWork.insert(round)
        return round
    }

    mutating func add(_ report: ReportLine) {
        roundsAtWork.remove(report.round)
        guard doneRounds.insert(report.round).inserted else { return }
        milliseconds += report.milliseconds
        fingerprints.formUnion(report.tally.fingerprints)
        total.units += report.tally.units
        for (name, count) in report.tally.counts { total.count(name, count) }
        for (name, coverage) in report.tally.coverage {
            total.coverage[name, default: NightCoverage(total: coverage.total)].add(coverage)
        }
        for failure in report.tally.failures { failures.append((report.round, failure)) }
    }
}
