// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. What each kind of step does, and the steps that only look.
import ForkEngine
import SegmentStore

extension ModelRun {
    func perform(_ kind: ModelOperation.Kind) throws {
        switch kind {
        case .append: try appendOne()
        case .appendExpecting: try appendExpecting()
        case .appendConflicting: try appendConflicting()
        case .batch: try appendBatch()
        case .batchConflicting: try appendConflictingBatch()
        case .retry: try retry()
        case .createFromHead: try createFromHead()
        case .createFromPosition: try createFromPosition()
        case .createFromTime: try createFromTime()
        case .createWithExpiry: try createWithExpiry()
        case .drop: try drop()
        case .flush: try flush()
        case .closeWriter: try closeWriter()
        case .reopen: try reopen()
        case .kill: try kill()
        case .cutPower: try cutPower()
        case .letTimePass: try letTimePass()
        case .moveWallClock: try moveWallClock()
        case .expire: try expire()
        case .collect: try collect()
        case .collectDryRun: try collectDryRun()
        case .holdView: try holdView()
        case .releaseView: try releaseView()
        case .difference: try compareDifference()
        case .useGone: try useGone()
        case .refusals: try tryWhatIsRefused()
        case .verify: try verify(isQuick: random.chance(oneIn: 3))
        }
        if options.fault == .flipsABit, trail.count == 200 { try flipABit() }
    }

    // MARK: Views that are held

    func holdView() throws {
        let fork = pickFork()
        let (place, cut) = pickPlace(in: fork)
        let process = pickProcess()
        let point = Point(.named(try name(fork)), at: place)
        note("\(point), cut \(cut), in \(process.number)")
        let view = try process.store.view(at: point)
        let events = Array(fork.events.prefix(cut))
        try requireEqual(view.head, Position(UInt64(cut)), "the head of \(point)")
        if views.count >= 6 { views.removeFirst() }
        views.append(HeldView(view: view, events: events, process: process.number))
    }

    /// A view reads the same for as long as it is held, whatever became of its fork.
    func releaseView() throws {
        if views.isEmpty { try holdView() }
        let held = views.remove(at: random.below(views.count))
        note("of \(held.view.name)@\(held.events.count)")
        try compareHistory(of: held.view, with: held.events, "a view held of \(held.view.name)")
    }

    // MARK: What is refused

    func useGone() throws {
        if let fork = random.pick(model.forks.filter({ $0.isExpired(at: now()) })) {
            note(fork.name)
            return try useExpired(fork)
        }
        let name = try ForkName(freeName())
        let store = pickProcess().store
        note("\(name), which is not there")
        try requireFailure(.notFound, "a view of \(name)") {
            _ = try store.view(at: Point(.named(name)))
        }
        try requireFailure(.notFound, "a writer of \(name)") { _ = try store.openWriter(name) }
        try requireFailure(.notFound, "a fork of \(name)") {
            _ = try store.create(NewFork(name: ForkName("other"), from: Point(.named(name))))
        }
        try requireFailure(.notFound, "dropping \(name)") { _ = try store.drop(name) }
        try requireFailure(.notFound, "describing \(name)") { _ = try store.describe(name) }
    }

    func tryWhatIsRefused() throws {
        let fork = pickFork()
        let store = pickProcess().store
        let above = Point(
            .named(try name(fork)), at: .position(Position(UInt64(fork.head + 1))))
        try requireFailure(.invalid, "a view above the head") { _ = try store.view(at: above) }
        try requireFailure(.invalid, "a fork above the head") {
            _ = try store.create(NewFork(name: ForkName(freeName()), from: above))
        }
        try requireFailure(.alreadyExists, "a second \(fork.name)") {
            _ = try store.create(NewFork(name: name(fork)))
        }
        var again = NewFork(name: try name(fork))
        again.ifNotExists = true
        let found = try store.create(again)
        try requireEqual(found.isNew, false, "whether \(fork.name) was made again")
        try requireEqual(found.fork.id, forkIDs[fork.serial] ?? .main, "the fork that was found")
        try requireFailure(.invalid, "an expiry in the past") {
            _ = try store.create(
                NewFork(name: ForkName(freeName()), expiry: .at(Timestamp(rawValue: now()))))
        }
        try requireFailure(.denied, "dropping main") { _ = try store.drop(.main) }
        let writer = try writer(of: fork)
        for process in processes {
            try requireFailure(.busy, "a second writer of \(fork.name)") {
                _ = try process.store.openWriter(name(fork))
            }
        }
        try requireFailure(.invalid, "an empty batch") { _ = try writer.append(AppendBatch()) }
        try requireFailure(.invalid, "a condition on a stream that is not written") {
            var content = contents(1, withIDs: false)[0]
            content.stream = 3
            _ = try writer.append(
                Self.batch([content]),
                expecting: [Expectation(stream: ModelStream.all[4].name, version: .any)])
        }
    }
}
