// SPDX-License-Identifier: Apache-2.0
// forknight: how much memory a process holds beside a large store. docs/limits.md states the bounds.

struct MemoryPart: NightPart {
    let name = "memory"
    let unit = "processes"
    let onChange = NightGoal.rounds(3)
    let atNight = NightGoal.rounds(6)
    let roundsAtOnceMax = 1
    let roundSecondsMax = 3_600
    /// Held besides, as far as the bounds are told.
    var plantedMebibytes = 0
    var program = Program.own

    /// What is done with one store, and the most memory that each process may hold.

    struct Step {
        let task: MemoryTask
        let count: Int
        let mebibytesMax: Int

        init(_ task: MemoryTask, _ count: Int, _ mebibytesMax: Int) {
            self.task = task
            self.count = count
            self.mebibytesMax = mebibytesMax
        }
    }

    /// The first three small enough for every change; then what docs/limits.md states.
    static let rounds = [
        forks(10_000, mebibytesMax: 30), events(1_000_000), writers(200, mebibytesMax: 40),
        forks(100_000, mebibytesMax: 50), events(10_000_000), writers(1_000, mebibytesMax: 100),
    ]

    private static func forks(_ count: Int, mebibytesMax: Int) -> [Step] {
        let tasks: [MemoryTask] = [
            .makeForks, .openStore, .listForks, .createFork, .collect, .verify,
        ]
        return tasks.map { Step($0, count, mebibytesMax) }
    }

    /// An import has 128 MiB of tails and what a flush of them takes; a verify fills the page cache,
    /// which has 256 MiB.
    private static func events(_ count: Int) -> [Step] {
        [
            Step(.makeEvents, count, 400), Step(.scanEvents, count, 100),
            Step(.collect, count, 50), Step(.verify, count, 350),
        ]
    }

    private static func writers(_ count: Int, mebibytesMax: Int) -> [Step] {
        [Step(.makeForks, count + 1, 30), Step(.writeForks, count, mebibytesMax)]
    }

    func run(_ number: UInt64) throws -> NightTally {
        guard let steps = Self.rounds.dropFirst(Int(number)).first else {
            throw NightFailure("the part has \(Self.rounds.count) rounds")
        }
        let folder = try MachineFolder(inMemory: false)
        defer { withExtendedLifetime(folder) {} }
        var tally = NightTally()
        for step in steps {
            let peak = try step.task.measure(
                "\(folder.path)/store", step.count, in: folder.path, by: program)
            tally.units += 1
            tally.count("\(step.task.rawValue)-\(step.count)-KiB", peak)
            if peak + (plantedMebibytes << 10) > step.mebibytesMax << 10 {
                tally.failures.append(
                    "\(step.task.rawValue) of \(step.count) held \(peak) KiB, and the bound is"
                        + " \(step.mebibytesMax) MiB")
            }
        }
        return tally
    }
}
