// SPDX-License-Identifier: Apache-2.0
// forknight: a process stopped at each of its calls by strace while others work, then gone on with.
import SegmentStore

struct StopPart: NightPart {
    let name = "stops"
    let unit = "stops"
    /// A few of each scenario's calls, and all of them.
    let onChange = NightGoal.rounds(Self.leftCount + StopScenario.all.count)
    let atNight = NightGoal.rounds(Self.leftCount + StopScenario.all.count * Self.sliceCount)

    /// The first rounds stop a process for good.
    private static let leftCount = LeftStopped.allCases.count
    /// Each other round takes one scenario and every 32nd of its calls.
    static let sliceCount = 32
    private static let sittings = Locked<[Int: StopSitting]>([:])

    func obstacle() -> String? {
        Program.find("strace") == nil ? "strace is missing: apt-get install strace" : nil
    }

    func run(_ number: UInt64) throws -> NightTally {
        var tally = NightTally()
        if let left = LeftStopped(rawValue: Int(number)) {
            try left.run()
            tally.units = 1
            return tally
        }
        let number = Int(number) - Self.leftCount
        let sitting = try sitting(number % StopScenario.all.count)
        let slice = number / StopScenario.all.count
        for (index, injected) in sitting.cases.enumerated()
        where index % Self.sliceCount == slice {
            do throws(MachineFailure) {
                // A thread may come to its call in another order than when it was traced.
                if try sitting.run(injected) {
                    tally.units += 1
                } else {
                    tally.count("not-stopped")
                }
            } catch {
                tally.failures.append("\(error)")
            }
        }
        return tally
    }

    private func sitting(_ index: Int) throws(MachineFailure) -> StopSitting {
        if let known = Self.sittings.withLock({ $0[index] }) { return known }
        let sitting = try StopSitting(StopScenario.all[index])
        Self.sittings.withLock { $0[index] = sitting }
        return sitting
    }
}
