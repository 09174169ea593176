// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, races. What actors asked for, what they were told, and what they saw, in the
// order of the calls and of their returns: what the judge judges.
import ForkEngine
import SegmentStore

/// What a history holds at one position, without the position: "stream/version data".
package typealias RaceLine = String

/// One append, from its call to its return.
struct RaceAppend: Sendable {
    enum Outcome: Sendable, Equatable {
        /// Not returned, or cut short by a kill: it may be there, whole, or not at all.
        case unknown
        case acknowledged(Range<UInt64>)
        /// Refused in a way that says that nothing was appended.
        case refused(ForkError.Code)
    }

    let actor: Int
    let fork: ForkID
    let stream: String
    /// What each event says, all different.
    let data: [String]
    let expecting: ExpectedVersion
    let call: Int
    var back = Int.max
    var outcome = Outcome.unknown
}

/// A history that somebody saw: of a view, of a child what it inherited, or of the end.
struct RaceSight: Sendable {
    let who: String
    let fork: ForkID
    let lines: [RaceLine]
    /// When it was asked for: all that was acknowledged before must be in it. Nil: only a part of
    /// the fork was asked for.
    let call: Int?
    let back: Int
}

/// The record of one run.
package final class RaceLedger: Sendable {
    struct Content: Sendable {
        var now = 0
        var nextNumber = 1_000
        var appends: [RaceAppend] = []
        var sights: [RaceSight] = []
        var children: [RaceChild] = []
        /// Forks that somebody wanted to drop, by name.
        var drops: Set<String> = []
        /// How many events each fork had before anybody began, all acknowledged.
        var counts: [ForkID: Int] = [:]
        var faults: [String] = []
        /// What each actor was told, in its order: parts end states from each other.
        var answers: [String] = []
    }

    private let content = Locked(Content())

    package init() {}

    var all: Content { content.withLock { $0 } }

    /// The next moment.
    func tick() -> Int {
        content.withLock {
            $0.now += 1
            return $0.now
        }
    }

    func call(
        _ actor: Int, _ fork: ForkID, _ stream: String, count: Int, _ expecting: ExpectedVersion
    ) -> (index: Int, data: [String]) {
        content.withLock { content in
            content.now += 1
            let data = (0..<count).map { "{\"n\":\(content.nextNumber + $0)}" }
            content.nextNumber += count
            content.appends.append(
                RaceAppend(
                    actor: actor, fork: fork, stream: stream, data: data, expecting: expecting,
                    call: content.now))
            return (content.appends.count - 1, data)
        }
    }

    func end(_ append: Int, _ outcome: RaceAppend.Outcome) {
        content.withLock {
            $0.now += 1
            $0.appends[append].back = $0.now
            $0.appends[append].outcome = outcome
        }
    }

    func see(
        _ who: String, _ fork: ForkID, _ lines: [RaceLine], call: Int?, back: Int? = nil
    ) {
        content.withLock {
            $0.now += 1
            $0.sights.append(
                RaceSight(who: who, fork: fork, lines: lines, call: call, back: back ?? $0.now))
        }
    }

    func know(_ fork: ForkID, eventCount: Int) {
        content.withLock { $0.counts[fork] = eventCount }
    }

    func noteDrop(of name: String) { content.withLock { _ = $0.drops.insert(name) } }

    func note(_ child: RaceChild) { content.withLock { $0.children.append(child) } }

    func answer(_ actor: Int, _ text: String) {
        content.withLock { $0.answers.append("\("ABCD".dropFirst(actor).prefix(1)) \(text)") }
    }

    /// Something that must never happen has happened.
    func blame(_ text: String) { content.withLock { $0.faults.append(text) } }
}
