// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, races. One actor runs at a time; between two of its steps it may lose its turn,
// or its life, as `RaceChoices` have it.
import Glibc
import Synchronization

/// Gives the turns of one run after the other to actors, each a thread that lives on.
///
/// `@unchecked Sendable`: everything below `lock` is touched only by who holds it.
final class RaceTurns: @unchecked Sendable {
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var standings: [Standing] = []
    private var holder: Int?
    private var choices: (any RaceChoices)?
    private var preemptions = RacePreemptions(.all)
    private var killsLeft = 0
    private var kill: ((Int) -> Void)?
    private let wakers: [RaceWaker]
    private let ended = RaceWaker()
    private(set) var trace: [RaceStep] = []

    /// How an actor stands.
    private enum Standing {
        /// Goes on at its turn.
        case ready
        /// Goes on at its turn, once this holds.
        case waits(until: () -> Bool)
        /// Goes on once another has made a step.
        case sleeps(since: Int)
        /// Its wait was ended without what it waited for.
        case refused
        case killed
        case ended
    }

    init(wakers: [RaceWaker]) {
        self.wakers = wakers
        pthread_mutex_init(lock, nil)
    }

    deinit {
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    // MARK: For the explorer

    /// Whether a run is on: else what asks for a turn has it.
    private(set) var isOn = false

    /// Runs actors from first step to last. `kill`: ends one's process, as kill -9 does.
    func run(
        count: Int, by choices: any RaceChoices, within bounds: RaceBounds,
        kill: @escaping (Int) -> Void
    ) {
        pthread_mutex_lock(lock)
        self.choices = choices
        self.kill = kill
        standings = Array(repeating: .ready, count: count)
        preemptions = RacePreemptions(bounds)
        killsLeft = bounds.killsMax
        trace = []
        holder = nil
        isOn = true
        decide(after: nil)
        while isOn { ended.wait(with: lock) }
        self.choices = nil
        self.kill = nil
        pthread_mutex_unlock(lock)
    }

    // MARK: For actors

    /// Returns when it is the actor's first turn.
    func begin(_ actor: Int) {
        pthread_mutex_lock(lock)
        awaitTurn(actor)
        pthread_mutex_unlock(lock)
    }

    func end(_ actor: Int) {
        pthread_mutex_lock(lock)
        standings[actor] = .ended
        decide(after: nil)
        pthread_mutex_unlock(lock)
    }

    /// The actor is about to take a step. It has its turn once `isPossible` holds.
    func step(_ actor: Int, _ name: String, once isPossible: (() -> Bool)? = nil) {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        guard isAlive(actor) else { return }
        standings[actor] = isPossible.map { .waits(until: $0) } ?? .ready
        decide(after: actor)
        awaitTurn(actor)
        if case .killed = standings[actor] { return }
        trace.append(RaceStep(actor: actor, name: name))
    }

    /// The actor cannot go on before this holds. False: it never will, since everybody waits.
    func wait(_ actor: Int, until isPossible: @escaping () -> Bool) -> Bool {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        guard isAlive(actor) else { return true }
        if case .refused = standings[actor] {
            standings[actor] = .ready
            return false
        }
        standings[actor] = .waits(until: isPossible)
        decide(after: nil)
        awaitTurn(actor)
        guard case .refused = standings[actor] else { return true }
        standings[actor] = .ready
        return false
    }

    /// The actor looks again later: once another has made a step, where one can.
    func sleep(_ actor: Int) {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        guard isAlive(actor) else { return }
        standings[actor] = .sleeps(since: trace.count)
        decide(after: nil)
        awaitTurn(actor)
        if case .sleeps = standings[actor] { standings[actor] = .ready }
    }

    // MARK: Who is next

    private func awaitTurn(_ actor: Int) {
        while holder != actor { wakers[actor].wait(with: lock) }
    }

    private func canGoOn(_ actor: Int) -> Bool {
        switch standings[actor] {
        case .ready, .refused: true
        case .waits(let isPossible): isPossible()
        case .sleeps(let since): trace.count > since
        case .killed, .ended: false
        }
    }

    private func isAlive(_ actor: Int) -> Bool {
        switch standings[actor] {
        case .killed, .ended: false
        default: true
        }
    }

    /// Gives the turn to the next. `actor`: who has just made a step, and might go on.
    private func decide(after actor: Int?) {
        let alive = standings.indices.filter(isAlive)
        guard !alive.isEmpty else {
            holder = nil
            isOn = false
            return ended.wake()
        }
        var able = alive.filter(canGoOn)
        if able.isEmpty {
            // Time goes on for those who only sleep; where there is nobody, all wait for ever.
            able = alive.filter { if case .sleeps = standings[$0] { true } else { false } }
        }
        if able.isEmpty {
            trace.append(RaceStep(actor: alive[0], name: "everybody waits"))
            standings[alive[0]] = .refused
            able = [alive[0]]
        }
        var moves: [Move] = []
        let canStay = actor.map { able.contains($0) } ?? false
        if let actor, canStay { moves.append(.turn(actor)) }
        if !canStay || preemptions.allows(at: trace.count) {
            moves += able.filter { $0 != actor }.map { .turn($0) }
        }
        let turnCount = moves.count
        if killsLeft > 0 { moves += alive.map { .death($0) } }
        let deaths = moves.count - turnCount
        let choice =
            moves.count == 1 ? 0 : choices?.choose(among: moves.count, deaths: deaths) ?? 0
        switch moves[choice] {
        case .turn(let next):
            if canStay, next != actor { preemptions.add(at: trace.count) }
            if case .waits = standings[next] { standings[next] = .ready }
            give(next)
        case .death(let victim):
            killsLeft -= 1
            trace.append(RaceStep(actor: victim, name: "is killed"))
            standings[victim] = .killed
            kill?(victim)
            // Its thread comes to its end at once: all that it calls fails.
            give(victim)
        }
    }

    private enum Move {
        case turn(Int)
        case death(Int)
    }

    private func give(_ next: Int) {
        holder = next
        wakers[next].wake()
    }
}

/// One step of a run, for who reads a failure.
package struct RaceStep: Hashable, Sendable, CustomStringConvertible {
    package let actor: Int
    package let name: String

    package var description: String { "\("ABCD".dropFirst(actor).prefix(1)): \(name)" }
}

/// A condition that one thread waits for.
///
/// `@unchecked Sendable`: the C object lies at one address from init to deinit.
final class RaceWaker: @unchecked Sendable {
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() { pthread_cond_init(condition, nil) }

    deinit {
        pthread_cond_destroy(condition)
        condition.deallocate()
    }

    func wait(with lock: UnsafeMutablePointer<pthread_mutex_t>) {
        pthread_cond_wait(condition, lock)
    }

    func wake() { pthread_cond_signal(condition) }
}
