// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. Comparisons of everything: all forks, every event, every way to read it.
import ForkEngine
import SegmentStore

extension ModelRun {
    /// Holds the whole store to the model, as one process sees it.
    func compareAll() throws {
        let process = pickProcess()
        let active = model.forks.filter { !$0.isExpired(at: now()) }
        for fork in active { try compareFork(fork, in: process.store) }
        // Listed after they were read: what a killed writer left counts once it is recovered.
        let listed = try process.store.list().forks
        try requireEqual(listed.map(\.name), model.forks.map(\.name), "the forks that are listed")
        for (description, fork) in zip(listed, model.forks) where !fork.isExpired(at: now()) {
            try compare(description, with: fork)
        }
        try compareDifference()
        for held in views {
            try compareHistory(
                of: held.view, with: held.events, "a view held of \(held.view.name)")
        }
    }

    private func compareFork(_ fork: Fork, in store: Store) throws {
        let view = try store.view(at: Point(.named(try name(fork))))
        let what = "\(fork.name), all of it"
        try requireEqual(view.head, Position(UInt64(fork.head)), "the head of \(what)")
        try compareHistory(of: view, with: fork.events, what)
        try compareStreams(of: view, with: fork, what)
        try compareStreamList(of: view, with: fork, what)
        try compareSummary(of: view, with: fork, what)
        try compareTime(in: fork, view)
    }

    /// Every event by position, with its id and its sequence.
    func compareHistory(of view: View, with events: [ModelEvent], _ what: String) throws {
        var ids: [EventID] = []
        var sequences: [UInt64] = []
        try compareSequence(of: events[...], what) { body in
            try view.scan(.zero..<view.head) { (event) throws(ForkError) in
                ids.append(try view.id(of: event))
                if event.position.rawValue % 8 == 0 {
                    sequences.append(try view.sequence(of: event))
                }
                return body(event)
            }
        }
        for (id, event) in zip(ids, events) { try compareID(id, of: event, what) }
        try requireEqual(Set(ids).count, events.count, "the number of different ids of \(what)")
        let expected = events.filter { $0.position % 8 == 0 }.map { UInt64($0.sequence) }
        try requireEqual(sequences, expected, "the sequences of \(what)")
    }

    /// Every stream, forward and backward, and how many events each has (invariant 3).
    private func compareStreams(of view: View, with fork: Fork, _ what: String) throws {
        for stream in ModelStream.all.indices {
            let count = fork.count(of: stream)
            try requireEqual(
                try view.eventCount(of: stream), UInt64(count), "stream \(stream) of \(what)")
            let isReverse = random.chance(oneIn: 2)
            var expected = (fork.streams[stream] ?? []).map { fork.events[$0] }
            if isReverse { expected.reverse() }
            try compareSequence(of: expected[...], "stream \(stream) of \(what)") { body in
                try view.read(stream, versions: 0..<count + 1, reverse: isReverse, body)
            }
        }
    }

    /// The list of streams, all or those with a prefix, sorted by name.
    private func compareStreamList(of view: View, with fork: Fork, _ what: String) throws {
        let some = random.pick(ModelStream.all)?.name ?? ""
        let prefix = random.chance(oneIn: 2) ? "" : String(some.prefix(random.below(8)))
        let expected = fork.streams.map { (ModelStream.all[$0.key], UInt64($0.value.count)) }
            .filter { $0.0.name.utf8.starts(with: prefix.utf8) }
            .sorted { $0.0.bytes.lexicographicallyPrecedes($1.0.bytes) }
        let streams = try view.streams(prefix: prefix)
        try requireEqual(
            streams.map(\.name), expected.map(\.0.name), "the list of streams of \(what)")
        try requireEqual(
            streams.map(\.eventCount), expected.map(\.1), "the counts of streams of \(what)")
    }

    private func compareSummary(of view: View, with fork: Fork, _ what: String) throws {
        let summary = try view.summary()
        try requireEqual(summary.eventCount, UInt64(fork.head), "the events of \(what)")
        try requireEqual(
            summary.logicalByteCount, UInt64(fork.byteCount(below: fork.head)),
            "the bytes of \(what)")
        try requireEqual(
            summary.streamCount, UInt64(fork.streams.count), "the streams of \(what)")
        try requireEqual(
            summary.latestTime?.rawValue, fork.latestTimes.last, "the latest time of \(what)")
        try requireEqual(
            summary.sequences, fork.sequences.map { UInt64($0) }, "the sequences of \(what)")
    }

    /// The difference of two random points: the common point, both sides, their streams.
    func compareDifference() throws {
        let (left, right) = (pickFork(), pickFork())
        let (leftPlace, leftCut) = pickPlace(in: left)
        let (rightPlace, rightCut) = pickPlace(in: right)
        let leftPoint = Point(.named(try name(left)), at: leftPlace)
        let rightPoint = Point(.named(try name(right)), at: rightPlace)
        let what = "the difference of \(leftPoint) and \(rightPoint)"
        let difference = try pickProcess().store.difference(from: leftPoint, to: rightPoint)
        let common = left.commonCount(with: right, cuts: (leftCut, rightCut))
        try requireEqual(
            difference.common, Position(UInt64(common)), "the common point of \(what)")
        try compare(
            difference.left, with: left.events[common..<leftCut],
            moved: left.moved(to: right, common: common, cut: leftCut, otherCut: rightCut),
            "the left of \(what)")
        try compare(
            difference.right, with: right.events[common..<rightCut],
            moved: right.moved(to: left, common: common, cut: rightCut, otherCut: leftCut),
            "the right of \(what)")
    }

    private func compare(
        _ side: Difference.Side, with events: ArraySlice<ModelEvent>, moved: Set<Int>,
        _ what: String
    ) throws {
        let expected = events.filter { !moved.contains($0.position) }
        try requireEqual(Int(side.movedCount), moved.count, "what was moved on \(what)")
        try requireEqual(side.eventCount, UInt64(expected.count), "the events of \(what)")
        try compareSequence(of: expected[...], what) { body in
            try side.forEachEvent { (event) throws(ForkError) in body(event) }
        }
        var counts: [String: UInt64] = [:]
        for event in expected {
            counts[ModelStream.all[event.content.stream].name, default: 0] += 1
        }
        let names = counts.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let streams = try side.streams()
        try requireEqual(streams.map(\.stream), names, "the streams of \(what)")
        try requireEqual(
            streams.map(\.eventCount), names.map { counts[$0] ?? 0 }, "their events on \(what)")
    }
}
