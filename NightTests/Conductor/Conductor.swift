// SPDX-License-Identifier: Apache-2.0
// forknight: hands rounds to workers, one a core, until every part has what it wants. A worker that
// traps or stays away too long is a failing round, and another takes its place.
import Glibc
import Synchronization

/// Set by SIGINT and SIGTERM.
private let isAskedToStop = Atomic<Bool>(false)

/// Used by one thread.
final class Conductor {
    private let options: NightOptions
    private let commit: String
    private let state: NightState?
    private var parts: [PartProgress]
    private var workers: [Worker] = []
    private var display: ProgressDisplay

    init(_ options: NightOptions) throws {
        self.options = options
        let chosen =
            options.parts.isEmpty
            ? NightParts.all : options.parts.compactMap { NightParts.part(named: $0) }
        parts = chosen.map { part in
            PartProgress(part, goal: options.isNight ? part.atNight : part.onChange)
        }
        let commit = NightState.commit()
        self.commit = commit
        state = try options.statePath.map { try NightState(path: $0, commit: commit) }
        display = ProgressDisplay(workerCount: options.workerCount)
        for report in state?.reports ?? [] { add(report) }
    }

    /// Returns the exit status.
    func run() throws -> Int32 {
        signal(SIGINT) { _ in isAskedToStop.store(true, ordering: .relaxed) }
        signal(SIGTERM) { _ in isAskedToStop.store(true, ordering: .relaxed) }
        signal(SIGPIPE, SIG_IGN)
        defer { for worker in workers { _ = worker.end(killing: true) } }
        if let count = state?.reports.count, count > 0 {
            print("forknight: goes on at \(commit.prefix(12)), where \(count) rounds are done")
        }
        while !isAskedToStop.load(ordering: .relaxed) {
            try handOut()
            guard workers.contains(where: { $0.order != nil }) else { break }
            try collect()
            display.show(parts)
        }
        display.clear()
        let isStopped = parts.contains { !$0.isOver }
        let table = NightTable(parts: parts, commit: commit, isNight: options.isNight)
        print(options.isMarkdown ? table.markdown : table.text)
        if isStopped { print("stopped; the same command goes on from here") }
        if parts.contains(where: \.hasFailed) { return 1 }
        return isStopped ? 130 : 0
    }

    /// Gives each free worker a round of the part that is furthest behind.
    private func handOut() throws {
        while let part = nextPart() {
            guard let worker = try freeWorker() else { return }
            let round = parts[part].takeRound()
            worker.start(RoundName(part: parts[part].part.name, round: round))
        }
    }

    private func nextPart() -> Int? {
        parts.indices.filter { parts[$0].mayStart }
            .min { parts[$0].expectedFraction < parts[$1].expectedFraction }
    }

    private func freeWorker() throws -> Worker? {
        if let free = workers.first(where: { $0.order == nil }) { return free }
        guard workers.count < options.workerCount else { return nil }
        let worker = try Worker()
        workers.append(worker)
        return worker
    }

    /// Waits for reports for a moment.
    private func collect() throws {
        var waits = workers.map { pollfd(fd: $0.output, events: Int16(POLLIN), revents: 0) }
        guard poll(&waits, nfds_t(waits.count), 200) >= 0 || errno == EINTR else {
            throw NightFailure("poll: errno \(errno)")
        }
        for (worker, wait) in zip(workers, waits) {
            if wait.revents != 0 { try take(from: worker) }
            if let order = worker.order, let part = index(of: order.part) {
                let limit = parts[part].part.roundSecondsMax
                if worker.secondsInRound > limit {
                    try bury(worker, "took more than \(limit) s; ", killing: true)
                }
            }
        }
    }

    private func take(from worker: Worker) throws {
        switch try worker.read() {
        case .nothing: return
        case .report(let report):
            try state?.add(report)
            add(report)
        case .ended: try bury(worker, "", killing: false)
        }
    }

    /// Takes a worker's end for the failure of its round.
    private func bury(_ worker: Worker, _ reason: String, killing: Bool) throws {
        let order = worker.order
        let end = worker.end(killing: killing)
        workers.removeAll { $0 === worker }
        guard let order else { throw NightFailure("a worker ended without a round: \(end)") }
        var tally = NightTally()
        tally.failures.append(reason + end)
        let report = ReportLine(
            part: order.part, round: order.round, milliseconds: 0, tally: tally)
        try state?.add(report)
        add(report)
    }

    private func add(_ report: ReportLine) {
        guard let part = index(of: report.part) else { return }
        parts[part].add(report)
    }

    private func index(of part: String) -> Int? { parts.firstIndex { $0.part.name == part } }
}
