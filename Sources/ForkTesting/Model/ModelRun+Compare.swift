// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. Comparisons of parts: what is cheap enough to do after each step.
import ForkEngine
import Glibc
import SegmentStore

extension ModelRun {
    /// A look at one fork through one process: its head, and one random read of it.
    func glance() throws {
        let fork = pickFork()
        let process = pickProcess()
        let view = try process.store.view(at: Point(.named(try name(fork))))
        let what = "\(fork.name) in process \(process.number)"
        try requireEqual(view.head, Position(UInt64(fork.head)), "the head of \(what)")
        switch random.below(8) {
        case 0: try compareDescription(of: fork, in: process.store)
        case 1: try compareTime(in: fork, view)
        case 2:
            if let held = random.pick(views) {
                try compareQuery(of: held.view, with: held.events[...], "a held view")
            }
        case 3: try comparePlaces(in: view, with: fork.events[...], what)
        case 4, 5: try compareStreamRange(of: view, with: fork, what)
        default: try compareQuery(of: view, with: fork.events[...], what)
        }
    }

    func compareDescription(of fork: Fork, in store: Store) throws {
        try compare(try store.describe(name(fork)), with: fork)
    }

    func compare(_ description: ForkDescription, with fork: Fork) throws {
        let name = fork.name
        try requireEqual(description.name, name, "the name of \(name)")
        try requireEqual(description.id, forkIDs[fork.serial] ?? .main, "the id of \(name)")
        try requireEqual(
            description.parent, fork.parent.flatMap { forkIDs[$0] }, "the parent of \(name)")
        let parentName = fork.parent.flatMap { model.fork($0)?.name }
        try requireEqual(description.parentName, parentName, "the parent's name of \(name)")
        try requireEqual(description.base, Position(UInt64(fork.base)), "the base of \(name)")
        try requireEqual(description.head, Position(UInt64(fork.head)), "the head of \(name)")
        try requireEqual(description.expires?.rawValue, fork.expires, "the expiry of \(name)")
        let byteCount = fork.byteCount(below: fork.head)
        try requireEqual(
            description.logicalByteCount, UInt64(byteCount), "the bytes of \(name)")
        try requireEqual(
            description.ownByteCount, UInt64(byteCount - fork.byteCount(below: fork.base)),
            "the own bytes of \(name)")
        try requireEqual(
            description.state, fork.isExpired(at: now()) ? .expired : .active,
            "the state of \(name)")
    }

    /// Time to position, by what the view says and by what a view at that time holds.
    func compareTime(in fork: Fork, _ view: View) throws {
        let (place, cut) = pickTime(in: fork)
        let point = Point(.named(try name(fork)), at: place)
        if case .time(let time) = place {
            try requireEqual(
                try view.position(at: time), Position(UInt64(cut)), "the position of \(point)")
        }
        let trimmed = try pickProcess().store.view(at: point)
        try requireEqual(trimmed.head, Position(UInt64(cut)), "the head of \(point)")
        try compareQuery(of: trimmed, with: fork.events.prefix(cut), "\(point)")
    }

    /// One stream, a random range of versions, forward or backward.
    func compareStreamRange(of view: View, with fork: Fork, _ what: String) throws {
        let stream =
            random.pick(fork.events).map(\.content.stream)
            ?? random.below(ModelStream.all.count)
        let count = fork.count(of: stream)
        try requireEqual(
            try view.eventCount(of: stream), UInt64(count), "the events of a stream of \(what)")
        let versions = random.range(below: count + 2)
        let isReverse = random.chance(oneIn: 2)
        var expected = versions.compactMap { fork.event(of: stream, version: $0) }
        if isReverse { expected.reverse() }
        let limit = random.chance(oneIn: 3) ? random.below(5) : .max
        let text = "stream \(stream) of \(what), versions \(versions), reverse \(isReverse)"
        try compareSequence(of: expected.prefix(limit), text) { body in
            try view.read(stream, versions: versions, reverse: isReverse, limit: limit, body)
        }
    }

    /// A query with a random combination of predicates.
    func compareQuery(
        of view: View, with events: ArraySlice<ModelEvent>, _ what: String
    ) throws {
        let query = pickQuery(in: events)
        coverQuery(query)
        try compare(query, on: view, with: events, what)
    }

    func compare(
        _ query: ModelQuery, on view: View, with events: ArraySlice<ModelEvent>, _ what: String
    ) throws {
        let expected = query.answer(from: events)
        try compareSequence(of: expected[...], "\(what), \(query)") { body in
            var left = query.limit ?? .max
            guard left > 0 else { return }
            try view.scan(query) { (event) throws(ForkError) in
                left -= 1
                return body(event) && left > 0
            }
        }
    }

