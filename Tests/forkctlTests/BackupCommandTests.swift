// SPDX-License-Identifier: Apache-2.0
// backup and restore as they are typed, on real folders.
import Foundation
import Testing

@Suite("backup and restore") struct BackupCommandTests {
    @Test("a store is backed up twice and restored, and nothing that stands is touched")
    func roundTrip() throws {
        let store = try CommandStore()
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("forkctl-backup-\(UUID().uuidString)").path
        let backup = folder + "/backup"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(atPath: folder) } catch { print(error) }
        }
        try store.succeed("import", "-", input: sampleLines(1500))
        try store.succeed("create", "trial")
        try store.succeed("append", "s", "-t", "t", "--fork", "trial")
        let first = try store.json("backup", backup)
        #expect(first["kind"] as? String == "Backup")
        #expect(first["forkCount"] as? Int == 2)
        #expect(first["eventCount"] as? Int == 1501)
        #expect((first["copiedByteCount"] as? Int ?? 0) > 0)
        let second = try store.json("backup", backup)
        #expect(second["copiedByteCount"] as? Int == 0)
        #expect(try store.succeed("backup", backup).contains("were there already"))

        let made = folder + "/restored"
        #expect(try store.json("restore", backup, made)["forkCount"] as? Int == 2)
        for fork in ["main", "trial"] {
            #expect(
                try store.succeed("export", "--fork", fork, "--store", made)
                    == store.succeed("export", "--fork", fork))
        }
        try store.succeed("append", "s", "-t", "t", "--fork", "trial", "--store", made)
        #expect(try store.json("verify", "--store", made)["isSound"] as? Bool == true)

        #expect(try store.run("restore", backup, made).status == 7)
        #expect(try store.run("append", "s", "-t", "t", "--store", backup).status == 3)
        #expect(try store.run("backup", store.path + "/.forkctl").status == 7)
        #expect(try store.run("backup", store.path + "/.forkctl/objects").status == 7)
        #expect(try store.run("backup", store.path).status == 3)
        #expect(try store.run("restore", folder + "/none", folder + "/x").status == 6)

        let objects = try #require(
            FileManager.default.enumerator(atPath: backup + "/objects")?.compactMap {
                $0 as? String
            }
            .first { $0.hasSuffix(".segment") })
        let path = backup + "/objects/" + objects
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
        let failed = try store.run("restore", backup, folder + "/half")
        #expect(failed.status == 10)
        #expect(failed.error.contains("the backup is damaged"))
        #expect(!FileManager.default.fileExists(atPath: folder + "/half"))
        #expect(try store.json("backup", backup)["replacedFileCount"] as? Int == 1)
        try store.succeed("restore", backup, folder + "/half")
    }
}
