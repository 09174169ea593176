// SPDX-License-Identifier: Apache-2.0
// Where backups and restored stores may lie, and what is said where not, or where a file is lost.
import Foundation
import Testing

@Suite("Places of backups, and lost files") struct BackupPlaceTests {
    private func store() throws -> CommandStore {
        let store = try CommandStore()
        try store.succeed("append", "s", "-t", "t")
        try store.succeed("backup", "b")
        return store
    }

    @Test("a store inside of a backup, and a backup inside of another, are refused")
    func nested() throws {
        let store = try store()
        try store.fail(7, "'b' is a backup", "restore", "b", "b")
        try store.fail(7, "lies inside of the backup", "restore", "b", "b/sub")
        try store.fail(7, "lies inside of the backup", "restore", "b", "b/objects")
        try store.fail(7, "lies inside of the backup", "backup", "b/sub")
        try store.fail(7, "lies inside of the backup", "init", "b/sub")
        try store.fail(7, "lies inside of the store", "backup", ".forkctl")
        try store.fail(7, "lies inside of the store", "restore", "b", ".forkctl/x")
        try store.fail(3, "the store lies inside of '.'", "backup", ".")
        #expect(
            try shell("ls b", in: store.path).output == "format\nindex\njournals\nlock\nobjects\n")
        try store.succeed("backup", "b")
    }

    @Test("a restore or a backup that is refused leaves no folder behind")
    func refused() throws {
        let store = try store()
        _ = try shell(
            "cp -r b rotten; f=$(ls -d rotten/journals/*); printf X | dd of=$f conv=notrunc bs=1 seek=9",
            in: store.path)
        try store.fail(10, "fork 'main' cannot be read wholly", "restore", "rotten", "new")
        try store.fail(6, "there is no folder 'empty-none'", "restore", "empty-none", "new")
        _ = try shell("mkdir empty", in: store.path)
        try store.fail(6, "'empty' is no backup", "restore", "empty", "new")
        try store.fail(3, "is a store, not a backup", "restore", ".forkctl", "new")
        #expect(try shell("ls -d new", in: store.path).status != 0)
        let left = try store.run("restore", "rotten", "new", "--accept-damage")
        #expect(left.status == 12, "\(left.error)")
        #expect(left.output.contains("forkctl repair"))
        #expect(try store.run("repair", "--store", "new").status == 12)
        #expect(try store.run("verify", "--store", "new").status == 0)
    }

    @Test("places that cannot be are told in one sentence")
    func places() throws {
        let store = try store()
        _ = try shell(
            "echo x > file; ln -s nowhere dangling; mkdir full; echo x > full/y", in: store.path)
        try store.fail(
            3, "'file' is no folder: name the folder that is to hold the backup", "backup", "file")
        try store.fail(5, "'/proc/x' may not be made or written", "backup", "/proc/x")
        try store.fail(3, "'dangling' is a link to what is not there", "backup", "dangling")
        try store.fail(5, "'full' is neither empty nor a backup", "backup", "full")
        try store.fail(
            3, "there is no folder 'file': name a backup's folder", "restore", "file", "r")
        _ = try shell("cp -r b odd; rm odd/lock; mkdir odd/lock", in: store.path)
        try store.fail(5, "'lock' in the backup's folder is not the file", "backup", "odd")
        try store.fail(5, "'lock' in the backup's folder is not the file", "restore", "odd", "r")
        try store.fail(3, "'-1' is no rate", "scrub", "--rate", "-1")
    }

    @Test(
        "a store that lacks a file says which, and what to do",
        arguments: [
            ("live", "'forkctl repair' makes it again"),
            ("clock", "'forkctl repair' makes it again"),
            ("locks", "'forkctl repair' makes it again"), ("catalog", "'forkctl restore'"),
            ("format", "'forkctl store, format version 1'"),
        ])
    func lost(_ name: String, _ remedy: String) throws {
        let store = try store()
        _ = try shell("cp -r .forkctl lame; rm lame/\(name)", in: store.path)
        let outcome = try store.run("list", "--store", "lame")
        outcome.expectFailure(10, "has lost its file '\(name)'")
        #expect(outcome.error.contains(remedy), "\(outcome.error)")
    }

    @Test("all is not well where something is known to be lost")
    func losses() throws {
        let store = try CommandStore()
        try store.succeed("import", "-", input: sampleLines(1500))
        try store.succeed("gc")
        #expect(try store.succeed("verify").contains("all is well"))
        _ = try shell("rm .forkctl/objects/*/*.segment .forkctl/journals/*", in: store.path)
        #expect(try store.run("repair").status == 12)
        let verified = try store.succeed("verify")
        #expect(verified.contains("known to be lost"), "\(verified)")
        #expect(!verified.contains("all is well"), "\(verified)")
        #expect(try store.succeed("backup", "b").contains("known to be lost"))
        #expect(try store.succeed("restore", "b", "r").contains("known to be lost"))
        #expect(try store.succeed("verify", "--store", "r").contains("known to be lost"))
        try store.succeed("scrub")
    }
}
