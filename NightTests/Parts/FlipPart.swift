// SPDX-License-Identifier: Apache-2.0
// forknight: each bit of a store turned over, one at a time (invariants 6 and 10).
import ForkTesting
import SegmentStore

struct FlipPart: NightPart {
    let name = "bit-flips"
    let unit = "bits"
    let onChange = NightGoal.units(20_000)
    var isVerifyBlind = false

    private static let flipsPerRound = 500

    /// One a process: a round changes copies of it.
    private static let sweep = Result { try Box(sweep: FlipSweep()) }

    /// `@unchecked Sendable`: a process runs one round at a time.
    private struct Box: @unchecked Sendable {
        let sweep: FlipSweep
    }

    /// Every bit there is. Where the store cannot be made, the first round says why.
    var atNight: NightGoal {
        switch Self.sweep {
        case .success(let box): .units(box.sweep.bitCount)
        case .failure: .rounds(1)
        }
    }

    func run(_ number: UInt64) throws -> NightTally {
        let sweep = try Self.sweep.get().sweep
        sweep.isVerifyBlind = isVerifyBlind
        let first = Int(number) * Self.flipsPerRound
        let report = try sweep.run(first..<first + Self.flipsPerRound)
        var tally = NightTally(units: report.flipCount)
        tally.count("told", report.toldCount)
        tally.count("in-unused-space", report.unusedCount)
        tally.count("forks-read-beside-damage", report.readableForkCount)
        return tally
    }
}
