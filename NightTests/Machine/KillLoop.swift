// SPDX-License-Identifier: Apache-2.0
// NightTests, the real machine. Real commands in several processes on one store, killed at random
// moments (invariants 1, 4, 7, 8): what was acknowledged is there, and nobody else notices.
import ForkEngine
import ForkTesting
import SegmentStore

/// One store, four actors, and a number of kills.
struct KillLoop {
    static let actorCount = 4
    static let killsInRound = 10

    /// Repeats the choices of a seed, though not the moments. Returns the number of commands.
    static func run(
        seed: UInt64, forkctl: String = Program.forkctl
    ) throws(MachineFailure) -> Int {
        var random = SeededGenerator(seed: seed)
        let folder = try MachineFolder()
        defer { withExtendedLifetime(folder) {} }
        let store = try folder.folder("store")
        let initialize = Program(
            arguments: [Program.forkctl, "init", store], folder: folder.path)
        try initialize.succeed()
        var actors: [KillActor] = []
        for number in 0..<actorCount {
            try Program(
                arguments: [Program.forkctl, "create", "writer-\(number)", "--store", store],
                folder: folder.path
            ).succeed()
            actors.append(
                KillActor(
                    number: number, store: store, forkctl: forkctl,
                    folder: try folder.folder("actor-\(number)")))
        }
        var killsLeft = killsInRound
        var commandCount = 0
        while killsLeft > 0 || actors.contains(where: { $0.running != nil }) {
            for index in actors.indices {
                let wasRunning = actors[index].running != nil
                killsLeft -= try actors[index].play(&random, canStart: killsLeft > 0)
                if wasRunning, actors[index].running == nil { commandCount += 1 }
            }
            MachineClock.sleep(microseconds: 300)
        }
        try judge(store, actors)
        return commandCount
    }

    /// All histories from their first event on, and nothing that no fork reaches.
    private static func judge(_ store: String, _ actors: [KillActor]) throws(MachineFailure) {
        var expected: Histories = ["main": 0]
        for actor in actors {
            expected[actor.fork] = actor.head
            expected[actor.child] = actor.childHead
        }
        let judge = try StoreJudge(store)
        let found = try judge.histories()
        guard found == expected else {
            throw MachineFailure("at the end \(found) is there, and was to be \(expected)")
        }
        try judge.requireSound()
        try judge.requireCollectable()
        for actor in actors { try judge.requireWritable(actor.fork, head: actor.head) }
    }
}

extension KillActor {
    /// Goes on: starts a command, kills it, or sees that it ended. Returns how many were killed.
    fileprivate mutating func play(
        _ random: inout SeededGenerator, canStart: Bool
    ) throws(MachineFailure) -> Int {
        guard let running else {
            guard canStart else { return 0 }
            try start(&random)
            let delay = UInt64.random(in: 1..<KillActor.longestNanoseconds, using: &random)
            killAt = Bool.random(using: &random) ? MachineClock.now() + delay : nil
            return 0
        }
        if let killAt, MachineClock.now() >= killAt {
            running.kill()
            self.killAt = nil
        }
        guard let outcome = running.poll() else {
            guard running.seconds < RunningProgram.secondsMax else {
                running.kill()
                throw MachineFailure("\(fork), \(step): no end")
            }
            return 0
        }
        try settle(outcome)
        return outcome.ending == .signalled(9) ? 1 : 0
    }

    /// About as long as a command takes.
    private static let longestNanoseconds: UInt64 = 150_000_000
}
