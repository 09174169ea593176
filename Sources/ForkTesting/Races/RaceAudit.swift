// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, races. When a run is over: everything acknowledged is there, for those who come
// now and for those who come after a power cut; all is sound, and what nothing reaches goes.
import ForkEngine
import SegmentStore

/// What stands in a fork when a run is over.
struct RaceEnding: Sendable {
    let who: String
    let fork: ForkID
    let name: String
    let lines: [RaceLine]
    /// Where the fork begins: what is below is its parent's.
    let base: Int
}

struct RaceAudit {
    let world: RaceWorld
    let hands: [RaceHand]

    /// Looks at everything, and tells what the forks hold. Throws the first fault. Ends all
    /// processes.
    func run() throws -> [[RaceEnding]] {
        var endings = [try afterPowerCut(ghostReturns: false)]
        if world.catalogDisk.hasGhost { endings.append(try afterPowerCut(ghostReturns: true)) }
        let auditor = try world.start(isHonest: true)
        let before = try auditor.endings(of: world, "at the end")
        let held = hands.filter { !$0.process.isKilled }
        if held.contains(where: { !$0.views.isEmpty }) {
            for hand in held { hand.reread() }
            _ = try auditor.store.collect()
            for hand in held { hand.reread() }
        }
        // With nothing else running.
        for hand in hands {
            hand.process.kill()
            hand.letGo()
        }
        auditor.kill()
        try afterAll(before)
        return endings + [before]
    }

    /// Invariant 7: a collection leaves what is reached, and nothing else; a second finds nothing.
    private func afterAll(_ before: [RaceEnding]) throws {
        let last = try world.start()
        _ = try last.store.collect()
        let report = try last.store.verify()
        guard report.isSound else {
            throw RaceFault("the store is damaged: \(report.damages.map(\.description))")
        }
        guard report.garbageCount == 0, report.unknownPaths.isEmpty else {
            throw RaceFault("\(report.garbageCount) things are left that nothing reaches")
        }
        guard try last.endings(of: world, "").map(\.lines) == before.map(\.lines) else {
            throw RaceFault("when all had ended, not everything was there: \(before)")
        }
        let again = try last.store.collect()
        guard again.removedObjectCount + again.removedJournalCount + again.removedPinCount == 0
        else { throw RaceFault("a second collection removed something: \(again)") }
        last.kill()
    }

    /// Invariant 1: what was not synced is gone, and the mapped files with it.
    private func afterPowerCut(ghostReturns: Bool) throws -> [RaceEnding] {
        let world = world.afterPowerCut(ghostReturns: ghostReturns)
        let process = try world.start()
        defer { process.kill() }
        return try process.endings(of: world, "after a power cut")
    }
}

extension RaceProcess {
    /// Everything in every fork that is not expired.
    fileprivate func endings(of world: RaceWorld, _ who: String) throws -> [RaceEnding] {
        let now = store.clock.now()
        let rows = try store.catalog.read { catalog throws(ForkError) -> [ForkRow] in
            var rows: [ForkRow] = []
            try catalog.forEachFork(from: .main) { row throws(ForkError) in
                if !row.isExpired(at: now) { rows.append(row) }
                return true
            }
            return rows
        }
        return try rows.map { row in
            let view = try store.view(at: Point(.named(.raced(row.name))))
            return RaceEnding(
                who: "'\(row.name)' \(who)", fork: row.id, name: row.name,
                lines: try view.lines(), base: Int(row.base.rawValue))
        }
    }
}

extension RaceWorld {
    /// How many events each fork has; recovers what needs it.
    func eventCounts() throws -> [(ForkID, Int)] {
        let process = try start(isHonest: true)
        defer { process.kill() }
        return try process.endings(of: self, "before").map { ($0.fork, $0.lines.count) }
    }
}

extension RaceLedger {
    /// Takes down what the forks held when the run was over.
    func tell(_ endings: [RaceEnding]) {
        let call = tick()
        let content = all
        for child in content.children where !child.mayGo && !content.drops.contains(child.name) {
            guard !endings.contains(where: { $0.name == child.name }) else { continue }
            blame("'\(child.name)' was made, and is not there: \(endings.map(\.who))")
        }
        for ending in endings {
            see(ending.who, ending.fork, ending.lines, call: call, back: call)
            for child in content.children where child.name == ending.name {
                see(
                    "\(ending.who) by what it inherited", child.parent,
                    Array(ending.lines.prefix(ending.base)), call: child.call, back: child.back)
            }
        }
    }
}
