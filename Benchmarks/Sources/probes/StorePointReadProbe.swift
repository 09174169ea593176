// SPDX-License-Identifier: Apache-2.0
// Point reads through a whole store, of which each is known only from the one before: over a
// million streams, which the store's page cache holds, and over ten million, which it does not.
import ForkEngine
import Glibc
import SegmentStore

struct StorePointReadProbe {
    let folder: String

    func run() throws {
        var samples = Samples()
        var yardstick = Yardstick(folder: folder)
        let names = ["10^6 streams", "10^7 streams"]
        let counts: [UInt64] = [1_000_000, 10_000_000]
        var views: [View] = []
        for count in counts {
            let store = try makeStore(streamCount: count)
            views.append(try store.view(at: Point(.named(.main))))
        }
        var state: [UInt64] = [1, 1]
        // The first rounds fill the caches.
        for round in 0..<600 {
            if round % 10 == 0 { samples.add("y", yardstick.measure()) }
            for index in views.indices {
                for _ in 0..<1_000 {
                    let started = nanoseconds()
                    state[index] = try read(state[index] % counts[index], views[index])
                    if round >= 300 { samples.add(names[index], nanoseconds() - started) }
                }
            }
        }
        samples.report("the newest event of a stream, through the store")
        for count in counts { removeTree("\(folder)/store-\(count)") }
        unlink("\(folder)/yardstick")
    }

    /// Reads a stream's newest event; which stream is next hangs on its bytes.
    private func read(_ stream: UInt64, _ view: View) throws -> UInt64 {
        var next: UInt64?
        try Array("stream-\(stream)".utf8).withUnsafeBytes { name in
            let count = try view.eventCount(of: name).rawValue
            next = try view.withEvent(of: name, version: Version(count &- 1)) { event in
                event.data.loadUnaligned(as: UInt64.self)
            }
        }
        guard let next else { throw ForkError(.notFound, "stream \(stream) is not there") }
        return next
    }

    /// One event of 100 bytes a stream, all in segments.
    private func makeStore(streamCount: UInt64) throws -> Store {
        let store = try Store.initialize(at: "\(folder)/store-\(streamCount)")
        let writer = try store.openWriter(.main)
        var random: UInt64 = 1
        for start in stride(from: 0, to: streamCount, by: 1_000) {
            let batch = AppendBatch(expectedByteCount: 200_000)
            for stream in start..<start + 1_000 {
                random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                // The high bits of such a generator are the random ones.
                let next = random >> 20
                let bytes = (0..<100).map { UInt8(truncatingIfNeeded: next >> ($0 % 8 * 8)) }
                try batch.add(
                    stream: "stream-\(stream)", type: "read", data: bytes,
                    time: Timestamp(nanoseconds: Int64(stream)), isJSON: false)
            }
            _ = try writer.append(batch)
        }
        try writer.flush()
        try writer.close()
        _ = try store.collect()
        return store
    }
}
