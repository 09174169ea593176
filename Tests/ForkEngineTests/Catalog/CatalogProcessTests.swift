// SPDX-License-Identifier: Apache-2.0
// The real catalog under tracers and kill -9.
import ForkEngine
import ForkTesting
import Glibc
import SegmentStore
import Testing

@Suite("SQLite catalog: processes", .serialized)
struct CatalogProcessTests {
    /// The syncs of each commit, in order, by file: "wal", "catalog".
    private func syncsOfCommits() throws -> [[String]] {
        let files = try CatalogFiles()
        _ = try files.create()
        let trace = files.folder.path + "/trace"
        let child = try TestChild.start(
            "childThatCommits", folder: files.folder.path,
            through: [
                "strace", "-f", "-y", "-o", trace, "-e", "trace=access,fsync,fdatasync,faccessat2",
            ])
        try #require(try TestChild.wait(for: child) == 0)
        var commits: [[String]] = []
        for line in try TestChild.text(of: trace).split(separator: "\n") {
            if line.contains("\"commit-") { commits.append([]) }
            if line.contains("\"end\"") { return commits }
            guard !commits.isEmpty, line.contains("sync(") else { continue }
            let file =
                line.contains("catalog-wal>") ? "wal" : line.contains("catalog>") ? "catalog" : "?"
            commits[commits.count - 1].append(file)
        }
        return commits
    }

    @Test(
        "rule 13: a commit is one sync; a checkpoint costs four",
        .enabled(if: TestChild.finds("strace"), "strace is not installed"))
    func syncsAreCounted() throws {
        let commits = try syncsOfCommits()
        #expect(commits.count == 300)
        var counts: [[String]: Int] = [:]
        for syncs in commits { counts[syncs, default: 0] += 1 }
        let plain = ["wal"]
        // Log and database for the checkpoint, head and frames for the commit that begins anew.
        let checkpoint = ["wal", "wal", "catalog", "wal", "wal"]
        #expect(Set(counts.keys).isSubset(of: [plain, checkpoint]), "\(counts)")
        #expect(counts[checkpoint].map { 1...4 ~= $0 } == true, "\(counts)")
        #expect(counts[plain, default: 0] >= 290, "\(counts)")
    }

    @Test("kill -9 at any moment leaves a committed state, with all that was acknowledged")
    func kills() throws {
        let files = try CatalogFiles()
        var rows = [ForkRow.sample(1, "a"), .sample(2, "b")]
        for index in rows.indices { rows[index].epoch = 0 }
        try files.create().insert(rows[0], rows[1])
        let notes = try files.folder.fileSystem.create("acknowledged")
        func acknowledged() throws -> UInt64 {
            var epoch: UInt64 = 0
            _ = try withUnsafeMutableBytes(of: &epoch) { try notes.read(into: $0, at: 0) }
            return UInt64(littleEndian: epoch)
        }
        var last: UInt64 = 0
        for round in 0..<8 {
            let child = try TestChild.start("childThatIsKilled", folder: files.folder.path)
            // Once it works, at another moment of a commit each time.
            for _ in 0..<20_000 where try acknowledged() <= last { usleep(1_000) }
            usleep(UInt32(round) * 1_319)
            kill(child, SIGKILL)
            #expect(try TestChild.wait(for: child) == nil)
            let told = try acknowledged()
            #expect(told > last)
            let rows = try files.open().forks()
            #expect(rows.count == 2 && rows[0].epoch == rows[1].epoch)
            #expect(rows[0].generation == rows[1].generation)
            #expect([told, told + 1].contains(rows[0].epoch))
            last = rows[0].epoch
        }
    }

    @Test(
        "invariant 8: whichever call fails, a commit is whole or absent, and the next succeeds",
        .enabled(if: TestChild.finds("strace"), "strace is not installed"),
        arguments: ["fdatasync:error=EIO", "pwrite64:error=ENOSPC", "pwrite64:error=EIO"])
    func failingCalls(_ fault: String) throws {
        for number in 1...10 {
            let files = try CatalogFiles()
            _ = try files.create()
            let child = try TestChild.start(
                "childWhoseCallsFail", folder: files.folder.path,
                through: [
                    "strace", "-f", "-o", "/dev/null", "-e", "trace=fdatasync,pwrite64", "-e",
                    "inject=\(fault):when=\(number)",
                ])
            let status = try TestChild.wait(for: child)
            #expect(status == 0, "\(fault), call \(number)")
            if status != 0 { print(try TestChild.text(of: files.folder.path + "/output")) }
        }
    }
}
