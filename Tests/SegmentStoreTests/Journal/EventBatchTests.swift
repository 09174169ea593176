// SPDX-License-Identifier: Apache-2.0
import ForkTesting
import SegmentStore
import Testing

@Suite struct EventBatchTests {
    @Test func everyRecordReadsBackAsItWasAdded() throws {
        for seed in 0..<50 {
            var chance = SeededGenerator(seed: UInt64(seed))
            let events = (0..<40).map { _ in SampleEvent.random(&chance, streamCount: 20) }
            let batch = try EventBatch(events)
            defer { extendLifetime(batch) }
            #expect(batch.count == events.count)
            for (index, event) in events.enumerated() {
                let record = batch.record(index)
                #expect(EventRecord.checkedByteCount(in: bytes(of: record)) == record.byteCount)
                let reference = record.reference(position: .zero, hash: batch.streamHash(index))
                #expect(SampleEvent(reference) == event)
                #expect(reference.streamHash == StreamHash(of: reference.stream))
                #expect(record.logicalByteCount == reference.logicalByteCount)
            }
        }
    }

    @Test func streamsAreGroupedByNameWithVersionsInOrder() throws {
        var chance = SeededGenerator(seed: 7)
        for streamCount in [1, 3, 8, 9, 40, 700] {
            let events = (0..<900).map { _ in
                SampleEvent.random(&chance, streamCount: streamCount)
            }
            let batch = try EventBatch(events)
            defer { extendLifetime(batch) }
            var model: [[UInt8]: [Int]] = [:]
            for (index, event) in events.enumerated() {
                model[event.stream, default: []].append(index)
            }
            #expect(batch.streamCount == model.count)
            var first: [Version] = []
            for index in 0..<batch.streamCount {
                let stream = batch.stream(index)
                let expected = try #require(model[Array(stream.name)])
                #expect(stream.count == expected.count)
                var found: [Int] = []
                var event: Int? = stream.firstEvent
                while let current = event {
                    #expect(batch.streamIndex(ofEvent: current) == index)
                    found.append(current)
                    event = batch.event(after: current)
                }
                #expect(found == expected)
                first.append(Version(UInt64(index * 1000)))
            }
            first.withUnsafeBufferPointer { batch.assignVersions(first: $0) }
            for (stream, indexes) in model {
                let group = batch.streamIndex(ofEvent: indexes[0])
                for (count, index) in indexes.enumerated() {
                    #expect(batch.record(index).version == Version(UInt64(group * 1000 + count)))
                    #expect(Array(batch.record(index).stream) == stream)
                }
            }
        }
    }

    @Test func differentNamesOfOneHashAreDifferentStreams() throws {
        let batch = EventBatch()
        defer { extendLifetime(batch) }
        for index in 0..<60 {
            try batch.add(SampleEvent("s\(index % 30)"), hash: StreamHash(rawValue: 5))
        }
        #expect(batch.streamCount == 30)
        for index in 0..<30 { #expect(batch.stream(index).count == 2) }
    }

    @Test func limitsHoldAtTheLimitAndOneBeyond() throws {
        func long(_ count: Int) -> [UInt8] { [UInt8](repeating: 97, count: count) }
        func result(_ change: (inout SampleEvent) -> Void) -> Bool {
            var event = SampleEvent("s")
            change(&event)
            let batch = EventBatch()
            do throws(StorageError) {
                try batch.add(event)
                return true
            } catch {
                #expect(batch.count == 0)
                return false
            }
        }
        #expect(result { $0.stream = long(255) })
        #expect(!result { $0.stream = long(256) })
        #expect(!result { $0.stream = [] })
        #expect(result { $0.type = long(255) })
        #expect(!result { $0.type = long(256) })
        #expect(!result { $0.type = [] })
        #expect(result { $0.data = long(EventLimits.eventByteCount) })
        #expect(!result { $0.data = long(EventLimits.eventByteCount + 1) })
        #expect(
            !result {
                $0.data = long(EventLimits.eventByteCount)
                $0.metadata = [1]
            })
    }

    @Test func aBatchHolds64MiBAndNotAByteMore() throws {
        let batch = EventBatch()
        var event = SampleEvent("s")
        event.data = [UInt8](repeating: 1, count: EventLimits.eventByteCount)
        for _ in 0..<4 { try batch.add(event) }
        event.data = []
        try batch.add(event)
        event.data = [1]
        #expect(throws: StorageError.self) { try batch.add(event) }
        #expect(batch.count == 5)
    }

    @Test func aBatchHolds262144EventsAndNotOneMore() throws {
        let batch = EventBatch()
        let event = SampleEvent("s")
        for _ in 0..<EventLimits.batchEventCount { try batch.add(event) }
        #expect(throws: StorageError.self) { try batch.add(event) }
        #expect(batch.count == EventLimits.batchEventCount)
        #expect(batch.stream(0).count == EventLimits.batchEventCount)
    }

    @Test func everyTruncationAndBitFlipOfARecordIsBoundedOrRefused() throws {
        var event = SampleEvent("stream", data: "[1,2,3]")
        event.metadata = Array("{}".utf8)
        event.id = EventID(high: 1, low: 2)
        let batch = try EventBatch([event])
        defer { extendLifetime(batch) }
        let whole = Array(bytes(of: batch.record(0)))
        for count in 0..<whole.count {
            let cut = Array(whole[0..<count])
            #expect(cut.withUnsafeBytes { EventRecord.checkedByteCount(in: $0) } == nil)
        }
        for bit in 0..<(whole.count * 8) {
            var flipped = whole
            flipped[bit / 8] ^= 1 << (bit % 8)
            let count = flipped.withUnsafeBytes { EventRecord.checkedByteCount(in: $0) }
            // Sums are the frame's; a record only promises to stay within its bytes.
            #expect(count == nil || count == whole.count)
        }
    }

    private func bytes(of record: EventRecord) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: record.base, count: record.byteCount)
    }
}
