// SPDX-License-Identifier: Apache-2.0
// How large events, batches and names may be, on a real folder: kept whole at the limit, refused one
// byte beyond it.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct EventLimitsTests {
    /// Names of exactly 255 bytes, of letters of one to four bytes each.
    static let longest = [
        String(repeating: "x", count: 255), String(repeating: "é", count: 127) + "x",
        String(repeating: "日", count: 85), String(repeating: "😀", count: 63) + "日",
    ]

    private func refusal(
        _ batch: AppendBatch, stream: String = "s", type: String = "t", data: [UInt8] = [],
        metadata: [UInt8]? = nil
    ) -> ForkError? {
        let count = batch.count
        do throws(ForkError) {
            try batch.add(
                stream: stream, type: type, data: data, metadata: metadata,
                time: Timestamp(nanoseconds: 0),
                isJSON: false)
            return nil
        } catch {
            #expect(batch.count == count)
            return error
        }
    }

    @Test func namesOf255BytesOfAnyLettersAreKept() throws {
        let store = try TemporaryStore()
        let writer = try store.store.openWriter(.main)
        for name in Self.longest {
            #expect(name.utf8.count == 255)
            let batch = AppendBatch()
            #expect(refusal(batch, stream: name, type: name) == nil)
            let beyond = name + "x"
            #expect(refusal(batch, stream: beyond)?.code == .invalid)
            #expect(refusal(batch, stream: beyond)?.message.contains("at most 255 bytes") == true)
            #expect(refusal(batch, type: beyond)?.code == .invalid)
            #expect(refusal(batch, type: beyond)?.message.contains("has 256") == true)
            _ = try writer.append(batch)
        }
        // 255 bytes that end inside of a letter.
        let cut = Array(String(repeating: "é", count: 128).utf8.prefix(255))
        let fault = #expect(throws: ForkError.self) {
            try cut.withUnsafeBytes { cut in
                try AppendBatch().add(
                    stream: cut, type: cut, data: cut, time: Timestamp(nanoseconds: 0))
            }
        }
        #expect(fault?.code == .invalid)
        try writer.flush()
        try writer.close()
        let view = try store.reopen().view(at: Point(.named(.main)))
        var streams: [String] = []
        try view.scan(.zero..<view.head) { (event) throws(ForkError) in
            streams.append(String(decoding: event.stream, as: UTF8.self))
            #expect(event.type.elementsEqual(event.stream))
            return true
        }
        #expect(streams == Self.longest)
        for name in Self.longest {
            let count = try name.withBytes { name throws(ForkError) in
                try view.eventCount(of: name).rawValue
            }
            #expect(count == 1)
        }
    }

    @Test func eventsOf16MiBInABatchOf64MiBAreKeptAndNotAByteMore() throws {
        let store = try TemporaryStore()
        let writer = try store.store.openWriter(.main)
        let most = EventLimits.eventByteCount
        #expect(most == 16 << 20 && EventLimits.batchByteCount == 64 << 20)
        let batch = AppendBatch()
        let data = [UInt8](repeating: 7, count: most)
        #expect(refusal(batch, data: data + [7])?.code == .tooLarge)
        #expect(
            refusal(batch, data: data, metadata: [1])?.message.contains("16777216") == true)
        // Names do not count; metadata does.
        let name = Self.longest[0]
        #expect(refusal(batch, stream: name, type: name, data: data) == nil)
        #expect(
            refusal(batch, data: Array(data.dropLast(1_000)), metadata: Array(data.prefix(1_000)))
                == nil)
        #expect(refusal(batch, data: data) == nil)
        #expect(refusal(batch, data: data) == nil)
        #expect(refusal(batch) == nil, "an event without data still fits")
        let beyond = refusal(batch, data: [1])
        #expect(beyond?.code == .tooLarge)
        #expect(beyond?.message.contains("67108864") == true)
        #expect(try writer.append(batch).positions.upperBound == Position(5))
        try writer.flush()
        try writer.close()
        let view = try store.reopen().view(at: Point(.named(.main)))
        var sizes: [Int] = []
        try view.scan(.zero..<view.head) { (event) throws(ForkError) in
            sizes.append(event.data.count)
            #expect(event.data.last == nil || event.data.last == 7)
            return true
        }
        #expect(sizes == [most, most - 1_000, most, most, 0])
    }
}
