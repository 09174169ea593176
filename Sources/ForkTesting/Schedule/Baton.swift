// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting. Who may run now.
import Glibc
import Synchronization

/// The baton of a `BatonScheduler`.
///
/// `@unchecked Sendable`: everything below `lock` is touched only by who holds it.
final class Baton: @unchecked Sendable {
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var generator: SeededGenerator
    private let switchOneIn: UInt64

    /// The actors' threads, by actor; nil before it enters.
    private var threads: [pthread_t?] = []
    /// Actors that have not left, ascending.
    private var alive: [Int] = []
    private var holder: Int?
    /// Waits since anyone got on: more than there are actors, and all are stuck.
    private var fruitlessWaits = 0
    private var switches = 0

    init(seed: UInt64, switchOneIn: UInt64) {
        generator = SeededGenerator(seed: seed)
        self.switchOneIn = switchOneIn
        pthread_mutex_init(lock, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(lock)
        changed.deallocate()
        lock.deallocate()
    }

    var switchCount: Int { locked { switches } }

    func begin(count: Int) {
        locked {
            precondition(alive.isEmpty, "a scheduler runs one set of actors at a time")
            threads = Array(repeating: nil, count: count)
            alive = Array(0..<count)
            holder = nil
            fruitlessWaits = 0
        }
    }

    /// The calling thread becomes an actor; returns when it is its turn.
    func enter(_ actor: Int) {
        locked {
            threads[actor] = pthread_self()
            // The first turn is given when all are here, so that it hangs on the seed alone.
            if threads.allSatisfy({ $0 != nil }) { handOver(among: alive) }
            awaitTurn(actor)
        }
    }

    func leave() {
        locked {
            guard let actor = current else { return }
            alive.removeAll { $0 == actor }
            threads[actor] = nil
            fruitlessWaits = 0
            holder = nil
            handOver(among: alive)
        }
    }

    /// The actor gets on, and may be switched.
    func step() {
        locked {
            guard current != nil else { return }
            fruitlessWaits = 0
            maybeSwitch()
        }
    }

    /// The actor may be switched before it tries what may not succeed.
    func offer() { locked { if current != nil { maybeSwitch() } } }

    /// Another has its turn; false where everyone waits.
    func wait() -> Bool {
        locked {
            guard let actor = current else { return true }
            fruitlessWaits += 1
            // Chance might pass over the one who can go on: all are stuck only after many rounds.
            if fruitlessWaits > 64 * alive.count {
                fruitlessWaits = 0
                return false
            }
            let others = alive.filter { $0 != actor }
            if others.isEmpty { return true }
            handOver(among: others)
            awaitTurn(actor)
            return true
        }
    }

    /// The actor of the calling thread.
    private var current: Int? {
        let thread = pthread_self()
        return threads.firstIndex { $0.map { pthread_equal($0, thread) != 0 } ?? false }
    }

    private func maybeSwitch() {
        guard let actor = current, alive.count > 1, generator.next() % switchOneIn == 0 else {
            return
        }
        handOver(among: alive)
        awaitTurn(actor)
    }

    private func handOver(among actors: [Int]) {
        guard !actors.isEmpty else { return }
        let next = actors[Int(generator.next() % UInt64(actors.count))]
        if next != holder { switches += 1 }
        holder = next
        pthread_cond_broadcast(changed)
    }

    private func awaitTurn(_ actor: Int) {
        while holder != actor { pthread_cond_wait(changed, lock) }
    }

    private func locked<Value>(_ body: () -> Value) -> Value {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body()
    }
}
