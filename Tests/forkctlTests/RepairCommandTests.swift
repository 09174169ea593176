// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@Suite("forkctl repair", .serialized)
struct RepairCommandTests {
    /// Two forks, each with events of its own in objects; no journal holds them any more.
    private func flushedStore() throws -> CommandStore {
        let store = try CommandStore()
        try store.succeed("import", "-", input: sampleLines(2_000))
        try store.succeed("create", "aside", "--from", "main@0")
        try store.succeed("import", "-", "--fork", "aside", input: sampleLines(2_000, from: 3_000))
        try store.succeed("gc")
        return store
    }

    private func objects(of store: CommandStore, kind: String) throws -> [String] {
        let folder = store.storePath + "/objects"
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder)
        return files.filter { $0.hasSuffix(".\(kind)") }.sorted().map { "\(folder)/\($0)" }
    }

    /// All files, with their lengths, but those that every command changes.
    private func files(of store: CommandStore) throws -> [String] {
        let manager = FileManager.default
        return try manager.subpathsOfDirectory(atPath: store.storePath).sorted().compactMap {
            if ["catalog", "live", "clock"].contains(where: $0.hasPrefix) { return nil }
            let attributes = try manager.attributesOfItem(atPath: store.storePath + "/" + $0)
            return "\($0) \(attributes[.size] ?? 0)"
        }
    }

    @Test("a sound store needs nothing, exit 0")
    func sound() throws {
        let store = try flushedStore()
        let before = try files(of: store)
        #expect(try store.succeed("repair") == "nothing to repair\n")
        #expect(try store.json("repair")["isLossless"] as? Bool == true)
        #expect(try store.succeed("repair", "-o", "ndjson").isEmpty)
        #expect(try files(of: store) == before)
    }

    @Test("what is rebuilt is rebuilt byte for byte, exit 0; a dry run changes nothing")
    func rebuilt() throws {
        let store = try flushedStore()
        for kind in ["run", "nodes"] {
            let path = try #require(try objects(of: store, kind: kind).first)
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            try FileManager.default.removeItem(atPath: path)
            let before = try files(of: store)
            let dry = try store.json("repair", "--dry-run")
            #expect(dry["kind"] as? String == "Repair" && dry["isDryRun"] as? Bool == true)
            #expect(dry["isLossless"] as? Bool == true)
            #expect(try store.succeed("repair", "--dry-run").contains("would be "))
            #expect(try files(of: store) == before)
            #expect(try store.run("verify").status == 10)
            let told = try store.succeed("repair")
            #expect(told.contains("1 damaged thing, nothing is lost\n"), "\(told)")
            if kind == "run" {
                #expect(told.hasPrefix("rebuilt: objects/"), "\(told)")
                #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == whole)
            }
            try store.succeed("verify")
            #expect(try store.succeed("query", "--count") == "2000\n")
        }
    }

    @Test("what is lost is named, exit 12; verify, gc and everybody else go on")
    func lost() throws {
        let store = try flushedStore()
        let segments = try objects(of: store, kind: "segment")
        // Of the two that hold a fork each, the one of `main`.
        var taken: String?
        for segment in segments {
            try FileManager.default.moveItem(atPath: segment, toPath: store.path + "/lost")
            let found = try store.json("verify")
            let damages = try #require(found["damages"] as? [[String: Any]])
            if damages.first?["forks"] as? [String] == ["main"] {
                taken = String(segment.dropFirst(store.storePath.count + 1))
                break
            }
            try FileManager.default.moveItem(atPath: store.path + "/lost", toPath: segment)
        }
        let path = try #require(taken)
        let before = try files(of: store)
        for arguments in [["--dry-run"], []] {
            if arguments.isEmpty { #expect(try files(of: store) == before) }
            let told = try BuiltForkctl(folder: store.path).run(["repair"] + arguments)
            #expect(told.status == 12)
            #expect(told.output.contains("lost: \(path): "), "\(told.output)")
            #expect(told.output.contains("gone from main: 2,000 events of positions [0, 2000)"))
            #expect(told.output.contains("  order-0 versions [0, 667)\n"), "\(told.output)")
            #expect(told.output.hasSuffix("1 damaged thing, events are lost\n"))
        }
        #expect(try store.succeed("repair") == "nothing to repair\n")
        let verified = try store.json("verify")
        #expect(verified["isSound"] as? Bool == true)
        let known = try #require(verified["knownLosses"] as? [[String: Any]])
        #expect(known.count == 1 && known[0]["forks"] as? [String] == ["main"])
        #expect(verified["damageCount"] as? Int == 0)
        try store.succeed("gc")
        let scrubbed = try store.json("scrub")
        #expect(scrubbed["damageCount"] as? Int == 0)
        #expect((scrubbed["knownLosses"] as? [String])?.first?.contains(path) == true)
        try store.run("export").expectFailure(10, "missing")
        #expect(try store.succeed("query", "--at", "aside", "--count") == "2000\n")
        try store.succeed("append", "order-1", "-t", "t", "--fork", "aside")
        // Behind the hole `main` goes on with the versions that follow.
        try store.succeed("import", "-", input: sampleLines(2_000))
        let next = try store.succeed("read", "order-0", "--from", "667", "-o", "json")
        #expect(next.contains("\"version\":667,"), "\(next.prefix(300))")
        try store.succeed("gc")
        try store.succeed("verify")
    }

    @Test("JSON and lines tell the same losses")
    func forms() throws {
        let store = try flushedStore()
        for segment in try objects(of: store, kind: "segment") {
            try FileManager.default.removeItem(atPath: segment)
        }
        let told = try store.json("repair", "--dry-run")
        let items = try #require(told["items"] as? [[String: Any]])
        let losses = try #require(told["losses"] as? [[String: Any]])
        #expect(items.count == 2 && items.allSatisfy { $0["outcome"] as? String == "lost" })
        #expect(Set(losses.compactMap { $0["fork"] as? String }) == ["main", "aside"])
        for loss in losses {
            #expect(loss["from"] as? Int == 0 && loss["to"] as? Int == 2_000)
            #expect(loss["isCut"] as? Bool == false && loss["eventCount"] as? Int == 2_000)
            #expect(loss["streamCount"] as? Int == 3)
            let streams = try #require(loss["streams"] as? [[String: Any]])
            #expect(streams.compactMap { $0["to"] as? Int }.reduce(0, +) == 2_000)
        }
        let lines = try store.run("repair", "--dry-run", "-o", "ndjson")
        #expect(lines.status == 12)
        #expect(lines.output.split(separator: "\n").count == items.count + losses.count)
    }

    @Test("a writer that has a damaged fork open is waited for, exit 9")
    func busy() throws {
        let store = try flushedStore()
        let writer = Process()
        let (input, output) = (Pipe(), Pipe())
        writer.executableURL = URL(fileURLWithPath: BuiltForkctl.path)
        writer.arguments = ["import", "-"]
        writer.currentDirectoryURL = URL(fileURLWithPath: store.path)
        writer.environment = ["PATH": "/usr/bin:/bin"]
        writer.standardInput = input
        writer.standardOutput = output
        writer.standardError = output
        try writer.run()
        try input.fileHandleForWriting.write(contentsOf: Data(sampleLines(1_001).utf8))
        while try store.succeed("query", "--count") != "3000\n" {
            try #require(writer.isRunning)
            Thread.sleep(forTimeInterval: 0.02)
        }
        for nodes in try objects(of: store, kind: "nodes") {
            try FileManager.default.removeItem(atPath: nodes)
        }
        try store.run("repair").expectFailure(9, "fork 'main' is open for writing")
        try input.fileHandleForWriting.close()
        writer.waitUntilExit()
        try store.succeed("repair")
        try store.succeed("verify")
        #expect(try store.succeed("query", "--count") == "3001\n")
    }

    @Test("folders and files that are lost are made again, and said so")
    func remade() throws {
        let store = try flushedStore()
        let histories = try store.everything()
        for name in ["locks", "live", "clock", "reserve"] {
            try FileManager.default.removeItem(atPath: store.storePath + "/" + name)
        }
        let folder = try #require(
            try FileManager.default.contentsOfDirectory(atPath: store.storePath + "/objects")
                .first {
                    try FileManager.default.contentsOfDirectory(
                        atPath: store.storePath + "/objects/" + $0
                    ).isEmpty
                })
        try FileManager.default.removeItem(atPath: store.storePath + "/objects/" + folder)
        let outcome = try store.run("repair")
        #expect(outcome.status == 0)
        for name in ["locks", "live"] { #expect(outcome.error.contains("'\(name)'")) }
        #expect(outcome.output.contains("remade: objects/\(folder): "), "\(outcome.output)")
        try store.succeed("verify")
        #expect(try store.everything() == histories)
        try store.succeed("append", "s", "-t", "t")
    }
}
