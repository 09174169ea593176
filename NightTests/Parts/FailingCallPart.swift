// SPDX-License-Identifier: Apache-2.0
// forknight: every system call of every command fails once, and kills once, by strace.

struct FailingCallPart: NightPart {
    let name = "failing-calls"
    let unit = "calls"
    /// Some of each command's calls, and all of them.
    let onChange = NightGoal.rounds(InjectionCommand.all.count * 4)
    let atNight = NightGoal.rounds(InjectionCommand.all.count * Self.sliceCount)

    /// Each round takes one command and every 64th of its calls, in no order.
    private static let sliceCount = 64

    func obstacle() -> String? {
        Program.find("strace") == nil ? "strace is missing: apt-get install strace" : nil
    }

    func run(_ number: UInt64) throws -> NightTally {
        let command = Int(number) % InjectionCommand.all.count
        let slice = Int(number) / InjectionCommand.all.count
        let sitting = try InjectionSitting([InjectionCommand.all[command]])
        var tally = NightTally()
        for (index, injected) in sitting.cases.enumerated()
        where Int((UInt64(index) &* 0x9E37_79B9_7F4A_7C15) >> 58) == slice {
            tally.units += 1
            do throws(MachineFailure) {
                try sitting.run(injected)
            } catch {
                tally.failures.append("\(error)")
            }
        }
        return tally
    }
}
