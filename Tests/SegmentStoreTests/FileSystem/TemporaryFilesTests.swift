// SPDX-License-Identifier: Apache-2.0
// Invariant 7 where files without names are not to be had: what a killed process left is swept, and
// nothing that a living one holds.
import ForkTesting
import Glibc
import Testing

@testable import SegmentStore

@Suite struct TemporaryFilesTests {
    @Test func `a sweep takes what nobody holds, and lists it without taking it`() throws {
        let folder = try TemporaryFolder()
        let files = folder.fileSystem
        #expect(try TemporaryFiles.sweep(files) == [], "there is no folder yet")
        let held = try files.createNamedTemporary()
        let name = try #require(try files.list("temporary").first)
        // As killed processes leave them.
        _ = try files.create("temporary/1f")
        _ = try files.create("temporary/2f")
        // And what no maker makes.
        try files.createFolder("temporary/folder")
        #expect(symlink("/etc/passwd", "\(folder.path)/temporary/link") == 0)
        #expect(mkfifo("\(folder.path)/temporary/pipe", 0o600) == 0)
        let abandoned = ["temporary/1f", "temporary/2f"]
        #expect(try TemporaryFiles.sweep(files, removing: false) == abandoned)
        #expect(try files.status("temporary/1f") != nil)
        #expect(try TemporaryFiles.sweep(files) == abandoned)
        #expect(try TemporaryFiles.sweep(files) == [])
        #expect(Set(try files.list("temporary")) == ["folder", "link", "pipe", name])
        // What was held is whole, and can be linked.
        try files.link(held, at: "linked")
        #expect(try files.status("linked") != nil)
    }

    @Test func `a maker that a sweep comes before takes another name`() throws {
        let folder = try TemporaryFolder()
        let files = folder.fileSystem
        // The sweep comes and goes between making and locking.
        let swept = try files.makeNamedTemporary("temporary/a")
        #expect(try TemporaryFiles.sweep(files) == ["temporary/a"])
        #expect(try !files.hold(swept))
        // The sweep has the lock at that moment.
        let racing = try files.makeNamedTemporary("temporary/b")
        do {
            let sweeper = try files.open("temporary/b", for: .readWrite)
            #expect(try sweeper.lock(TemporaryFiles.guarding, .exclusive, waiting: .never))
            #expect(try !files.hold(racing))
        }
        // The maker is first: no sweep takes it.
        let first = try files.makeNamedTemporary("temporary/c")
        #expect(try files.hold(first))
        #expect(try TemporaryFiles.sweep(files) == ["temporary/b"])
        try files.link(first, at: "linked")
        #expect(try files.list("temporary") == [])
    }

    @Test func `makers and sweeps that run at once lose nothing`() async throws {
        let folder = try TemporaryFolder()
        try folder.fileSystem.createFolder("temporary")
        try folder.fileSystem.createFolder("made")
        let path = folder.path
        try await withThrowingTaskGroup(of: Void.self) { group in
            for maker in 0..<3 {
                group.addTask {
                    let files = try RealFileSystem(path: path)
                    for number in 0..<60 {
                        let file = try files.createNamedTemporary()
                        try file.write([UInt8(number)], at: 0)
                        try files.link(file, at: "made/\(maker)-\(number)")
                    }
                }
            }
            group.addTask {
                let files = try RealFileSystem(path: path)
                for _ in 0..<120 { _ = try TemporaryFiles.sweep(files) }
            }
            try await group.waitForAll()
        }
        #expect(try folder.fileSystem.list("made").count == 180)
        #expect(try TemporaryFiles.sweep(folder.fileSystem) == [])
        #expect(try folder.fileSystem.list("temporary") == [])
    }

    @Test func `a failing disk makes a sweep fail, not lie`() throws {
        let disk = SimulatedDisk()
        let files = disk.makeProcess()
        try files.createFolder("temporary")
        for name in ["a", "b", "c"] { _ = try files.create("temporary/\(name)") }
        let first = disk.counts.calls
        #expect(try TemporaryFiles.sweep(files, removing: false).count == 3)
        for number in 0..<(disk.counts.calls - first) {
            disk.add(.at(disk.counts.calls + number, .fail(code: EIO)))
            #expect(throws: StorageError.self) {
                try TemporaryFiles.sweep(files, removing: false)
            }
        }
        #expect(try TemporaryFiles.sweep(files).count == 3)
    }
}

extension File {
    fileprivate func write(_ bytes: [UInt8], at offset: UInt64) throws {
        try bytes.withUnsafeBytes { try write($0, at: offset) }
    }
}
