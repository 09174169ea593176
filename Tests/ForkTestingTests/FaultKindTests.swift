// SPDX-License-Identifier: Apache-2.0
// Every kind of fault at every kind of call: it strikes as on a real disk, or waits for a call that
// it means something to; none is swallowed.
import ForkTesting
import Glibc
import SegmentStore
import Testing

@Suite struct FaultKindTests {
    private typealias Call = (
        name: String, make: @Sendable (SimulatedFileSystem, any File) throws -> Void
    )

    /// Calls that fail whole or not at all.
    private static let calls: [Call] = [
        ("open", { files, _ in _ = try files.open("file", for: .read) }),
        ("create", { files, _ in _ = try files.create("new") }),
        ("create temporary", { files, _ in _ = try files.createTemporary(in: ".") }),
        ("link", { files, file in try files.link(file, at: "new") }),
        ("rename", { files, _ in try files.rename("file", to: "new", replacing: false) }),
        ("remove", { files, _ in try files.remove("file") }),
        ("create folder", { files, _ in try files.createFolder("new") }),
        ("remove folder", { files, _ in try files.removeFolder("folder") }),
        ("list", { files, _ in _ = try files.list(".") }),
        ("status", { files, _ in _ = try files.status("file") }),
        ("map", { files, _ in _ = try files.map("file", wordCount: 1024) }),
        ("read", { _, file in _ = try file.bytes() }),
        ("byte count", { _, file in _ = try file.byteCount() }),
        ("link count", { _, file in _ = try file.linkCount() }),
        ("resize", { _, file in try file.resize(to: 1) }),
        ("lock", { _, file in _ = try file.lock(0..<1, .exclusive, waiting: .never) }),
    ]

    private func prepare(_ disk: SimulatedDisk) throws -> (SimulatedFileSystem, any File) {
        let files = disk.makeProcess()
        let file = try files.create("file")
        try file.write([1, 2, 3, 4], at: 0)
        try file.sync()
        try files.createFolder("folder")
        try files.syncFolder(".")
        return (files, file)
    }

    @Test func `a fault at any call that can fail is reported, and nothing is done`() throws {
        let effects: [Fault.Effect] = [
            .fail(code: EIO), .failHalfway(code: EIO), .failLosingDirtyPages(code: EIO),
            .failLosingDirtyPages(code: EIO, seed: 3),
        ]
        for call in Self.calls {
            for effect in effects {
                let disk = SimulatedDisk()
                let (files, file) = try prepare(disk)
                disk.add(.at(disk.counts.calls, effect))
                #expect(errno { try call.make(files, file) } == EIO, "\(call.name) \(effect)")
                #expect(try files.list(".") == ["file", "folder"])
                #expect(try file.bytes() == [1, 2, 3, 4])
                #expect(disk.usedByteCount == 4 * 4096)
                // Once, and no longer.
                try call.make(files, file)
            }
        }
    }

    @Test func `what cannot be lost or misdirected is not, and the fault waits`() throws {
        for effect in [Fault.Effect.lose, .misdirect(by: 2)] {
            for call in Self.calls where call.name != "resize" {
                let disk = SimulatedDisk()
                let (files, file) = try prepare(disk)
                disk.add(Fault(effect) { _, _ in true })
                try call.make(files, file)
                try file.write([9], at: 0)
                disk.removeFaults()
                try file.sync()
                file.dropCache()
                #expect(try file.bytes(at: 0, count: 1) != [9], "\(call.name) took it")
            }
        }
    }

    @Test func `a lost resize is undone by what the disk holds`() throws {
        let disk = SimulatedDisk()
        let (_, file) = try prepare(disk)
        disk.add(.next(.lose) { if case .resize = $0 { true } else { false } })
        try file.resize(to: 2)
        try file.sync()
        #expect(try file.bytes() == [1, 2])
        file.dropCache()
        #expect(try file.bytes() == [1, 2, 3, 4])
    }

    @Test func `a failed sync may have written any part of the dirty pages`() throws {
        let pageCount = 6
        var kept: Set<[Bool]> = []
        for seed in UInt64(0)..<200 {
            func run() throws -> [Bool] {
                let disk = SimulatedDisk()
                let (_, file) = try prepare(disk)
                try file.write([UInt8](repeating: 1, count: pageCount * 4096), at: 0)
                try file.sync()
                try file.write([UInt8](repeating: 2, count: pageCount * 4096), at: 0)
                disk.add(.next(.failLosingDirtyPages(code: EIO, seed: seed)) { $0.isSync })
                #expect(errno { try file.sync() } == EIO)
                try file.sync()
                let image = disk.crashImage(keepingUnsynced: true).makeProcess()
                let bytes = try image.open("file", for: .read).bytes()
                file.dropCache()
                #expect(try file.bytes() == bytes)
                return (0..<pageCount).map { page in
                    let part = Set(bytes[page * 4096..<(page + 1) * 4096])
                    #expect(part == [1] || part == [2], "a page is written whole or not")
                    return part == [2]
                }
            }
            let first = try run()
            #expect(try run() == first)
            if seed == 0 { #expect(!first.contains(true)) }
            kept.insert(first)
        }
        // Nearly all subsets come up.
        #expect(kept.count > 40)
    }

    @Test func `a map reserves its room, and meets a full disk as a write does`() throws {
        let disk = SimulatedDisk(SimulatedDiskOptions(byteCountMax: 5 * 4096))
        let files = disk.makeProcess()
        _ = try files.create("live")
        #expect(errno { _ = try files.map("live", wordCount: 4 * 512) } == ENOSPC)
        #expect(try files.status("live")?.byteCount == 0)
        #expect(disk.usedByteCount == 2 * 4096)
        let words = try files.map("live", wordCount: 3 * 512)
        #expect(disk.usedByteCount == 5 * 4096)
        for index in 0..<words.count { words.store(7, at: index) }
        #expect(disk.usedByteCount == 5 * 4096)
        // Mapped again it takes no more.
        _ = try files.map("live", wordCount: 3 * 512)
        #expect(disk.usedByteCount == 5 * 4096)
    }

    @Test func `a wait for a lock ends by the clock that the disk was given`() throws {
        let time = SimulatedTime()
        let disk = SimulatedDisk(time: time)
        let (files, file) = try prepare(disk)
        #expect(try file.lock(0..<1, .exclusive, waiting: .never))
        let other = try files.open("file", for: .readWrite)
        let before = time.sinceBoot()
        #expect(try !other.lock(0..<1, .exclusive, waiting: .atMost(milliseconds: 60_000)))
        #expect(time.sinceBoot() - before == 60_000_000_000)
        // Attempts become rare: some 30,000, where every 50 µs would be a million.
        #expect(disk.counts.calls < 40_000)
        time.onSleep { _ = errno { try file.unlock(0..<1) } }
        #expect(try other.lock(0..<1, .exclusive, waiting: .atMost(milliseconds: 60_000)))
        #expect(time.sinceBoot() - before == 60_000_050_000)
    }
}
