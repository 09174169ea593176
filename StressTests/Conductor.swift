// SPDX-License-Identifier: Apache-2.0
// forkstress: starts the actors, kills some, and judges what is left (invariants 1, 3, 4, 7).
import ForkEngine
import Glibc
import SegmentStore

struct Conductor {
    let plan: Plan

    func run() throws {
        let store = try Store.initialize(at: plan.folder)
        for number in 0..<plan.processCount {
            _ = try store.create(NewFork(name: Actor.forkName(number)))
        }
        let start = time(nil)
        try play()
        try judge(try Store.open(at: plan.folder))
        print("forkstress: \(time(nil) - start) s, nothing acknowledged was lost")
        try removeFolder()
    }

    private func arguments(_ role: String, _ number: Int, _ count: Int) -> [String] {
        [role, plan.folder, "\(number)", "\(count)", log(number)]
    }

    private func log(_ number: Int) -> String { "\(plan.folder)/acknowledged-\(number)" }

    /// Runs all actors to their end, killing appenders at random moments and starting them anew.
    private func play() throws {
        var random = SplitMix(state: plan.seed)
        var appenders = try (0..<plan.processCount).map {
            try Child.start(arguments("append", $0, plan.appendCount))
        }
        var isDone = [Bool](repeating: false, count: plan.processCount)
        var others = [
            try Child.start(arguments("churn", 100, plan.forkCount)),
            try Child.start(arguments("collect", 101, plan.collectionCount)),
        ]
        var killsLeft = plan.killCount
        while isDone.contains(false) || !others.isEmpty {
            usleep(50_000)
            for number in appenders.indices where !isDone[number] {
                isDone[number] = try appenders[number].hasEnded(wasKilled: false)
            }
            others = try others.filter { try !$0.hasEnded(wasKilled: false) }
            guard killsLeft > 0, random.next() % 4 == 0 else { continue }
            let victim = Int(random.next() % UInt64(plan.processCount))
            if isDone[victim] { continue }
            appenders[victim].kill()
            while try !appenders[victim].hasEnded(wasKilled: true) { usleep(1_000) }
            appenders[victim] = try Child.start(arguments("append", victim, plan.appendCount))
            killsLeft -= 1
        }
        print("forkstress: \(plan.killCount - killsLeft) processes killed")
    }

    /// Every acknowledged event is there, once, in order, with its content; the store verifies,
    /// and a second collection finds nothing.
    private func judge(_ store: Store) throws {
        var eventCount = 0
        for number in 0..<plan.processCount {
            var status = stat()
            guard stat(log(number), &status) == 0 else { throw StressFailure("a log is missing") }
            let view = try store.view(at: Point(.named(Actor.forkName(number))))
            var next = 0
            try view.scan(.zero..<view.head) { (event) throws(ForkError) in
                guard event.data.elementsEqual(Actor.data(next)) else {
                    throw ForkError(.damaged, "fork \(number) has another event at \(next)")
                }
                next += 1
                return true
            }
            guard next == plan.appendCount, next >= Int(status.st_size) else {
                throw StressFailure(
                    "fork \(number) has \(next) events, \(status.st_size) were acknowledged")
            }
            eventCount += next
        }
        let report = try store.verify()
        guard report.isSound else { throw StressFailure("\(report.damages)") }
        _ = try store.collect()
        let again = try store.collect(isDryRun: true)
        guard again.candidates.isEmpty else {
            throw StressFailure("left over: \(again.candidates)")
        }
        print("forkstress: \(eventCount) events in \(plan.processCount) forks, all there; verified")
    }

    private func removeFolder() throws {
        let child = Glibc.system("rm -rf '\(plan.folder)'")
        if child != 0 { throw StressFailure("\(plan.folder) cannot be removed") }
    }
}

/// A small generator, so that a seed repeats the choices (not the timing).
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
