// SPDX-License-Identifier: Apache-2.0
// What a trailer can make a reader allocate: no more than the format allows of the kind, however
// long a sparse file says it is.
import Testing

@testable import SegmentStore

@Suite("Objects, what their trailers may ask for")
struct ObjectBoundsTests {
    /// A file of zeros with a trailer, as long as it likes: a sparse file. It counts what is asked.
    private final class SparseSource: ObjectSource {
        let byteCount: UInt64
        private let trailer: [UInt8]
        private let largest = Locked(0)

        init(_ kind: ObjectKind, pageCount: UInt64) {
            let directory = pageCount * UInt64(ObjectFormat.directoryEntryByteCount)
            let offset = UInt64(ObjectFormat.headerByteCount) + pageCount
            byteCount = offset + directory + UInt64(ObjectFormat.trailerByteCount)
            let trailer = ObjectTrailer(
                kind: kind, pageCount: Int(pageCount), directoryOffset: offset,
                directoryChecksum: 0, byteCount: byteCount)
            self.trailer = [UInt8](unsafeUninitializedCapacity: 64) { buffer, count in
                trailer.write(to: UnsafeMutableRawBufferPointer(buffer))
                count = 64
            }
        }

        var largestRead: Int { largest.withLock { $0 } }

        func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) -> Int {
            largest.withLock { $0 = max($0, buffer.count) }
            // What is too large to be filled is not: its read counts, and ends here.
            guard buffer.count <= 1 << 20 else { return 0 }
            for index in buffer.indices {
                let place = offset + UInt64(index)
                let end = byteCount - 64
                buffer[index] = place < end ? 0 : trailer[Int(place - end)]
            }
            return buffer.count
        }

        func dropCache() {}
    }

    private func open(_ kind: ObjectKind, pageCount: UInt64) -> (StorageError?, Int) {
        let source = SparseSource(kind, pageCount: pageCount)
        let id = ObjectID(address: ObjectAddress(high: 1, low: 2), kind: kind)
        do throws(StorageError) {
            _ = try ObjectContents(of: id, in: source)
            return (nil, source.largestRead)
        } catch {
            return (error, source.largestRead)
        }
    }

    @Test("A directory of more pages than the kind has is damage before it is allocated")
    func bounded() throws {
        for kind in ObjectKind.allCases {
            let most = UInt64(ObjectFormat.pageCountMax(kind))
            for count in [most + 1, 1 << 30, 1 << 40, 1 << 56] {
                let (error, largestRead) = open(kind, pageCount: count)
                #expect(error?.isDamage == true)
                #expect(largestRead <= 4096, "\(kind) of \(count) pages")
            }
            // One that is just possible is read, and then damaged for its checksum.
            let (error, largestRead) = open(kind, pageCount: most)
            #expect(error?.isDamage == true)
            #expect(largestRead == 64 + 16 * Int(most))
        }
    }

    @Test("Every kind has room for the most that its own format allows")
    func roomForEveryKind() {
        let events = SegmentFormat.eventCountMax
        let segment = 3 * events + SegmentFormat.Order.pageCount(eventCount: events) + 1
        #expect(segment <= ObjectFormat.pageCountMax(.segment))
        typealias Run = IndexRunFormat
        let filterBlocks = Run.entryCountMax / 25 + 1
        let run =
            Run.recordPageCountMax + Run.entryCountMax / Run.entriesPerPage
            + (1 << Run.directoryBitsMax) / Run.bucketsPerPage
            + filterBlocks / Run.blocksPerPage + Run.segmentCountMax / Run.segmentsPerPage + 4
        #expect(run <= ObjectFormat.pageCountMax(.run))
        #expect(NodeLimits.standard.bundleNodeCountMax <= ObjectFormat.pageCountMax(.nodes))
    }
}
