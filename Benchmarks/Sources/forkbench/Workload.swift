// SPDX-License-Identifier: Apache-2.0
// forkbench: events like those of an application: JSON of about 200 bytes, skewed streams.
import ForkEngine
import SegmentStore

enum Workload {
    /// A store whose `main` has `eventCount` events in segments.
    static func store(at path: String, eventCount: Int) throws -> Store {
        let store = try Store.initialize(at: path)
        let writer = try store.openWriter(.main)
        try append(eventCount, to: writer, seed: 1)
        try writer.flush()
        try writer.close()
        return store
    }

    /// Appends in batches of 1,000, over streams of which a tenth get half of the events.
    static func append(_ count: Int, to writer: Writer, seed: UInt64) throws {
        var random = seed
        var done = 0
        while done < count {
            let batch = AppendBatch(expectedByteCount: 300_000)
            let size = min(1_000, count - done)
            for index in 0..<size {
                random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let wide = Int(random >> 40) % 100_000
                let stream = random >> 33 & 1 == 0 ? wide / 10 : wide
                try batch.add(
                    stream: "account-\(stream)", type: index % 3 == 0 ? "credited" : "debited",
                    data: data(done + index, random),
                    time: Timestamp(nanoseconds: Int64(done + index) * 1_000_000))
            }
            _ = try writer.append(batch)
            done += size
        }
    }

    private static func data(_ number: Int, _ random: UInt64) -> [UInt8] {
        Array(
            ("{\"number\":\(number),\"amount\":\(random >> 50),\"currency\":\"EUR\","
                + "\"reference\":\"\(String(random, radix: 36))\",\"note\":\"monthly settlement of"
                + " the running account, as agreed with the holder\"}").utf8)
    }
}
