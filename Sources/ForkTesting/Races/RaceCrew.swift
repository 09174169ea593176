// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, races. The threads that actors run on: made once, since thousands of runs a
// second would make as many threads each.
import Glibc
import ForkEngine

/// Threads that wait for the next run. Used by one thread; end it with `dismiss`.
final class RaceCrew: Sendable {
    let turns: RaceTurns
    private let workers: [RaceWorker]
    private let threads: [Thread]

    init(count: Int) {
        let turns = RaceTurns(wakers: (0..<count).map { _ in RaceWaker() })
        let workers = (0..<count).map { _ in RaceWorker() }
        self.turns = turns
        self.workers = workers
        threads = workers.enumerated().map { actor, worker in
            Thread {
                while let job = worker.next() {
                    turns.begin(actor)
                    job()
                    turns.end(actor)
                }
            }
        }
    }

    /// Runs the jobs, one an actor, to their ends.
    func run(
        _ jobs: [@Sendable () -> Void], by choices: any RaceChoices, within bounds: RaceBounds,
        kill: @escaping (Int) -> Void
    ) {
        precondition(jobs.count <= workers.count)
        for (worker, job) in zip(workers, jobs) { worker.give(job) }
        turns.run(count: jobs.count, by: choices, within: bounds, kill: kill)
    }

    func dismiss() {
        for worker in workers { worker.give(nil) }
        for thread in threads { thread.join() }
    }
}

/// One thread's place to wait for work.
private final class RaceWorker: Sendable {
    private let slot = Monitor<Slot>(.empty)

    private enum Slot {
        case empty
        case job(@Sendable () -> Void)
        case over
    }

    func give(_ job: (@Sendable () -> Void)?) {
        slot.withLock { $0 = job.map { .job($0) } ?? .over }
        slot.notifyAll()
    }

    /// The next job; nil: there is none any more.
    func next() -> (@Sendable () -> Void)? {
        slot.waitUntil { slot -> (@Sendable () -> Void)?? in
            switch slot {
            case .empty: return nil
            case .over: return .some(nil)
            case .job(let job):
                slot = .empty
                return job
            }
        }
    }
}
