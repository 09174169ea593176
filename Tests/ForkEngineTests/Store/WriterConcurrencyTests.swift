// SPDX-License-Identifier: Apache-2.0
// Many threads on one fork: group commit, readers beside it, flushes in between. Run these under
// --sanitize=thread too (make test-threads).
import ForkEngine
import ForkTesting
import SegmentStore
import Synchronization
import Testing

@Suite struct WriterConcurrencyTests {
    static let threadCount = 8
    static let appendCount = 120

    /// What the threads of a test report: the first failure stands for all.
    final class Report: Sendable {
        let failures = Locked<[String]>([])
        let isDone = Atomic<Bool>(false)

        func run(_ body: () throws -> Void) {
            do {
                try body()
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
    }

    @Test func invariants1To3HoldWithManyThreadsOnOneFork() throws {
        let temporary = try TemporaryStore()
        let store = temporary.store
        let writer = try store.openWriter(.main)
        let report = Report()
        let appenders = (0..<Self.threadCount).map { number in
            Thread {
                report.run {
                    for index in 0..<Self.appendCount {
                        let batch = AppendBatch()
                        for stream in ["own-\(number)", "shared"] {
                            try batch.add(
                                stream: stream, type: "t", data: Array("\(index)".utf8),
                                time: Timestamp(nanoseconds: Int64(index)))
                        }
                        let result = try writer.append(batch)
                        // Acknowledged is visible.
                        let view = try #require(try writer.view())
                        #expect(view.head >= result.positions.upperBound)
                    }
                }
            }
        }
        let flusher = Thread {
            report.run {
                while !report.isDone.load(ordering: .relaxed) { try writer.flush() }
            }
        }
        let reader = Thread {
            report.run {
                while !report.isDone.load(ordering: .relaxed) {
                    try Self.checkGapless(store.view(at: Point(.named(.main))))
                }
            }
        }
        for thread in appenders { thread.join() }
        report.isDone.store(true, ordering: .relaxed)
        flusher.join()
        reader.join()
        #expect(report.failures.withLock { $0 } == [])
        let view = try store.view(at: point("main"))
        #expect(view.head == Position(UInt64(2 * Self.threadCount * Self.appendCount)))
        try Self.checkGapless(view)
        try writer.close()
        #expect(try temporary.reopen().verify().isSound)
    }

    @Test func forksAreMadeAndDroppedWhileTheirParentIsWritten() throws {
        let temporary = try TemporaryStore()
        let store = temporary.store
        let writer = try store.openWriter(.main)
        let report = Report()
        let appender = Thread {
            report.run {
                for index in 0..<400 {
                    _ = try writer.append(.numbered(index, stream: "s\(index % 5)"))
                }
            }
        }
        let forkers = (0..<3).map { number in
            Thread {
                report.run {
                    for round in 0..<30 {
                        let name = try ForkName("fork-\(number)-\(round)")
                        let made = try store.create(NewFork(name: name)).fork
                        let view = try store.view(at: Point(.named(name)))
                        #expect(view.head == made.base)
                        try Self.checkGapless(view)
                        try store.drop(name)
                    }
                }
            }
        }
        let collector = Thread {
            report.run { for _ in 0..<10 { _ = try store.collect() } }
        }
        for thread in [appender, collector] + forkers { thread.join() }
        #expect(report.failures.withLock { $0 } == [])
        try writer.close()
        #expect(try store.view(at: point("main")).head == Position(400))
    }

    /// Positions without a gap, versions without a gap in every stream.
    private static func checkGapless(_ view: View) throws {
        var next = Position.zero
        var versions: [[UInt8]: UInt64] = [:]
        try view.scan(.zero..<view.head) { (event) throws(ForkError) in
            let name = Array(event.stream)
            guard event.position == next, event.version.rawValue == versions[name, default: 0]
            else { throw ForkError(.damaged, "a gap at \(event.position)") }
            next = next.advanced(by: 1)
            versions[name, default: 0] += 1
            return true
        }
        guard next == view.head else { throw ForkError(.damaged, "events end at \(next)") }
    }
}
