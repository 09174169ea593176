// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. What a store of forks must answer, said as plainly as can be: a fork
// is an array of events. Shares no code with the engine, and knows nothing of files.

/// The reference: every answer is a loop over an array.
package struct ReferenceModel {
    /// One fork. Its history is all of `events`: those of its parent below `base`, then its own.
    package struct Fork {
        /// Names the fork for ever; names may be used again.
        package let serial: Int
        package let name: String
        package let parent: Int?
        package let base: Int
        /// From this instant on it is expired.
        package let expires: Int64?
        package fileprivate(set) var events: [ModelEvent] = []
        /// Positions of each stream's events, by stream.
        package fileprivate(set) var streams: [Int: [Int]] = [:]
        /// The next sequence of each partition.
        package fileprivate(set) var sequences = [Int](repeating: 0, count: 32)
        /// After each event, the latest time so far, and the bytes of all events so far.
        package fileprivate(set) var latestTimes: [Int64] = []
        package fileprivate(set) var byteCounts: [Int] = []

        package var head: Int { events.count }

        package func isExpired(at now: Int64) -> Bool {
            guard let expires else { return false }
            return expires <= now
        }
    }

    /// In the order of their creation.
    package private(set) var forks: [Fork]
    private var nextSerial = 1

    package init() {
        forks = [Fork(serial: 0, name: "main", parent: nil, base: 0, expires: nil)]
    }
}

extension ReferenceModel.Fork {
    package func count(of stream: Int) -> Int { streams[stream]?.count ?? 0 }

    package func event(of stream: Int, version: Int) -> ModelEvent? {
        guard let positions = streams[stream], version < positions.count else { return nil }
        return events[positions[version]]
    }

    package func byteCount(below cut: Int) -> Int { cut == 0 ? 0 : byteCounts[cut - 1] }

    /// The cut before the first event whose running maximum of time is greater than `time`.
    package func cut(at time: Int64) -> Int {
        latestTimes.firstIndex { $0 > time } ?? head
    }

    /// How many events both histories begin with.
    package func commonCount(with other: Self, cuts: (Int, Int)) -> Int {
        var count = 0
        while count < min(cuts.0, cuts.1), events[count] === other.events[count] { count += 1 }
        return count
    }

    /// Positions of this fork's events in `[common, cut)` that stand with equal id and content
    /// in the other's `[common, otherCut)`, too.
    package func moved(to other: Self, common: Int, cut: Int, otherCut: Int) -> Set<Int> {
        var moved: Set<Int> = []
        for event in events[common..<cut] where event.content.id != nil {
            let isThere = other.events[common..<otherCut].contains { $0.content == event.content }
            if isThere { moved.insert(event.position) }
        }
        return moved
    }

    fileprivate mutating func add(_ event: ModelEvent) {
        let stream = event.content.stream
        events.append(event)
        streams[stream, default: []].append(event.position)
        sequences[ModelStream.all[stream].partition] += 1
        latestTimes.append(max(latestTimes.last ?? .min, event.content.time))
        byteCounts.append((byteCounts.last ?? 0) + event.content.byteCount)
    }
}

// MARK: What changes

/// A condition on one stream.
package enum ModelExpectation: Hashable, Sendable {
    case any
    case exists
    case count(Int)
}

package enum ModelOutcome: Equatable {
    case appended
    /// All of it is there already, within these positions.
    case repeated(Range<Int>)
    case conflict
}

extension ReferenceModel {
    package func fork(_ serial: Int) -> Fork? { forks.first { $0.serial == serial } }

    package func fork(named name: String) -> Fork? { forks.first { $0.name == name } }

    /// The first `cut` events of `parent` are the new fork's history.
    @discardableResult
    package mutating func create(
        _ name: String, from parent: Fork, cut: Int, expires: Int64?
    ) -> Fork {
        var fork = Fork(
            serial: nextSerial, name: name, parent: parent.serial, base: cut, expires: expires)
        for event in parent.events.prefix(cut) { fork.add(event) }
        nextSerial += 1
        forks.append(fork)
        return fork
    }

    package mutating func drop(_ serial: Int) {
        forks.removeAll { $0.serial == serial }
    }

    /// Forgets what is expired; returns it.
    package mutating func reap(at now: Int64) -> [Fork] {
        let expired = forks.filter { $0.isExpired(at: now) }
        forks.removeAll { $0.isExpired(at: now) }
        return expired
    }

    /// What an append of `contents` must do. A retry is one in which every stream has an exact
    /// expectation and every event an id, and all of it is there at those very versions.
    package func outcome(
        of contents: [ModelContent], expecting: [Int: ModelExpectation], on fork: Fork
    ) -> ModelOutcome {
        let isMet = expecting.allSatisfy { stream, expectation in
            switch expectation {
            case .any: true
            case .exists: fork.count(of: stream) > 0
            case .count(let count): fork.count(of: stream) == count
            }
        }
        if isMet { return .appended }
        var next: [Int: Int] = [:]
        var positions: [Int] = []
        for content in contents {
            guard case .count(let first) = expecting[content.stream] else { return .conflict }
            let version = next[content.stream] ?? first
            guard let event = fork.event(of: content.stream, version: version),
                content.isRetry(of: event.content)
            else { return .conflict }
            next[content.stream] = version + 1
            positions.append(event.position)
        }
        guard let lowest = positions.min(), let highest = positions.max() else {
            return .conflict
        }
        return .repeated(lowest..<highest + 1)
    }

    /// Gives the contents their places at the end of the fork; returns the positions.
    @discardableResult
    package mutating func append(_ contents: [ModelContent], to serial: Int) -> Range<Int> {
        guard let index = forks.firstIndex(where: { $0.serial == serial }) else { return 0..<0 }
        let first = forks[index].head
        for content in contents {
            let partition = ModelStream.all[content.stream].partition
            forks[index].add(
                ModelEvent(
                    content, position: forks[index].head,
                    version: forks[index].count(of: content.stream),
                    sequence: forks[index].sequences[partition]))
        }
        return first..<forks[index].head
    }
}
