// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@Suite("Sizes of forks, and what a comparison reads")
struct SizeTests {
    /// `main` with 3,000 flushed events, and a fork of it with 2,000 of its own, flushed.
    private func store() throws -> CommandStore {
        let store = try CommandStore()
        try store.succeed("import", "-", input: sampleLines(3_000))
        try store.succeed("create", "big")
        try store.succeed("import", "-", "--fork", "big", input: sampleLines(2_000, from: 3_000))
        return store
    }

    /// What the files of a store's objects and journals hold.
    private func byteCount(of store: CommandStore) throws -> Int {
        var sum = 0
        for folder in ["objects", "journals"] {
            let path = "\(store.storePath)/\(folder)"
            for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
                let values = try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
                guard values[.type] as? FileAttributeType == .typeRegular else { continue }
                sum += (values[.size] as? Int) ?? 0
            }
        }
        return sum
    }

    private func number(_ document: [String: Any], _ member: String) throws -> Int {
        try #require(document[member] as? Int, "\(member)")
    }

    @Test("show and drop --dry-run tell what a drop and a collection then free, byte for byte")
    func exclusive() throws {
        let store = try store()
        try store.succeed("gc")
        let shown = try store.json("show", "big")
        let logical = try number(shown, "logicalByteCount")
        let own = try number(shown, "ownByteCount")
        let shared = try number(shown, "sharedByteCount")
        let exclusive = try number(shown, "exclusiveByteCount")
        #expect(own > 0 && shared > 0 && own + shared == logical)
        #expect(exclusive > 0)
        #expect(try store.succeed("show", "big").contains(" on disk, which a drop frees"))

        let planned = try store.json("drop", "big", "--dry-run")
        let items = try #require(planned["items"] as? [[String: Any]])
        #expect(try number(try #require(items.first), "exclusiveByteCount") == exclusive)
        let table = try store.run("drop", "big", "--dry-run")
        #expect(table.output.contains("EXCLUSIVE"))
        #expect(table.error.contains("would free"))

        let before = try byteCount(of: store)
        try store.succeed("drop", "big")
        let report = try store.json("gc")
        let freed =
            try number(report, "removedObjectByteCount")
            + number(report, "removedJournalByteCount")
        #expect(freed == exclusive)
        #expect(try before - byteCount(of: store) == exclusive)
        #expect(try store.succeed("query", "--count") == "3000\n")
    }

    @Test("what two forks share neither holds alone, and both together hold")
    func together() throws {
        let store = try store()
        try store.succeed("create", "twin", "--from", "big")
        try store.succeed("gc")
        let planned = try store.run("drop", "big", "twin", "--dry-run", "-o", "ndjson")
        #expect(planned.status == 0)
        for line in planned.output.split(separator: "\n") {
            #expect(line.contains(#""exclusiveByteCount":0"#), "\(line)")
        }
        #expect(planned.error.contains("would free "), "\(planned.error)")
        #expect(!planned.error.contains("would free 0 B"), "\(planned.error)")
        #expect(try number(try store.json("show", "twin"), "exclusiveByteCount") == 0)
    }

    @Test("a fork is shown in a damaged store, and what is not known is said")
    func damaged() throws {
        let store = try store()
        let objects = "\(store.storePath)/objects"
        for name in try FileManager.default.subpathsOfDirectory(atPath: objects)
        where name.hasSuffix(".segment") {
            try FileManager.default.removeItem(atPath: "\(objects)/\(name)")
        }
        let outcome = try store.run("show", "big", "-o", "json")
        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(outcome.error.contains("warning:"), "\(outcome.error)")
        #expect(outcome.error.contains("is missing"), "\(outcome.error)")
        #expect(outcome.output.contains(#""ownEventCount": 2000"#))
        #expect(!outcome.output.contains("exclusiveByteCount"))
    }

    @Test("diff tells how many nodes and blocks it read, as the page cache counted them")
    func reads() throws {
        let store = try store()
        let difference = try store.json("diff", "big")
        let read = try #require(difference["pagesRead"] as? [String: Int])
        let used = try #require(difference["pagesUsed"] as? [String: Int])
        #expect(Set(read.keys) == ["nodes", "blocks", "runPages", "tablePages"])
        let (nodes, blocks) = (try #require(read["nodes"]), try #require(read["blocks"]))
        #expect(nodes > 0 && blocks > 0)
        for (kind, count) in read { #expect(count <= used[kind] ?? -1, "\(kind)") }
        func counted(_ count: Int, _ what: String) -> String {
            "\(count) \(what)\(count == 1 ? "" : "s")"
        }
        let text = "read \(counted(nodes, "node")) and \(counted(blocks, "block"))\n"
        #expect(try store.succeed("diff", "big").contains(text))
        for detail in ["--streams", "--events"] {
            let outcome = try store.run("diff", "big", detail)
            #expect(outcome.error.hasPrefix("comparing big up to 5000 with main up to 3000, "))
            #expect(outcome.error.contains("read "), "\(outcome.error)")
        }
    }

    @Test("streams come sorted, page by page")
    func streams() throws {
        let store = try CommandStore()
        let lines = (0..<25).map { #"{"stream":"s\#($0)","type":"t","data":{}}\#n"# }
        try store.succeed("import", "-", input: lines.joined())
        let all = try store.succeed("streams", "-o", "name").split(separator: "\n").map(String.init)
        #expect(all == (0..<25).map { "s\($0)" }.sorted())
        var paged: [String] = []
        var after: String?
        repeat {
            var arguments = ["streams", "s1", "--limit", "4", "-o", "json"]
            if let after { arguments += ["--after", after] }
            let outcome = try BuiltForkctl(folder: store.path).run(arguments)
            let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
            let page = try #require(object as? [String: Any])
            let items = try #require(page["items"] as? [[String: Any]])
            paged += items.compactMap { $0["stream"] as? String }
            after = page["next"] as? String
        } while after != nil
        #expect(paged == all.filter { $0.hasPrefix("s1") })
    }
}
