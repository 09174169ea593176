// SPDX-License-Identifier: Apache-2.0
// One suite for every disk: names, and what the calls on them answer.
import ForkTesting
import Glibc
import SegmentStore
import Testing

@Suite struct FileSystemConformanceTests {
    @Test(arguments: Disk.allCases)
    func `a name that is absent is ENOENT for every call`(disk: Disk) throws {
        try disk.run { files throws in
            #expect(errno { _ = try files.open("absent", for: .read) } == ENOENT)
            #expect(errno { _ = try files.open("absent", for: .readWrite) } == ENOENT)
            #expect(errno { try files.remove("absent") } == ENOENT)
            #expect(errno { try files.removeFolder("absent") } == ENOENT)
            #expect(errno { _ = try files.list("absent") } == ENOENT)
            #expect(errno { try files.syncFolder("absent") } == ENOENT)
            #expect(errno { _ = try files.map("absent", wordCount: 1) } == ENOENT)
            #expect(errno { _ = try files.createTemporary(in: "absent") } == ENOENT)
            #expect(errno { _ = try files.create("absent/file") } == ENOENT)
            #expect(errno { try files.createFolder("absent/folder") } == ENOENT)
            #expect(
                errno { try files.rename("absent", to: "other", replacing: true) } == ENOENT)
            #expect(try files.status("absent") == nil)
            #expect(try files.status("absent/file") == nil)
        }
    }

    @Test(arguments: Disk.allCases)
    func `a name that is taken is EEXIST and keeps its content`(disk: Disk) throws {
        try disk.run { files in
            let first = try files.create("name")
            try first.write([1, 2, 3], at: 0)
            #expect(errno { _ = try files.create("name") } == EEXIST)
            #expect(errno { try files.createFolder("name") } == EEXIST)
            let temporary = try files.createTemporary(in: ".")
            #expect(errno { try files.link(temporary, at: "name") } == EEXIST)
            _ = try files.create("other")
            #expect(
                errno { try files.rename("other", to: "name", replacing: false) } == EEXIST)
            #expect(try files.open("name", for: .read).bytes() == [1, 2, 3])
            #expect(try files.list("") == ["name", "other"])
        }
    }

    @Test(arguments: Disk.allCases)
    func `a folder is no file and a file is no folder`(disk: Disk) throws {
        try disk.run { files in
            try files.createFolder("folder")
            _ = try files.create("file")
            #expect(errno { _ = try files.open("folder", for: .read) } == EISDIR)
            #expect(errno { _ = try files.open("folder", for: .readWrite) } == EISDIR)
            #expect(errno { _ = try files.create("folder") } == EEXIST)
            #expect(errno { try files.remove("folder") } == EISDIR)
            #expect(errno { try files.removeFolder("file") } == ENOTDIR)
            #expect(errno { _ = try files.list("file") } == ENOTDIR)
            #expect(errno { try files.syncFolder("file") } == ENOTDIR)
            #expect(errno { _ = try files.create("file/below") } == ENOTDIR)
            #expect(errno { _ = try files.open("file/below", for: .read) } == ENOTDIR)
            #expect(errno { _ = try files.status("file/below") } == ENOTDIR)
            #expect(
                errno { try files.rename("file", to: "folder", replacing: true) } == EISDIR)
            #expect(
                errno { try files.rename("folder", to: "file", replacing: true) } == ENOTDIR)
            #expect(errno { _ = try files.map("folder", wordCount: 1) } == EISDIR)
        }
    }

    @Test(arguments: Disk.allCases)
    func `a folder goes only when it is empty`(disk: Disk) throws {
        try disk.run { files in
            try files.createFolder("outer")
            try files.createFolder("outer/inner")
            _ = try files.create("outer/inner/file")
            #expect(errno { try files.removeFolder("outer") } == ENOTEMPTY)
            #expect(errno { try files.removeFolder("outer/inner") } == ENOTEMPTY)
            try files.remove("outer/inner/file")
            try files.removeFolder("outer/inner")
            try files.removeFolder("outer")
            #expect(try files.list(".") == [])
        }
    }

    @Test(arguments: Disk.allCases)
    func `names are listed sorted`(disk: Disk) throws {
        try disk.run { files in
            try files.createFolder("folder")
            for name in ["b", "a", "c10", "c9", "B", ".hidden"] {
                _ = try files.create("folder/\(name)")
            }
            #expect(try files.list("folder") == [".hidden", "B", "a", "b", "c10", "c9"])
            #expect(try files.list("") == ["folder"])
            #expect(try files.list(".") == ["folder"])
        }
    }

    @Test(arguments: Disk.allCases)
    func `a temporary file has no name until it is linked`(disk: Disk) throws {
        try disk.run { files in
            try files.createFolder("folder")
            let file = try files.createTemporary(in: "folder")
            #expect(file.path == "")
            #expect(try file.linkCount() == 0)
            #expect(try files.list("folder") == [])
            try file.write([7, 8], at: 0)
            try files.link(file, at: "folder/name")
            #expect(file.path == "folder/name")
            #expect(try file.linkCount() == 1)
            #expect(try files.open("folder/name", for: .read).bytes() == [7, 8])
            try files.link(file, at: "second")
            #expect(try file.linkCount() == 2)
            #expect(errno { try files.link(file, at: "absent/name") } == ENOENT)
        }
    }

    @Test(arguments: Disk.allCases)
    func `a removed file lives until it is closed`(disk: Disk) throws {
        try disk.run { files in
            let file = try files.create("file")
            try file.write([1], at: 0)
            try files.remove("file")
            #expect(try file.linkCount() == 0)
            #expect(try file.bytes() == [1])
            try file.write([2, 3], at: 1)
            try file.sync()
            #expect(try file.bytes() == [1, 2, 3])
            #expect(try files.status("file") == nil)
            #expect(errno { try files.link(file, at: "again") } == ENOENT)
        }
    }

    @Test(arguments: Disk.allCases)
    func `rename moves, and replaces only where it may`(disk: Disk) throws {
        try disk.run { files in
            let first = try files.create("first")
            try first.write([1], at: 0)
            let second = try files.create("second")
            try second.write([2], at: 0)
            try files.rename("first", to: "second", replacing: true)
            #expect(try files.list("") == ["second"])
            #expect(try files.open("second", for: .read).bytes() == [1])
            #expect(try second.linkCount() == 0)
            #expect(try second.bytes() == [2])
            try files.createFolder("folder")
            try files.rename("second", to: "folder/third", replacing: false)
            try files.rename("folder", to: "moved", replacing: false)
            #expect(try files.list("") == ["moved"])
            #expect(try files.open("moved/third", for: .read).bytes() == [1])
            try files.rename("moved/third", to: "moved/third", replacing: true)
            #expect(try files.list("moved") == ["third"])
        }
    }

    @Test(arguments: Disk.allCases)
    func `status tells files from folders`(disk: Disk) throws {
        try disk.run { files in
            try files.createFolder("folder")
            let file = try files.create("file")
            try file.write([UInt8](repeating: 1, count: 5000), at: 0)
            try file.sync()
            #expect(try files.status("folder")?.isFolder == true)
            #expect(try files.status(".")?.isFolder == true)
            let status = try #require(try files.status("file"))
            #expect(!status.isFolder)
            #expect(status.byteCount == 5000)
            #expect(status.allocatedByteCount >= 5000)
        }
    }
}
