// SPDX-License-Identifier: Apache-2.0
// forknight: the canary of the kills and of the failing calls: programs that lie are told.

struct LyingProgramPart: NightPart {
    let name = "lying-programs"
    let unit = "lies"
    let onChange = NightGoal.rounds(LyingProgram.allCases.count)
    let atNight = NightGoal.rounds(LyingProgram.allCases.count * 10)

    func obstacle() -> String? { FailingCallPart().obstacle() }

    func run(_ number: UInt64) throws -> NightTally {
        let count = UInt64(LyingProgram.allCases.count)
        let lie = LyingProgram.allCases[Int(number % count)]
        guard let failure = try lie.judge(seed: number) else {
            throw NightFailure("nobody noticed: \(lie)")
        }
        guard failure.contains(lie.mark) else {
            throw NightFailure("\(lie) was not told as itself: \(failure)")
        }
        return NightTally(units: 1)
    }
}
