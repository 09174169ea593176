// SPDX-License-Identifier: Apache-2.0
// Readers beside a writer, on real threads; also run with --sanitize=thread.
import ForkTesting
import SegmentStore
import Synchronization
import Testing

@Suite struct TailConcurrencyTests {
    private static let streamCount = 3000

    /// The event at `position`, known without looking: so a reader can tell any wrong byte.
    private static func sample(_ position: UInt64) -> SampleEvent {
        let stream = (position &* 0x9E37_79B9_7F4A_7C15 >> 33) % UInt64(streamCount)
        var event = SampleEvent("stream-\(stream)", data: "[\(position)]")
        event.time = Int64(position)
        return event
    }

    /// What the threads tell each other.
    private final class Shared: Sendable {
        let layer = TailLayer(start: .zero)
        let watermark = Atomic<UInt64>(0)
        let checkCount = Atomic<Int>(0)
    }

    @Test func invariant2ReadersNeverSeeAGapNorAnythingAboveTheirCut() async throws {
        let total: UInt64 = 40_000
        let shared = Shared()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await Self.write(total, to: shared) }
            for reader in 0..<3 {
                group.addTask { try await Self.readAll(total, of: shared, UInt64(reader)) }
            }
            try await group.waitForAll()
        }
        #expect(shared.layer.end == Position(total))
        #expect(shared.checkCount.load(ordering: .relaxed) >= 3)
    }

    private static func readAll(_ total: UInt64, of shared: Shared, _ seed: UInt64) async throws {
        var chance = SeededGenerator(seed: seed)
        let tail = Tail(shared.layer)
        while true {
            let cut = shared.watermark.load(ordering: .acquiring)
            if cut > 0 {
                try read(tail.prefix(below: Position(cut)), cut, &chance)
                shared.checkCount.add(1, ordering: .relaxed)
            }
            if cut == total { return }
            await Task.yield()
        }
    }

    private static func write(_ total: UInt64, to shared: Shared) async throws {
        let layer = shared.layer
        let tail = Tail(layer)
        var chance = SeededGenerator(seed: 99)
        var chain = FrameChain(
            journal: JournalSample.id, seed: 1, epoch: 1, firstPosition: .zero)
        var next: UInt64 = 0
        while next < total {
            let count = min(total - next, UInt64.random(in: 1...200, using: &chance))
            let batch = EventBatch()
            for position in next..<next + count { try batch.add(sample(position)) }
            var heads = [StreamHead?](repeating: nil, count: batch.streamCount)
            heads.withUnsafeMutableBufferPointer { tail.heads(of: batch, into: $0) }
            let first = heads.map { $0?.version.advanced(by: 1) ?? .zero }
            first.withUnsafeBufferPointer { batch.assignVersions(first: $0) }
            let frame = chain.seal([batch], durableEnd: 0).frames[0]
            try layer.append(frame, of: batch)
            next += count
            shared.watermark.store(next, ordering: .releasing)
            await Task.yield()
        }
    }

    private static func read(_ tail: Tail, _ cut: UInt64, _ chance: inout SeededGenerator) throws {
        #expect(tail.end == Position(cut))
        let lower = UInt64.random(in: 0..<cut, using: &chance)
        var next = lower
        try tail.scan(Position(lower)..<Position(lower + 50)) { (event) throws(StorageError) in
            let isRight = SampleEvent(event) == sample(next)
            if !isRight { Issue.record("position \(next) reads wrong below \(cut)") }
            next += 1
            return true
        }
        #expect(next == min(cut, lower + 50))

        // A stream read to its end: versions without a gap, positions rising, none at the cut.
        let name = FrameBuffer(copying: sample(lower).stream)
        defer { extendLifetime(name) }
        let hash = StreamHash(of: name.bytes)
        let head = try #require(tail.latest(hash, name: name.bytes))
        #expect(head.position >= Position(lower) && head.position < Position(cut))
        var version = Version.zero
        try tail.scanStream(hash, name: name.bytes, versions: .zero..<Version(1 << 40)) {
            (event) throws(StorageError) in
            let isRight =
                event.version == version && event.position < Position(cut)
                && SampleEvent(event) == sample(event.position.rawValue)
            if !isRight { Issue.record("a gap at version \(version) below \(cut)") }
            version = version.advanced(by: 1)
            return true
        }
        #expect(version == head.version.advanced(by: 1))
        #expect(
            tail.find(hash, name: name.bytes, version: head.version) == head.position)
    }
}