    /// Single events by position, with ids and sequences.
    func comparePlaces(
        in view: View, with events: ArraySlice<ModelEvent>, _ what: String
    ) throws {
        for _ in 0..<3 {
            let position = random.upTo(events.endIndex)
            let event = try view.event(at: Position(UInt64(position)))
            guard position < events.endIndex else {
                if event != nil { throw ModelMismatch("\(what) has an event at its head") }
                continue
            }
            let expected = events[position]
            guard let event else { throw ModelMismatch("\(what) has no event \(position)") }
            try requireEqual(event.data, expected.content.data, "the data of \(position)")
            try requireEqual(event.version.rawValue, UInt64(expected.version), "its version")
            try compareID(event.id, of: expected, what)
            var sequence: UInt64?
            let place = Position(UInt64(position))
            try view.scan(place..<place.advanced(by: 1)) { (event) throws(ForkError) in
                sequence = try view.sequence(of: event)
                return true
            }
            try requireEqual(
                sequence, UInt64(expected.sequence), "the sequence of \(position) of \(what)")
        }
    }

    /// A given id is kept; a derived one is the same for ever, wherever the event is read.
    func compareID(_ id: EventID, of event: ModelEvent, _ what: String) throws {
        if let known = event.content.id ?? event.learnedID {
            try requireEqual(id, known, "the id of event \(event.position) of \(what)")
        }
        event.learnedID = id
    }

    /// Holds what `read` lends, in order, to `expected`.
    func compareSequence(
        of expected: ArraySlice<ModelEvent>, _ what: @autoclosure () -> String,
        _ read: (_ body: (EventReference) -> Bool) throws -> Void
    ) throws {
        var index = expected.startIndex
        var mismatch: String?
        try read { event in
            guard index < expected.endIndex else {
                mismatch = "an event at \(event.position), and the model has no more"
                return false
            }
            mismatch = event.mismatch(with: expected[index])
            index += 1
            return mismatch == nil
        }
        if mismatch == nil, index < expected.endIndex {
            mismatch = "\(index - expected.startIndex) events, and the model has \(expected.count)"
        }
        if let mismatch { throw ModelMismatch("\(what()): \(mismatch)") }
    }
}

extension EventReference {
    /// What of this event is not as the model has it; nil: nothing.
    func mismatch(with expected: ModelEvent) -> String? {
        let content = expected.content
        let stream = ModelStream.all[content.stream]
        func differs(_ what: String) -> String {
            "\(what) of event \(position) (\(stream.name)/\(version)) is not that of event"
                + " \(expected.position) (version \(expected.version)) of the model"
        }
        if position.rawValue != UInt64(expected.position) { return differs("the position") }
        if version.rawValue != UInt64(expected.version) { return differs("the version") }
        if time.rawValue != content.time { return differs("the time") }
        if Int(streamHash.partition.rawValue) != stream.partition {
            return differs("the partition")
        }
        if isJSON != content.isJSON { return differs("the kind of data") }
        if storedID != content.id { return differs("the stored id") }
        if !equal(self.stream, stream.bytes) { return differs("the stream") }
        if !equal(type, ModelType.all[content.type].bytes) { return differs("the type") }
        if !equal(data, content.data) { return differs("the data") }
        switch (metadata, content.metadata) {
        case (nil, nil): return nil
        case (let left?, let right?): return equal(left, right) ? nil : differs("the metadata")
        default: return differs("the presence of metadata")
        }
    }
}

private func equal(_ left: UnsafeRawBufferPointer, _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    guard let base = left.baseAddress, !right.isEmpty else { return true }
    return right.withUnsafeBytes { bytes in
        bytes.baseAddress.map { memcmp(base, $0, bytes.count) == 0 } ?? true
    }
}

extension View {
    func eventCount(of stream: Int) throws -> UInt64 {
        try ModelStream.all[stream].bytes.withUnsafeBytes { try eventCount(of: $0).rawValue }
    }

    func read(
        _ stream: Int, versions: Range<Int>, reverse: Bool = false, limit: Int = .max,
        _ body: (EventReference) -> Bool
    ) throws {
        guard limit > 0 else { return }
        let from = Version(UInt64(versions.lowerBound))
        let to = Version(UInt64(versions.upperBound))
        var left = limit
        try ModelStream.all[stream].bytes.withUnsafeBytes { name in
            try read(name, versions: from..<to, reverse: reverse) { (event) throws(ForkError) in
                left -= 1
                return body(event) && left > 0
            }
        }
    }

    func scan(
        _ query: ModelQuery, _ body: (EventReference) throws(ForkError) -> Bool
    ) throws(ForkError) {
        var filter = EventFilter()
        filter.types = query.types.map { ModelType.all[$0].name }
        filter.partition = query.partition.map { Partition(UInt8($0)) }
        filter.since = query.since.map { Timestamp(rawValue: $0) }
        filter.until = query.until.map { Timestamp(rawValue: $0) }
        let from = Position(UInt64(query.positions.lowerBound))
        let to = Position(UInt64(query.positions.upperBound))
        try scan(from..<to, reverse: query.isReverse, filter: filter, body)
    }
}
