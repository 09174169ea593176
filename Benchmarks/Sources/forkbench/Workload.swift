// SPDX-License-Identifier: Apache-2.0
// forkbench: events like those of an application: JSON of about 200 bytes, skewed streams.
import ForkEngine
import SegmentStore

/// Events over streams of which a tenth get half of the events.
struct Workload {
    let streamCount: Int
    private var random: UInt64

    init(streamCount: Int, seed: UInt64) {
        self.streamCount = streamCount
        random = seed
    }

    static func name(_ stream: Int) -> String { "account-\(stream)" }

    /// A store whose `main` has `eventCount` events in segments, ten a stream; and it is closed.
    static func makeStore(at path: String, eventCount: Int) throws {
        let store = try Store.initialize(at: path)
        let writer = try store.openWriter(.main)
        var workload = Workload(streamCount: eventCount / 10, seed: 1)
        // Each stream once, so that all are there.
        for start in stride(from: 0, to: eventCount / 10, by: 1_000) {
            let numbers = start..<min(start + 1_000, eventCount / 10)
            _ = try writer.append(workload.batch(numbers) { number, _ in number })
        }
        try workload.append(eventCount - eventCount / 10, to: writer)
        try writer.flush()
        try writer.close()
        // The journals are in segments now.
        _ = try store.collect()
    }

    mutating func append(_ count: Int, to writer: Writer) throws {
        for start in stride(from: 0, to: count, by: 1_000) {
            _ = try writer.append(batch(start..<min(start + 1_000, count)))
        }
    }

    mutating func batch(_ numbers: Range<Int>) throws -> AppendBatch {
        try batch(numbers) { [streamCount] _, random in
            let stream = Int(random >> 40) % streamCount
            return random >> 33 & 1 == 0 ? stream / 10 : stream
        }
    }

    private mutating func batch(
        _ numbers: Range<Int>, _ stream: (Int, UInt64) -> Int
    ) throws -> AppendBatch {
        let batch = AppendBatch(expectedByteCount: 300 * numbers.count)
        for number in numbers {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            try batch.add(
                stream: Self.name(stream(number, random)),
                type: number % 3 == 0 ? "credited" : "debited", data: data(number),
                time: Timestamp(nanoseconds: Int64(number) * 1_000_000))
        }
        return batch
    }

    private func data(_ number: Int) -> [UInt8] {
        Array(
            ("{\"number\":\(number),\"amount\":\(random >> 50),\"currency\":\"EUR\","
                + "\"reference\":\"\(String(random, radix: 36))\",\"note\":\"monthly settlement of"
                + " the running account, as agreed with the holder\"}").utf8)
    }
}

extension Writer {
    /// One small event.
    func appendOne(to stream: Int) throws {
        let batch = AppendBatch()
        try batch.add(
            stream: Workload.name(stream), type: "credited", data: [0x31],
            time: Timestamp(nanoseconds: 1))
        _ = try append(batch)
    }
}
