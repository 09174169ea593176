// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, races. A rule taken out, and the situation in which some order shows it.

/// A planted fault that some order of a scenario must catch; without it, none goes wrong.
package struct RaceMutant: Sendable {
    /// The runs of the protocol's model that this replays on the engine.
    package let counterexamples: [String]
    package let sabotage: Sabotage
    package let scenario: RaceScenario
    package let killsMax: Int

    package static let all: [RaceMutant] = [
        RaceMutant(["H2a"], .unarmedWordsCountForNothing, .rotateAndDrop),
        RaceMutant(["H2a"], .fencesAreOverwritten, .dropAndAppend),
        RaceMutant(["H2b"], .wordsAreArmedLate, .openAndDrop),
        RaceMutant(["H3b"], .transactionsReadBefore, .dropAndAppend),
        RaceMutant(["H4", "H4b"], .unarmedWordsArePinned, .rotateAndView),
        RaceMutant(["H5a", "H5b"], .bootsAreForgotten, .openAndCreateAfterCut),
        RaceMutant(["H6a"], .revivedIsNeverEmptied, .publishAndDrop),
        RaceMutant(["H6b"], .revivedIsEmptiedLate, .publishAndDrop),
        RaceMutant(["H7a", "H7b", "H7c"], .collectorLocksAreGranted, .twoSweeps),
        RaceMutant(["H8"], .publishLocksComeLate, .adoptAndSweep),
        RaceMutant(["rule 8 publish lock after"], .publishLocksComeLate, .publishAndSweep),
        RaceMutant(["rule 9 no revived"], .revivalsAreForgotten, .publishAndSweep),
        RaceMutant(["rule 9 no revived"], .revivalsAreDenied, .publishAndSweep),
        RaceMutant(["rule 9 list after"], .oldRowsAreMarked, .flushAndSweep),
        RaceMutant(["rule 9 reuse without"], .objectFolderSyncsAreLost, .publishAndSweep),
        RaceMutant(["rule 9 batch without"], .exclusiveLocksAreGranted, .publishAndSweep),
        RaceMutant(["rule 10 pins read before"], .pinsAreReadEarly, .pinDropAndSweep),
        RaceMutant(["rule 10 no link check, dead pins"], .pinsAreSweptFreely, .pinAndSweeps),
        RaceMutant(["H10"], .publishLocksAreTakenTwice, .pinAndSweep),
        RaceMutant(["rule 10 catalog read before"], .rowsAreReadOnce, .pinAndSweep),
        RaceMutant(["rule 10 pin without"], .publishLocksAreGranted, .pinDropAndSweep),
        RaceMutant(["rule 6 word read outside"], .liveWordsAreStale, .rotateAndCreate),
        RaceMutant(["rule 6 commit before"], .objectSyncsAreLost, .flushAndCreate),
        RaceMutant(
            ["rule 2 word advanced before"], .journalSyncsComeLate, .flushAndCreate, killsMax: 1),
        RaceMutant(["rule 3 recovery without"], .recoverySyncsAreLost, .twoOpeners),
        RaceMutant(["rule 13 synchronous NORMAL"], .commitsAreNotSynced, .flushAndCreate),
        RaceMutant([], .fencesAreDropped, .dropAndAppend),
        RaceMutant([], .writerLocksAreGranted, .twoOpeners),
        RaceMutant([], .forksExpireLate, .expiryAndAppend),
        RaceMutant([], .overlayNumbersAreReused, .beginAndSweep),
        RaceMutant([], .pinsAreHidden, .pinAndSweep),
        RaceMutant([], .journalSyncsAreLost, .flushAndCreate),
    ]

    init(
        _ counterexamples: [String], _ sabotage: Sabotage, _ scenario: RaceScenario,
        killsMax: Int = 0
    ) {
        self.killsMax = killsMax
        self.counterexamples = counterexamples
        self.sabotage = sabotage
        self.scenario = scenario
    }

    /// Explores until an order is caught: with a preemption or two first, since most need no more.
    package func hunt(runsMax: Int) throws -> RaceTally {
        var last = RaceTally()
        for preemptions in 1...4 {
            let explorer = try RaceExplorer(scenario, grain: .fine, sabotage: sabotage)
            defer { explorer.end() }
            last = try explorer.exploreAll(
                within: RaceBounds(
                    preemptionsMax: preemptions, killsMax: killsMax, runsMax: runsMax))
            if !last.failures.isEmpty { break }
        }
        return last
    }
}
