// SPDX-License-Identifier: Apache-2.0
// The simulated disk must be able to lose whatever a real one may, and nothing that was synced.
import ForkTesting
import Glibc
import SegmentStore
import Testing

@Suite struct CrashModelTests {
    private let disk = SimulatedDisk()

    /// The bytes of a file after each crash image; nil where the name is gone.
    private func outcomes(
        of path: String, limit: Int = 100_000
    ) throws -> Set<[UInt8]?> {
        let images = try #require(disk.allCrashImages(limit: limit))
        return Set(try images.map { try Self.bytes(of: path, $0) })
    }

    private static func bytes(of path: String, _ disk: SimulatedDisk) throws -> [UInt8]? {
        let files = disk.makeProcess()
        guard try files.status(path) != nil else { return nil }
        return try files.open(path, for: .read).bytes()
    }

    /// A file whose name and first bytes are durable.
    private func durableFile(_ bytes: [UInt8]) throws -> any File {
        let files = disk.makeProcess()
        let file = try files.create("file")
        try file.write(bytes, at: 0)
        try file.sync()
        try files.syncFolder(".")
        return file
    }

    @Test func `what is synced is in every image`() throws {
        let file = try durableFile([1, 2, 3])
        #expect(try outcomes(of: "file") == [[1, 2, 3]])
        try file.write([4], at: 3)
        #expect(
            try outcomes(of: "file").allSatisfy { $0.map { Array($0.prefix(3)) } == [1, 2, 3] })
        for seed in 0..<1000 {
            let bytes = try Self.bytes(of: "file", disk.crashImage(seed: UInt64(seed)))
            #expect(bytes.map { Array($0.prefix(3)) } == [1, 2, 3])
        }
    }

    @Test func `an unsynced write is kept, dropped, zeroed or garbage`() throws {
        let file = try durableFile([])
        try file.write([7, 7], at: 0)
        let outcomes = try outcomes(of: "file")
        #expect(outcomes.count == 4)
        #expect(outcomes.isSuperset(of: [[], [7, 7], [0, 0]]))
        try file.sync()
        #expect(try self.outcomes(of: "file") == [[7, 7]])
    }

    @Test func `a write is torn at sectors of 512 bytes and nowhere else`() throws {
        let old = [UInt8](repeating: 1, count: 2048)
        let new = [UInt8](repeating: 2, count: 1024)
        let file = try durableFile(old)
        // From the middle of sector 0 to the middle of sector 2: three parts.
        try file.write(new, at: 256)
        let parts = [256..<512, 512..<1024, 1024..<1280]
        var seen: Set<[UInt8]> = []
        for seed in 0..<2000 {
            let bytes = try #require(
                try Self.bytes(of: "file", disk.crashImage(seed: UInt64(seed))))
            #expect(bytes[..<256] == old[..<256])
            #expect(bytes[1280...] == old[1280...])
            let whole = parts.map { Set(bytes[$0]) }
            if whole.allSatisfy({ $0 == [1] || $0 == [2] }) {
                seen.insert(whole.compactMap(\.first))
            }
        }
        // Every one of the eight ways to keep some parts came up.
        #expect(seen.count == 8)
        let all = try outcomes(of: "file").compactMap { $0 }
        #expect(all.contains { Set($0[256..<512]) == [2] && Set($0[512..<1280]) == [1] })
        #expect(all.contains { Set($0[256..<512]) == [1] && Set($0[512..<1280]) == [2] })
    }

    @Test func `writes are kept in any subset, not in order`() throws {
        let file = try durableFile([0, 0])
        try file.write([1], at: 0)
        try file.write([2], at: 1)
        let outcomes = try outcomes(of: "file")
        #expect(outcomes.isSuperset(of: [[0, 0], [1, 0], [0, 2], [1, 2]]))
    }

    @Test func `a resize is kept or dropped until the sync`() throws {
        let file = try durableFile([1, 2, 3])
        try file.resize(to: 1)
        #expect(try outcomes(of: "file") == [[1, 2, 3], [1]])
        try file.resize(to: 2)
        #expect(try outcomes(of: "file") == [[1, 2, 3], [1], [1, 2], [1, 0]])
        try file.sync()
        #expect(try outcomes(of: "file") == [[1, 0]])
    }

    @Test func `a name is lost without a folder sync although its file is synced`() throws {
        let files = disk.makeProcess()
        let file = try files.create("file")
        try file.write([1], at: 0)
        try file.sync()
        #expect(try outcomes(of: "file") == [nil, [1]])
        try files.syncFolder("")
        #expect(try outcomes(of: "file") == [[1]])
    }

    @Test func `a synced folder keeps a name whose bytes are lost`() throws {
        let files = disk.makeProcess()
        let file = try files.createTemporary(in: ".")
        try file.write([1], at: 0)
        try files.link(file, at: "file")
        try files.syncFolder(".")
        #expect(try outcomes(of: "file").isSuperset(of: [[], [1], [0]]))
        try file.sync()
        #expect(try outcomes(of: "file") == [[1]])
    }

    @Test func `a folder is lost with all it holds unless its own name is synced`() throws {
        let files = disk.makeProcess()
        try files.createFolder("folder")
        let file = try files.create("folder/file")
        try file.sync()
        try files.syncFolder("folder")
        #expect(try outcomes(of: "folder/file") == [nil, []])
        try files.syncFolder(".")
        #expect(try outcomes(of: "folder/file") == [[]])
    }

    @Test func `a file that nobody has open keeps its bytes when it is renamed`() throws {
        let disk = SimulatedDisk()
        let files = disk.makeProcess()
        do {
            let file = try files.create("file")
            try [UInt8](repeating: 7, count: 5_000).span.withUnsafeBytes { bytes in
                try file.write(bytes, at: 0)
            }
        }
        let used = disk.usedByteCount
        try files.rename("file", to: "other", replacing: false)
        #expect(try files.status("other")?.byteCount == 5_000)
        #expect(disk.usedByteCount == used)
    }

    @Test func `a rename is whole or not at all`() throws {
        let files = disk.makeProcess()
        _ = try durableFile([1])
        try files.rename("file", to: "other", replacing: false)
        for image in try #require(disk.allCrashImages(limit: 10)) {
            #expect(try image.makeProcess().list(".").count == 1)
        }
        try files.rename("other", to: "third", replacing: false)
        for image in try #require(disk.allCrashImages(limit: 10)) {
            #expect(try image.makeProcess().list(".").count == 1)
        }
        try files.syncFolder(".")
        #expect(try disk.crashImage(keepingUnsynced: false).makeProcess().list("") == ["third"])
    }

    @Test func `a removed name comes back until the folder is synced`() throws {
        _ = try durableFile([5])
        let files = disk.makeProcess()
        try files.remove("file")
        #expect(try outcomes(of: "file") == [nil, [5]])
        let file = try files.create("file")
        try file.write([6], at: 0)
        try file.sync()
        #expect(try outcomes(of: "file") == [nil, [5], [6]])
        try files.syncFolder(".")
        #expect(try outcomes(of: "file") == [[6]])
    }

    @Test func `where file syncs keep new names the name and its past are durable`() throws {
        let disk = SimulatedDisk(SimulatedDiskOptions(fileSyncKeepsNewNames: true))
        let files = disk.makeProcess()
        let first = try files.create("file")
        try first.sync()
        try files.remove("file")
        let second = try files.create("file")
        try second.write([2], at: 0)
        try second.sync()
        let images = try #require(disk.allCrashImages(limit: 10))
        #expect(try images.map { try Self.bytes(of: "file", $0) } == [[2]])
    }

    @Test func `mapped words outlive a kill, and a crash leaves old, new or zero`() throws {
        let file = try durableFile([1] + [UInt8](repeating: 0, count: 7))
        let files = disk.makeProcess()
        let words = try files.map("file", wordCount: 1)
        words.store(9, at: 0)
        files.kill()
        let other = disk.makeProcess()
        #expect(try other.map("file", wordCount: 1).load(0) == 9)
        let survivor = disk.killImage().makeProcess()
        #expect(try survivor.map("file", wordCount: 1).load(0) == 9)
        let words0 = try outcomes(of: "file").map { $0?.first }
        #expect(Set(words0) == [1, 9, 0])
        try file.sync()
        #expect(try outcomes(of: "file").compactMap { $0?.first } == [9])
    }

    @Test func `an image is a machine that starts: no locks, no unnamed files`() throws {
        let file = try durableFile([])
        #expect(try file.lock(0..<1, .exclusive, waiting: .never))
        _ = try disk.makeProcess().createTemporary(in: ".")
        for image in [disk.crashImage(seed: 1), disk.killImage()] {
            let again = try image.makeProcess().open("file", for: .readWrite)
            #expect(try again.lock(0..<1, .exclusive, waiting: .never))
        }
        #expect(
            try !disk.makeProcess().open("file", for: .read).lock(0..<1, .shared, waiting: .never))
    }

    @Test func `the same seed makes the same image`() throws {
        let file = try durableFile([])
        for index in 0..<20 {
            try file.write([UInt8](repeating: 3, count: 900), at: UInt64(index * 700))
            _ = try disk.makeProcess().create("file \(index)")
        }
        var seen: Set<[UInt8]> = []
        for seed in 0..<50 {
            let first = disk.crashImage(seed: UInt64(seed))
            let second = disk.crashImage(seed: UInt64(seed))
            let bytes = try #require(try Self.bytes(of: "file", first))
            #expect(try Self.bytes(of: "file", second) == bytes)
            #expect(try first.makeProcess().list(".") == second.makeProcess().list("."))
            seen.insert(bytes)
        }
        #expect(seen.count > 40)
    }
}
