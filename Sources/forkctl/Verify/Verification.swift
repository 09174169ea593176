// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. Checking a store through what the engine reads and verifies.
import ForkEngine
import SegmentStore

/// What a verification found.
struct VerificationReport {
    /// One thing that is wrong, and whose it is.
    struct Fault {
        /// Nil where it is of the store as a whole.
        let fork: String?
        let sentence: String
    }

    var forkCount: UInt64 = 0
    var eventCount: UInt64 = 0
    var objectCount: UInt64 = 0
    var faults: [Fault] = []
}

/// Checks what is reachable, then reads every fork's events. Faults are gathered: one damaged
/// object keeps nothing else from being checked (invariant 10).
struct Verification {
    let store: Store
    let isQuick: Bool
    let console: Console

    func run() throws(CommandFailure) -> VerificationReport {
        var report = VerificationReport()
        try gather(of: nil, in: &report) { (report) throws(ForkError) in
            // A dry run marks from every fork and reader, and deletes nothing.
            report.objectCount = UInt64(try store.collect(isDryRun: true).reachableObjectCount)
        }
        var bar = ProgressBar(unit: "events", byteCountTotal: nil, on: console)
        defer { bar.erase() }
        try ForkSelection(store: store).forEach { (fork) throws(CommandFailure) in
            report.forkCount += 1
            if isQuick || fork.state == .expired { return true }
            try gather(of: fork.name, in: &report) { (report) throws(ForkError) in
                try check(fork, into: &report)
            }
            bar.update(count: report.eventCount, byteCount: 0)
            return true
        }
        return report
    }

    /// Reads the events that the fork added; what it inherited is read with who added it, or,
    /// where that fork is gone, here.
    private func check(
        _ fork: ForkDescription, into report: inout VerificationReport
    ) throws(ForkError) {
        let name = try fork.checkedName()
        let view: View
        do throws(ForkError) {
            view = try store.view(at: Point(.named(name)))
        } catch {
            // Dropped or expired since it was listed.
            if error.code == .notFound || error.code == .expired { return }
            throw error
        }
        let isInherited = fork.parentName != nil
        var walk = HistoryWalk(from: isInherited ? min(fork.base, view.head) : .zero)
        try view.scan(walk.next..<view.head) { (event) throws(ForkError) in
            try walk.take(event)
            return true
        }
        guard walk.next == view.head else {
            throw ForkError(
                .damaged, "events end at position \(walk.next), and the head is \(view.head)")
        }
        report.eventCount += walk.count
    }

    private func gather(
        of fork: String?, in report: inout VerificationReport,
        _ body: (inout VerificationReport) throws(ForkError) -> Void
    ) throws(CommandFailure) {
        do throws(ForkError) {
            try body(&report)
        } catch {
            guard error.code == .damaged || error.code == .newerFormat else {
                throw CommandFailure(error)
            }
            report.faults.append(.init(fork: fork, sentence: error.message))
        }
    }
}

/// Events in position order, held against invariant 3: no gap in positions or versions.
private struct HistoryWalk {
    private(set) var next: Position
    private(set) var count: UInt64 = 0
    private var versions: [[UInt8]: Version] = [:]

    init(from start: Position) { next = start }

    mutating func take(_ event: EventReference) throws(ForkError) {
        guard event.position == next else {
            throw ForkError(.damaged, "position \(event.position) follows where \(next) should")
        }
        let stream = Array(event.stream)
        if let expected = versions[stream], expected != event.version {
            throw ForkError(
                .damaged,
                "the event at position \(next) has version \(event.version) of its stream, and"
                    + " \(expected) is next")
        }
        versions[stream] = event.version.advanced(by: 1)
        next = next.advanced(by: 1)
        count += 1
    }
}
