// SPDX-License-Identifier: Apache-2.0
import Glibc
import SegmentStore
import Synchronization
import Testing

@Suite struct JournalWriterTests {
    private func makeWriter(
        _ system: OneFileSystem, folderSync: JournalFolderSync = .never
    ) -> (writer: JournalWriter, chain: FrameChain) {
        let writer = JournalWriter(
            journal: JournalSample.id, seed: 1, fileSystem: system, folderSync: folderSync)
        let chain = FrameChain(
            journal: JournalSample.id, seed: 1, epoch: 1, firstPosition: .zero)
        return (writer, chain)
    }

    private func batch(_ stream: String = "s", dataByteCount: Int = 2) throws -> EventBatch {
        var event = SampleEvent(stream)
        event.data = [UInt8](repeating: 1, count: dataByteCount)
        let batch = try EventBatch([event])
        batch.assignVersionsFromZero()
        return batch
    }

    @Test func theFileIsMadeWithTheFirstGroupAndAGroupIsOneWrite() throws {
        let system = OneFileSystem()
        var (writer, chain) = makeWriter(system, folderSync: .withFirstSync)
        #expect(!writer.isStarted && system.calls == [])
        try writer.sync()
        #expect(system.calls == [])
        try writer.append(chain.seal([try batch(), try batch("t")], durableEnd: 0))
        #expect(writer.isStarted && writer.durableEnd == 0)
        try writer.sync()
        let end = writer.writtenEnd
        #expect(writer.durableEnd == end)
        try writer.append(chain.seal([try batch()], durableEnd: end))
        try writer.sync()
        try writer.sync()
        #expect(
            system.calls == [
                "create journals/7.3", "write 0+64", "write 64+\(end - 64)",
                "write \(end)+\(4096 - end)", "sync", "syncFolder journals",
                "write \(end)+\(writer.writtenEnd - end)", "sync",
            ])
        #expect(system.bytes.count == 4096)
    }

    @Test func spaceGrowsInSteps() {
        func grown(_ end: UInt64) -> UInt64 { JournalSpace.grownByteCount(toHold: end) }
        #expect(grown(65) == 4096)
        #expect(grown(4096) == 4096)
        #expect(grown(4097) == 16384)
        #expect(grown(16385) == 65536)
        #expect(grown(65537) == 131072)
        #expect(grown(1 << 20) == 1 << 20)
        #expect(grown(4 << 20) == 5 << 20)
        #expect(grown(40 << 20) == 44 << 20)
    }

    @Test func groupsOfManyThreadsGoOutInOneWrite() throws {
        let system = OneFileSystem()
        var (writer, chain) = makeWriter(system)
        let sizes = [2, 3, 300_000, 2, 2]
        let groups = try sizes.map { size in
            chain.seal([try batch(dataByteCount: size)], durableEnd: 0)
        }
        try writer.append(groups)
        try writer.sync()
        let writes = system.calls.filter { $0.hasPrefix("write") }
        // The header, the first two, the large one, the last two, the zeros ahead.
        #expect(writes.count == 5)
        #expect(writes[1] == "write 64+\(groups[2].offset - 64)")
        #expect(writes[3].hasPrefix("write \(groups[3].offset)+"))
        let journal = Journal(JournalSample.id, seed: 1, fileSystem: system)
        var dataByteCounts: [Int] = []
        _ = try journal.recover(statedEnd: writer.durableEnd, wasStarted: true) {
            (frame) throws(StorageError) in
            dataByteCounts.append(try JournalSample.events(of: frame)[0].data.count)
        }
        #expect(dataByteCounts == sizes)
    }

    @Test func aFailedSyncPoisonsTheWriterForEver() throws {
        let system = OneFileSystem()
        var (writer, chain) = makeWriter(system)
        try writer.append(chain.seal([try batch()], durableEnd: 0))
        try writer.sync()
        let durable = writer.durableEnd
        try writer.append(chain.seal([try batch()], durableEnd: durable))
        system.contents.withLock { $0.failingSync = EIO }
        #expect(throws: StorageError.self) { try writer.sync() }
        #expect(writer.isPoisoned && writer.durableEnd == durable)
        // The next sync would succeed, and would lie (rule 3).
        #expect(throws: StorageError.poisoned(path: "journals/7.3")) { try writer.sync() }
        let group = chain.seal([try batch()], durableEnd: durable)
        #expect(throws: StorageError.poisoned(path: "journals/7.3")) { try writer.append(group) }
        #expect(writer.durableEnd == durable)
    }

    @Test func aFailedWritePoisonsTheWriterForEver() throws {
        let system = OneFileSystem()
        var (writer, chain) = makeWriter(system)
        system.contents.withLock { $0.failingWrite = ENOSPC }
        let group = chain.seal([try batch()], durableEnd: 0)
        #expect(throws: StorageError.self) { try writer.append(group) }
        system.contents.withLock { $0.failingWrite = nil }
        #expect(throws: StorageError.poisoned(path: "journals/7.3")) { try writer.sync() }
        #expect(throws: StorageError.poisoned(path: "journals/7.3")) { try writer.append(group) }
    }

    @Test func aRetriedBatchGetsNewVersionsWithoutTouchingSealedBytes() throws {
        let system = OneFileSystem()
        var (_, chain) = makeWriter(system)
        let batch = try batch()
        let before = chain
        let group = chain.seal([batch], durableEnd: 0)
        let bytes = Array(group.bytes)
        [Version(41)].withUnsafeBufferPointer { batch.assignVersions(first: $0) }
        chain = before
        let again = chain.seal([batch], durableEnd: 0)
        #expect(Array(group.bytes) == bytes)
        #expect(group.frames[0].firstRecord.version == .zero)
        #expect(again.frames[0].firstRecord.version == Version(41))
        try batch.add(SampleEvent("t"))
        #expect(batch.count == 2 && Array(group.bytes) == bytes)
        extendLifetime((group, again))
    }
}
