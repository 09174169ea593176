// SPDX-License-Identifier: Apache-2.0
// What only the real disk has: volumes, stand-in names, descriptors.
import ForkTesting
import Glibc
import Testing

@testable import SegmentStore

@Suite struct RealFileSystemTests {
    @Test func `rule 15: local file systems are allowed and others refused by name`() throws {
        let volume = try TemporaryFolder().fileSystem.volume()
        #expect(volume.isSupported, "tests run on \(volume.name)")
        #expect(!volume.isReadOnly)
        let proc = try RealFileSystem(path: "/proc").volume()
        #expect(!proc.isSupported)
        #expect(proc.name == "0x9fa0")
        #expect(Volume(magic: 0x6969, isReadOnly: false).name == "nfs")
        #expect(!Volume(magic: 0x6969, isReadOnly: false).isSupported)
        #expect(Volume(magic: 0x5846_5342, isReadOnly: false).isSupported)
    }

    @Test func `without unnamed files a temporary one stands aside until it is linked`() throws {
        let files = try TemporaryFolder()
        let file = try files.fileSystem.createNamedTemporary()
        let name = try #require(try files.fileSystem.list("temporary").first)
        #expect(file.path == "")
        #expect(try file.linkCount() == 0)
        // Who sweeps leftovers sees that its maker lives.
        do {
            let sweeper = try files.fileSystem.open("temporary/\(name)", for: .readWrite)
            let guarding = TemporaryFiles.guarding
            #expect(try !sweeper.lock(guarding, .exclusive, waiting: .never))
        }
        try files.fileSystem.link(file, at: "linked")
        #expect(file.path == "linked")
        #expect(try file.linkCount() == 1)
        #expect(try files.fileSystem.list("temporary") == [])
        do { _ = try files.fileSystem.createNamedTemporary() }
        #expect(try files.fileSystem.list("temporary") == [])
    }

    @Test func `descriptors are closed on exec`() throws {
        let files = try TemporaryFolder()
        let file = try #require(try files.fileSystem.create("file") as? RealFile)
        #expect(fcntl(file.descriptor, F_GETFD) & FD_CLOEXEC != 0)
        let temporary = try #require(
            try files.fileSystem.createTemporary(in: ".") as? RealFile)
        #expect(fcntl(temporary.descriptor, F_GETFD) & FD_CLOEXEC != 0)
        #expect(fcntl(files.fileSystem.root, F_GETFD) & FD_CLOEXEC != 0)
    }

    @Test func `what is neither file nor folder is not opened, and links are not followed`() throws
    {
        let files = try TemporaryFolder()
        #expect(mkfifo("\(files.path)/pipe", 0o600) == 0)
        #expect(symlink("/etc/passwd", "\(files.path)/away") == 0)
        #expect(throws: StorageError.failed("open", on: "pipe", code: EINVAL)) {
            try files.fileSystem.open("pipe", for: .read)
        }
        #expect(throws: StorageError.failed("open", on: "away", code: ELOOP)) {
            try files.fileSystem.open("away", for: .read)
        }
    }

    @Test func `a link in the place of a folder is followed, one in the place of a file refused`()
        throws
    {
        let files = try TemporaryFolder()
        let elsewhere = try TemporaryFolder()
        #expect(symlink(elsewhere.path, "\(files.path)/objects") == 0)
        _ = try files.fileSystem.create("objects/file")
        #expect(try elsewhere.fileSystem.list(".") == ["file"])
        #expect(try files.fileSystem.status("objects")?.isFolder == false)
        #expect(symlink("\(elsewhere.path)/file", "\(files.path)/file") == 0)
        #expect(throws: StorageError.failed("open", on: "file", code: ELOOP)) {
            try files.fileSystem.open("file", for: .read)
        }
    }

    @Test func `a name that is not UTF-8 is listed, marked, and belongs to no store`() throws {
        let files = try TemporaryFolder()
        try files.fileSystem.createFolder("objects")
        try files.fileSystem.createFolder("objects/ab")
        let name: [CChar] = Array("\(files.path)/objects/ab/a".utf8CString.dropLast()) + [-1, 0]
        let descriptor = Glibc.open(name, O_CREAT | O_RDWR, 0o600)
        #expect(descriptor >= 0)
        Glibc.close(descriptor)
        #expect(try files.fileSystem.list("objects/ab") == ["a\u{FFFD}"])
        let folder = ObjectFolder(of: ObjectAddress(high: 0xab << 56, low: 0))
        let listing = try FileObjectBackend(fileSystem: files.fileSystem).list(folder)
        #expect(listing.foreign == ["objects/ab/a\u{FFFD}"])
        #expect(unlink(name) == 0)
    }

    @Test func `a wait for a lock ends by the clock that the file system was given`() throws {
        let folder = try TemporaryFolder()
        let time = SimulatedTime()
        let files = try RealFileSystem(path: folder.path, time: time)
        let holder = try files.create("lock")
        let other = try files.open("lock", for: .readWrite)
        #expect(try holder.lock(0..<1, .exclusive, waiting: .never))
        let before = time.sinceBoot()
        #expect(try !other.lock(0..<1, .exclusive, waiting: .atMost(milliseconds: 10_000)))
        #expect(time.sinceBoot() - before == 10_000_000_000)
        time.onSleep { _ = try? holder.unlock(0..<1) }
        #expect(try other.lock(0..<1, .exclusive, waiting: .atMost(milliseconds: .max)))
    }

    @Test func `the store's folder may be renamed while it is open`() throws {
        let outer = try TemporaryFolder()
        try outer.fileSystem.createFolder("before")
        let inner = try RealFileSystem(path: "\(outer.path)/before")
        try outer.fileSystem.rename("before", to: "after", replacing: false)
        _ = try inner.create("file")
        #expect(try outer.fileSystem.list("after") == ["file"])
    }
}
