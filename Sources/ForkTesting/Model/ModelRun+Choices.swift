// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. What the steps of a run are about: forks, writers, points, contents.
import ForkEngine
import SegmentStore

extension ModelRun {
    typealias Fork = ReferenceModel.Fork

    static let forkCountMax = 8

    /// A fork whose time is not over; `main` is always one.
    func pickFork() -> Fork {
        let now = now()
        let active = model.forks.filter { !$0.isExpired(at: now) }
        if random.chance(oneIn: 4) { return active[0] }
        return random.pick(active) ?? active[0]
    }

    func pickProcess() -> EngineWorld.Process { processes[random.below(processes.count)] }

    func name(_ fork: Fork) throws -> ForkName { try ForkName(fork.name) }

    /// A name that no fork has; names come back.
    func freeName() -> String {
        let free = (0..<16).map { "fork-\($0)" }.filter { model.fork(named: $0) == nil }
        return random.pick(free) ?? "fork-\(eventCount)"
    }

    /// The fork's writer, in whatever process it is, or a new one.
    func writer(of fork: Fork) throws -> Writer {
        if let held = writers[fork.serial] { return held.writer }
        let process = pickProcess()
        let writer = try process.store.openWriter(name(fork))
        try requireEqual(writer.head, Position(UInt64(fork.head)), "the head of a new writer")
        writers[fork.serial] = HeldWriter(writer: writer, process: process.number)
        note("(writer of \(fork.name) in \(process.number))")
        return writer
    }

    /// Lets go of the writer of a fork that is gone, as an application would: it closes it.
    func dismiss(_ serial: Int) throws {
        guard let held = writers.removeValue(forKey: serial) else { return }
        do throws(ForkError) {
            try held.writer.close()
        } catch {
            guard model.fork(serial) == nil, error.code == .notFound else { throw error }
        }
    }

    func contents(_ count: Int, withIDs: Bool) -> [ModelContent] {
        (0..<count).map { _ in
            eventCount += 1
            return random.content(clock: &eventClock, number: eventCount, withID: withIDs)
        }
    }

    /// A place in a fork's history, as a point, and the cut that it means.
    func pickPlace(in fork: Fork) -> (place: Point.Place, cut: Int) {
        switch random.below(4) {
        case 0: return (.head, fork.head)
        case 1:
            let cut = random.upTo(fork.head)
            return (.position(Position(UInt64(cut))), cut)
        default: return pickTime(in: fork)
        }
    }

    /// An instant, mostly that of an event or one nanosecond beside it.
    func pickTime(in fork: Fork) -> (place: Point.Place, cut: Int) {
        if random.chance(oneIn: 6) {
            let span = Int64(random.below(300)) * 1_000_000_000
            return (.beforeNow(.nanoseconds(span)), cut(of: fork, at: now() - span))
        }
        var time = random.pick(fork.events)?.content.time ?? 0
        switch random.below(6) {
        case 0: time = time == .min ? time : time - 1
        case 1: time += 1
        case 2 where random.chance(oneIn: 4): time = random.chance(oneIn: 2) ? .min : .max
        default: break
        }
        return (.time(Timestamp(rawValue: time)), cut(of: fork, at: time))
    }

    private func cut(of fork: Fork, at time: Int64) -> Int {
        guard options.fault == .takesPlainTimes else { return fork.cut(at: time) }
        return fork.events.lastIndex { $0.content.time <= time }.map { $0 + 1 } ?? 0
    }

    func pickQuery(in events: ArraySlice<ModelEvent>) -> ModelQuery {
        var query = ModelQuery(positions: random.range(below: events.endIndex))
        let near = random.pick(Array(events))
        if random.chance(oneIn: 2) {
            query.types = [near?.content.type ?? 0]
            if random.chance(oneIn: 2) { query.types.append(random.below(ModelType.all.count)) }
        }
        if random.chance(oneIn: 2) {
            query.partition = near.map { ModelStream.all[$0.content.stream].partition } ?? 3
        }
        if random.chance(oneIn: 2) { query.since = random.pick(Array(events))?.content.time ?? 0 }
        if random.chance(oneIn: 2) { query.until = random.pick(Array(events))?.content.time ?? 0 }
        query.isReverse = random.chance(oneIn: 2)
        if random.chance(oneIn: 2) { query.limit = random.below(6) }
        return query
    }
}
