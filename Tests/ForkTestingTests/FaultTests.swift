// SPDX-License-Identifier: Apache-2.0
// What can be made to go wrong on a simulated disk, and that a kill takes what a kill takes.
import ForkTesting
import Glibc
import SegmentStore
import Testing

@Suite struct FaultTests {
    private let disk = SimulatedDisk()

    private func durableFile(_ files: SimulatedFileSystem) throws -> any File {
        let file = try files.create("file")
        try file.write([1, 1, 1, 1], at: 0)
        try file.sync()
        try files.syncFolder(".")
        return file
    }

    private func bytesAfterCrash() throws -> [UInt8] {
        let image = disk.crashImage(keepingUnsynced: true)
        return try image.makeProcess().open("file", for: .read).bytes()
    }

    @Test func `a call fails once, or for good`() throws {
        let files = disk.makeProcess()
        disk.add(.at(1, .fail(code: EIO)))
        _ = try files.create("a")
        #expect(errno { _ = try files.create("b") } == EIO)
        _ = try files.create("b")
        disk.add(.from(disk.counts.calls, .fail(code: ENOSPC)))
        #expect(errno { _ = try files.create("c") } == ENOSPC)
        #expect(errno { _ = try files.list(".") } == ENOSPC)
        disk.removeFaults()
        #expect(try files.list(".") == ["a", "b"])
    }

    @Test func `after a failed sync the next succeeds and the data is gone`() throws {
        let file = try durableFile(disk.makeProcess())
        try file.write([2, 2], at: 0)
        disk.add(.next(.failLosingDirtyPages(code: EIO)) { $0.isSync })
        #expect(errno { try file.sync() } == EIO)
        try file.sync()
        // The cache says that all is well, until it is dropped.
        #expect(try file.bytes() == [2, 2, 1, 1])
        #expect(try bytesAfterCrash() == [1, 1, 1, 1])
        file.dropCache()
        #expect(try file.bytes() == [1, 1, 1, 1])
        // Written again and synced, it is there.
        try file.write([3], at: 1)
        try file.sync()
        #expect(try bytesAfterCrash() == [1, 3, 1, 1])
    }

