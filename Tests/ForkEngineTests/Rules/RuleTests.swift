// SPDX-License-Identifier: Apache-2.0
// Every invariant and every rule of docs/invariants.md by its number: held, and shown to be caught
// when a saboteur breaks it.
import ForkTesting
import Foundation
import SegmentStore
import Testing

@Suite struct RuleTests {
    @Test func invariant1SyncedEventsSurvive() throws { try RuleCheck.invariant1.prove() }
    @Test func invariant2NothingAboveTheWatermark() throws { try RuleCheck.invariant2.prove() }
    @Test func invariant3VersionsAreGapless() throws { try RuleCheck.invariant3.prove() }
    @Test func invariant4ForksAreIndependent() throws { try RuleCheck.invariant4.prove() }
    @Test func invariant5ObjectsNeverChange() throws { try RuleCheck.invariant5.prove() }
    @Test func invariant6WhatIsDamagedIsNotGivenOut() throws {
        try RuleCheck.invariant6.prove()
    }
    @Test func invariant7CollectedIsWhatNothingReaches() throws {
        try RuleCheck.invariant7.prove()
    }
    @Test func invariant8FailuresChangeNothing() throws { try RuleCheck.invariant8.prove() }
    @Test func invariant9ExpiredForksAreClosed() throws { try RuleCheck.invariant9.prove() }
    @Test func invariant9ExpiredForksStayClosed() throws { try RuleCheck.invariant9Clock.prove() }
    @Test func invariant10DamageIsContained() throws { try RuleCheck.invariant10.prove() }

    @Test func rule1OneWriter() throws { try RuleCheck.rule1.prove() }
    @Test func rule2TheFence() throws { try RuleCheck.rule2Fence.prove() }
    @Test func rule2TheWordMovesAfterTheSync() throws { try RuleCheck.rule2Order.prove() }
    @Test func rule3RecoveredIsDurable() throws { try RuleCheck.rule3Recovered.prove() }
    @Test func rule3AFailedSync() throws { try RuleCheck.rule3FailedSync.prove() }
    @Test func rule4BelowASealedEnd() throws { try RuleCheck.rule4Sealed.prove() }
    @Test func rule4BelowTheWord() throws { try RuleCheck.rule4Word.prove() }
    @Test func rule4BelowALaterFrame() throws { try RuleCheck.rule4Frames.prove() }
    @Test func rule4ByTheCatalog() throws { try RuleCheck.rule4ByTheCatalog.prove() }
    @Test func rule4BelowWhereAnOverlayBegins() throws { try RuleCheck.rule4ByAnOverlay.prove() }
    @Test func rule4AReadError() throws { try RuleCheck.rule4ReadError.prove() }
    @Test func rule5NamedBeforeMade() throws { try RuleCheck.rule5Named.prove() }
    @Test func rule5AbsentIsDamage() throws { try RuleCheck.rule5Absent.prove() }
    @Test func rule6Generations() throws { try RuleCheck.rule6Generations.prove() }
    @Test func rule6AFlushIsOneCommit() throws { try RuleCheck.rule6Flush.prove() }
    @Test func rule6TheWordInTheTransaction() throws { try RuleCheck.rule6Word.prove() }
    @Test func rule7Points() throws { try RuleCheck.rule7.prove() }
    @Test func rule8Publishing() throws { try RuleCheck.rule8.prove() }
    @Test func rule8ADonorThatMoved() throws { try RuleCheck.rule8Donor.prove() }
    @Test func rule9ReusedIsRevived() throws { try RuleCheck.rule9Revived.prove() }
    @Test func rule9ReusedIsDurable() throws { try RuleCheck.rule9Durable.prove() }
    @Test func rule10Pins() throws { try RuleCheck.rule10.prove() }
    @Test func rule11ClocksDecideNothing() throws { try RuleCheck.rule11.prove() }
    @Test func rule12AFenceIsLeftByACommit() throws { try RuleCheck.rule12Commit.prove() }
    @Test func rule12ALostCommitNamesNothing() throws { try RuleCheck.rule12Ghost.prove() }
    @Test func rule14TheClockLeadsByAnHour() throws { try RuleCheck.rule14.prove() }
    @Test func rule14TheClockNeverRunsBackwards() throws { try RuleCheck.rule14Floor.prove() }
    @Test func rule16NothingIsDeletedBesideDamage() throws { try RuleCheck.rule16.prove() }
    @Test func rule16AFullDiskIsRead() throws { try RuleCheck.rule16Reading.prove() }
    @Test func rule16TheReserveIsKeptFromCollections() throws {
        try RuleCheck.rule16Collecting.prove()
    }
    @Test func rule16TheReserveIsShared() throws { try RuleCheck.rule16Sharing.prove() }
    @Test func rule16TheReserve() throws { try RuleCheck.rule16Reserve.prove() }

    /// Each planted fault belongs to a check; those that have no check here are proved elsewhere.
    @Test func everySabotageIsSomebodysToCatch() {
        let planted = RuleCheck.all.flatMap(\.faults)
        let elsewhere: [Sabotage] = [.catalogLocksAreGranted, .volumesAreBelieved]
        let raced = RaceMutant.all.map(\.sabotage)
        #expect(Set(planted + elsewhere + raced) == Set(Sabotage.allCases))
    }
}

extension RuleTests {
    /// A check that no test runs holds nothing: this file names each of them once.
    @Test func everyCheckIsSomebodysTest() throws {
        let text = try String(contentsOfFile: #filePath, encoding: .utf8)
        let proofs = text.split(separator: "\n").filter { $0.hasSuffix(".prove() }") }
        let multiline = text.components(separatedBy: "\n        try RuleCheck.").count - 1
        #expect(proofs.count + multiline == RuleCheck.all.count)
    }
}
