// SPDX-License-Identifier: Apache-2.0
// Each part of the night can fail: with something planted a round fails, and its replay fails again.
import ForkTesting
import Foundation
import SegmentStore
import Testing

@testable import forknight

/// One at a time, as a worker runs them: the store whose bits are flipped is one a process.
@Suite(.serialized) struct NightPartTests {
    /// The disk says that it synced a journal, and did not.
    private static let lostJournalSyncs = Fault(.lose, isPermanent: true) { call, _ in
        call.isSync && call.path.hasPrefix("journals")
    }

    /// Some round of the first ones fails, and fails the same when it is replayed.
    private func expectFailure(of part: any NightPart, rounds: Range<UInt64>) {
        for round in rounds {
            guard let first = failure(of: { try part.run(round) }) else { continue }
            #expect(failure(of: { try part.run(round) }) == first)
            #expect(failure(of: { try part.replay(round) }) != nil)
            return
        }
        Issue.record("no round of \(part.name) fails, whatever is planted")
    }

    private func failure(of body: () throws -> NightTally) -> String? {
        do {
            return try body().failures.first
        } catch {
            return "\(error)"
        }
    }

    @Test func crashesFindLostSyncs() throws {
        var part = CrashPart()
        #expect(failure { try part.run(1) } == nil)
        part.planted = Self.lostJournalSyncs
        expectFailure(of: part, rounds: 1..<3)
        // A backup over an earlier one, and a generated script, as well.
        let backups = UInt64(CrashScript.all.count + 3)
        expectFailure(of: part, rounds: backups..<backups + 1)
        let appends = CrashPart.firstGenerated
        expectFailure(of: part, rounds: appends..<appends + 3)
    }

    @Test func crashesOfRecoveriesFindLostSyncs() throws {
        var part = RecoveryPart()
        part.planted = Self.lostJournalSyncs
        expectFailure(of: part, rounds: 0..<2)
    }

    @Test func failingCallsFindLostSyncs() throws {
        var part = SeamCallPart()
        #expect(failure { try part.run(0) } == nil)
        part.planted = Self.lostJournalSyncs
        expectFailure(of: part, rounds: 0..<3)
    }

    @Test func flipsFindABlindVerify() throws {
        var part = FlipPart()
        #expect(failure { try part.run(0) } == nil)
        part.isVerifyBlind = true
        expectFailure(of: part, rounds: 0..<1)
    }

    /// What the rounds count is what the table says.
    @Test func roundsCountWhatTheyDid() throws {
        let crashes = try CrashPart().run(1)
        #expect(crashes.units >= 30 && crashes.fingerprints.count >= 20)
        #expect(Set(crashes.fingerprints).count == crashes.fingerprints.count)
        #expect(try CrashPart().run(1) == crashes)
        // Chance chooses which recoveries of a script are cut short: of a short one maybe none.
        let recoveries = try (0..<4).map { try RecoveryPart().run($0) }
        #expect(recoveries.contains { $0.units > 0 && !$0.fingerprints.isEmpty })
        let flips = try FlipPart().run(0)
        #expect(flips.units == 500)
        #expect((flips.counts["told"] ?? 0) > 0 && (flips.counts["in-unused-space"] ?? 0) > 0)
        #expect((flips.counts["forks-read-beside-damage"] ?? 0) > 0)
    }

    /// Every fault is a round; where nothing was planted, nothing is caught, and that is told.
    @Test func mutantsThatNobodyCatchesAreTold() throws {
        var part = MutantPart()
        let first = try part.run(0)
        #expect(first.failures.isEmpty && first.counts["by-checks"] == 1)
        #expect(RuleMutant.all.count + RaceMutant.all.count >= 80)
        part.isHonest = true
        expectFailure(of: part, rounds: 0..<1)
    }

    @Test func memoryIsMeasuredAndMoreThanTheBoundIsTold() throws {
        var part = MemoryPart()
        part.program = Bundle.main.bundleURL.appendingPathComponent("forknight").path
        let tally = try part.run(2)
        #expect(tally.units == 2)
        let peak = try #require(tally.counts["write-200-KiB"])
        #expect(peak > 4_000)
        part.plantedMebibytes = 40
        #expect(try part.run(2).failures.count == 2)
    }

    @Test func aModelRoundFailsAndIsCutDown() throws {
        var part = ModelPart()
        part.planted = .expiresLate
        expectFailure(of: part, rounds: 0..<3)
    }
}

@Suite struct CrashOperationTests {
    @Test func allPairsThenAllTriplesThenFours() {
        let count = CrashOperation.allCases.count
        let pairs = (0..<count * count).map { CrashOperation.sequence(UInt64($0)) }
        #expect(Set(pairs).count == count * count)
        #expect(pairs.allSatisfy { $0.count == 2 })
        let first = count * count
        let triples = (first..<first + count * count * count).map {
            CrashOperation.sequence(UInt64($0))
        }
        #expect(Set(triples).count == count * count * count)
        #expect(triples.allSatisfy { $0.count == 3 })
        #expect(CrashOperation.sequence(UInt64(first + count * count * count)).count == 4)
    }

    @Test func everyBitIsFlippedOnce() {
        for count in [1, 2, 7, 64, 1_000, 4_099] {
            let places = (0..<count).map { FlipSweep.scattered($0, among: count) }
            #expect(Set(places).count == count)
            #expect(places.allSatisfy { $0 >= 0 && $0 < count })
        }
    }
}
