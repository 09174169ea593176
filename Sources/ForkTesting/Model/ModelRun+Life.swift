// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. Steps that change nothing that anybody reads: flush, close, reopen, kill,
// power cut, collect.
import ForkEngine
import SegmentStore

extension ModelRun {
    func flush() throws {
        let fork = pickFork()
        note("\(fork.name)@\(fork.head)")
        try writer(of: fork).flush()
    }

    func closeWriter() throws {
        if writers.isEmpty { _ = try writer(of: pickFork()) }
        guard let serial = random.pick(writers.keys.sorted()) else { return }
        note(model.fork(serial)?.name ?? "of a fork that is gone")
        try dismiss(serial)
    }

    /// One process closes its writers and ends; views that it gave live as long as they are held.
    func reopen() throws {
        let index = random.below(processes.count)
        let number = processes[index].number
        for serial in writers.keys.sorted() where writers[serial]?.process == number {
            try dismiss(serial)
        }
        processes[index] = try world.start()
        note("\(number) by \(processes[index].number)")
    }

    /// One process is killed: its writers are recovered by who opens next, its pins are dead.
    func kill() throws {
        let index = random.below(processes.count)
        let number = processes[index].number
        processes[index].kill()
        forget { $0 == number }
        processes[index] = try world.start()
        note("\(number) by \(processes[index].number)")
    }

    private typealias WordsLeft = EngineWorld.WordsLeft

    /// The power goes: every process is killed, and of what was not synced some is lost.
    func cutPower() throws {
        for process in processes { process.kill() }
        forget { _ in true }
        let left = random.chance(oneIn: 2) ? .clock : random.pick(WordsLeft.allCases) ?? .clock
        note("leaving \(left)")
        world.cutPower(seed: random.number(), leaving: left)
        clock.boot(world.time, isForgetful: left == .nothing)
        processes = [try world.start(), try world.start()]
    }

    private func forget(_ isGone: (Int) -> Bool) {
        for serial in writers.keys.sorted() {
            if let held = writers[serial], isGone(held.process) { writers[serial] = nil }
        }
        views.removeAll { isGone($0.process) }
    }

    // MARK: Collecting

    func collect() throws {
        if options.fault == .ignoresPins { try losePins() }
        let reaped = model.reap(at: now()).map(\.name)
        let store = pickProcess().store
        let report = try store.collect()
        try requireEqual(report.reapedForks, reaped, "the forks that were reaped")
        note("\(report.removedObjectCount) objects, \(report.removedJournalCount) journals")
        if random.chance(oneIn: 6) { try requireNothingToCollect() }
    }

    func collectDryRun() throws {
        let expired = model.forks.filter { $0.isExpired(at: now()) }.map(\.name)
        let store = pickProcess().store
        let plan = try store.collect(isDryRun: true)
        try requireEqual(plan.reapedForks, expired, "the forks that would be reaped")
        guard random.chance(oneIn: 3) else { return }
        try requireEqual(
            model.reap(at: now()).map(\.name), expired, "the forks that the model reaps")
        let report = try store.collect()
        try requireEqual(report.reapedForks, expired, "the forks that were reaped")
        try requireEqual(
            plan.candidates.count,
            report.removedObjectCount + report.removedJournalCount + report.removedPinCount,
            "what a dry run listed")
        try requireEqual(
            plan.removedObjectByteCount, report.removedObjectByteCount, "the bytes of a dry run")
    }

    func requireNothingToCollect() throws {
        let again = try pickProcess().store.collect()
        try requireEqual(again.reapedForks, [], "the forks that a second collection reaped")
        try requireEqual(again.removedObjectCount, 0, "the objects that a second one removed")
        try requireEqual(again.removedJournalCount, 0, "the journals that a second one removed")
        try requireEqual(again.removedOverlayCount, 0, "the overlays that a second one removed")
        try requireEqual(again.removedPinCount, 0, "the pins that a second one removed")
    }