    @Test func `a lost write and a lost sync report success`() throws {
        let files = disk.makeProcess()
        let file = try durableFile(files)
        disk.add(.next(.lose) { $0.isWrite })
        try file.write([2], at: 0)
        try file.sync()
        #expect(try file.bytes() == [2, 1, 1, 1])
        #expect(try bytesAfterCrash() == [1, 1, 1, 1])
        disk.add(.next(.lose) { $0.isSync })
        try file.write([3], at: 3)
        try file.sync()
        let image = disk.crashImage(keepingUnsynced: false)
        #expect(try image.makeProcess().open("file", for: .read).bytes() == [1, 1, 1, 1])
        disk.add(.next(.lose) { $0.isSync })
        _ = try files.create("other")
        try files.syncFolder(".")
        #expect(
            try disk.crashImage(keepingUnsynced: false).makeProcess().list(".") == ["file"])
    }

    @Test func `a misdirected write lands elsewhere`() throws {
        let file = try durableFile(disk.makeProcess())
        disk.add(.next(.misdirect(by: 2)) { $0.isWrite })
        try file.write([2], at: 0)
        try file.sync()
        #expect(try file.bytes() == [2, 1, 1, 1])
        file.dropCache()
        #expect(try file.bytes() == [1, 1, 2, 1])
    }

    @Test func `a write may fail halfway`() throws {
        let file = try durableFile(disk.makeProcess())
        disk.add(.next(.failHalfway(code: ENOSPC)) { $0.isWrite })
        #expect(errno { try file.write([2, 2, 2, 2], at: 0) } == ENOSPC)
        #expect(try file.bytes() == [2, 2, 1, 1])
    }

    @Test func `a full disk takes what fits, and room freed is room again`() throws {
        let disk = SimulatedDisk(SimulatedDiskOptions(byteCountMax: 5 * 4096))
        let files = disk.makeProcess()
        let file = try files.create("file")
        #expect(
            errno { try file.write([UInt8](repeating: 1, count: 4 * 4096), at: 0) } == ENOSPC)
        #expect(try file.byteCount() == 3 * 4096)
        #expect(errno { _ = try files.create("other") } == ENOSPC)
        #expect(errno { _ = try files.createTemporary(in: ".") } == ENOSPC)
        // Bytes in pages that are there need no room.
        try file.write([2], at: 100)
        try file.resize(to: 4096)
        _ = try files.create("other")
        try files.remove("other")
        try file.write([UInt8](repeating: 1, count: 4096), at: 4096)
        disk.resize(to: nil)
        try file.write([1], at: 1 << 20)
        #expect(disk.usedByteCount == 5 * 4096)
    }

    @Test func `rot turns one bit over, and it stays so`() throws {
        let file = try durableFile(disk.makeProcess())
        try disk.flipBit(3, of: "file", at: 2)
        #expect(try file.bytes() == [1, 1, 9, 1])
        file.dropCache()
        #expect(try bytesAfterCrash() == [1, 1, 9, 1])
    }

    @Test func `a kill takes locks, descriptors and unnamed files, and nothing else`() throws {
        let files = disk.makeProcess()
        let other = disk.makeProcess()
        let file = try durableFile(files)
        try file.write([4], at: 0)
        #expect(try file.lock(0..<1, .exclusive, waiting: .never))
        let temporary = try files.createTemporary(in: ".")
        try temporary.write([UInt8](repeating: 1, count: 9000), at: 0)
        let used = disk.usedByteCount
        files.kill()
        #expect(files.isKilled)
        #expect(disk.usedByteCount == used - 4 * 4096)
        let again = try other.open("file", for: .readWrite)
        #expect(try again.lock(0..<1, .exclusive, waiting: .never))
        #expect(try again.bytes() == [4, 1, 1, 1])
        #expect(errno { try file.write([5], at: 0) } == SimulatedDisk.killedCode)
        #expect(errno { try files.remove("file") } == SimulatedDisk.killedCode)
        #expect(errno { try files.link(temporary, at: "x") } == SimulatedDisk.killedCode)
        #expect(try other.list(".") == ["file"])
    }

    @Test func `the words of a killed process change nothing and its loops end`() throws {
        let files = disk.makeProcess()
        _ = try durableFile(files)
        let words = try files.map("file", wordCount: 1)
        words.store(1, at: 0)
        files.kill()
        words.store(2, at: 0)
        #expect(words.compareExchange(0, expected: 1, desired: 3))
        #expect(try disk.makeProcess().map("file", wordCount: 1).load(0) == 1)
    }

    @Test func `a fault may kill at a call`() throws {
        let files = disk.makeProcess()
        disk.add(.at(1, .kill))
        _ = try files.create("a")
        #expect(errno { _ = try files.create("b") } == SimulatedDisk.killedCode)
        #expect(try disk.makeProcess().list(".") == ["a"])
    }

    @Test func `calls are counted and written down`() throws {
        let files = CountingFileSystem(disk.makeProcess())
        let transcript = try files.transcript {
            let file = try files.createTemporary(in: "")
            try file.write([1, 2, 3], at: 5)
            try file.sync()
            try files.link(file, at: "name")
            try files.syncFolder(".")
            _ = try file.bytes(at: 0, count: 4)
        }
        let expected = """
            create temporary in .
            write (temporary) 5+3
            sync (temporary)
            link name
            sync folder .
            read name 0+4

            """
        #expect(transcript == expected)
        #expect(files.counts == disk.counts)
        #expect(files.counts.syncs == 1)
        #expect(files.counts.folderSyncs == 1)
        #expect(files.counts.bytesWritten == 3)
        #expect(files.counts.filesCreated == 1)
    }
}