    /// Nothing is damaged, and every fork was looked at.
    @discardableResult
    func verify(isQuick: Bool = false) throws -> VerificationReport {
        let report = try pickProcess().store.verify(isQuick: isQuick)
        try requireEqual(report.damages.map(\.description), [], "the damage of a sound store")
        try requireEqual(report.unknownPaths, [], "the files that are not a store's")
        try requireEqual(report.forkCount, model.forks.count, "the forks that were verified")
        return report
    }

    // MARK: The end

    /// Closes everything, collects, and looks at what is left: exactly what is reachable.
    func finish() throws {
        for serial in writers.keys.sorted() { try dismiss(serial) }
        views.removeAll()
        let reaped = model.reap(at: now()).map(\.name)
        try requireEqual(
            try processes[0].store.collect().reapedForks, reaped, "the forks that were reaped")
        processes = [try world.start()]
        if options.fault == .leavesGarbage {
            try ignoringTheEngine { disk throws(StorageError) in
                _ = try disk.create("objects/00/left")
            }
        }
        try requireOnlyReachable()
        try requireNothingToCollect()
        try requireEqual(try verify().garbageCount, 0, "the garbage after a collection")
        try compareAll()
    }

    /// Invariant 7: no unreachable object, journal, pin or temporary file is left.
    private func requireOnlyReachable() throws {
        let forks = world.catalogDisk.committed.forks.values
        let roots = Set(forks.compactMap(\.snapshot.root))
        let reached = try processes[0].store.segments.mark(roots)
        var journals = Set(forks.flatMap { $0.snapshot.pieces.map(\.journal.path) })
        // What a killed writer left waits for recovery.
        let live = Set(forks.map(\.liveJournal.path))
        var objects = Set(reached.map(\.path))
        for line in world.disk.listing().split(separator: "\n") where !line.hasSuffix("/") {
            guard let path = line.split(separator: " ").first.map(String.init) else { continue }
            if path.hasPrefix("objects/"), objects.remove(path) == nil {
                throw ModelMismatch("nothing reaches \(path), and it is there")
            }
            if path.hasPrefix("journals/"), journals.remove(path) == nil, !live.contains(path) {
                throw ModelMismatch("nothing needs \(path), and it is there")
            }
            if path.hasPrefix("pins/") { throw ModelMismatch("the pin \(path) is left") }
        }
        try requireEqual(objects.sorted(), [], "objects that are reached and are not there")
        try requireEqual(journals.sorted(), [], "journals that are needed and are not there")
        let overlays = world.catalogDisk.committed.overlays.count
        guard overlays >= forks.count else {
            throw ModelMismatch("\(forks.count) forks have \(overlays) overlays")
        }
    }

    // MARK: Faults

    /// A process of its own that does what no engine does.
    private func ignoringTheEngine(
        _ body: (SimulatedFileSystem) throws(StorageError) -> Void
    ) throws {
        try body(world.disk.makeProcess())
    }

    private func losePins() throws {
        try ignoringTheEngine { disk throws(StorageError) in
            for name in try disk.list(StoreLayout.pins) {
                try disk.remove("\(StoreLayout.pins)/\(name)")
            }
        }
    }

    func plantAtStart() {
        func dropSyncs(_ prefixes: [String]) {
            world.plant(
                Fault(.lose, isPermanent: true) { call, _ in
                    call.isSync && prefixes.contains { call.path.hasPrefix($0) }
                })
        }
        switch options.fault {
        case .dropsJournalSyncs: dropSyncs([StoreLayout.journals])
        case .dropsObjectSyncs:
            dropSyncs([StoreLayout.objects])
        default: break
        }
    }

    /// Turns a bit of some object over, where there is one.
    func flipABit() throws {
        let files = world.disk.listing().split(separator: "\n").compactMap { line in
            let parts = line.split(separator: " ")
            return parts.count == 2 && parts[0].hasPrefix("objects/")
                ? (String(parts[0]), Int(parts[1]) ?? 1) : nil
        }
        for (path, byteCount) in files {
            try world.disk.flipBit(
                UInt8(random.below(8)), of: path, at: random.below(byteCount))
        }
    }
}
