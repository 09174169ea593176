// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@Suite("Each command, once")
struct CommandTests {
    @Test("init makes a store, and a parent folder's store is found from below")
    func initialize() throws {
        let scratch = try ScratchFolder()
        let forkctl = BuiltForkctl(folder: scratch.path)
        let made = try forkctl.run(["init", "place", "-o", "json"])
        #expect(made.status == 0, "\(made.error)")
        #expect(made.output.contains("\"path\": \"place/.forkctl\""))
        try FileManager.default.createDirectory(
            atPath: scratch.path + "/place/deep/er", withIntermediateDirectories: true)
        let below = BuiltForkctl(folder: scratch.path + "/place/deep/er")
        #expect(try below.run(["list", "-o", "name"]).output == "main\n")
        let elsewhere = BuiltForkctl(
            folder: "/", environment: ["FORKCTL_STORE": scratch.path + "/place"])
        #expect(try elsewhere.run(["list", "-o", "name"]).output == "main\n")
    }

    @Test("init keeps its hands off what is not its own, and clears what a broken one left")
    func initializeAgain() throws {
        let scratch = try ScratchFolder()
        let forkctl = BuiltForkctl(folder: scratch.path)
        let files = FileManager.default
        try files.createDirectory(
            atPath: scratch.path + "/.forkctl/mine", withIntermediateDirectories: true)
        try forkctl.run(["init"]).expectFailure(5, "neither empty nor a store")
        #expect(files.fileExists(atPath: scratch.path + "/.forkctl/mine"))
        try files.removeItem(atPath: scratch.path + "/.forkctl")
        // No process has the greatest id.
        let broken = scratch.path + "/.forkctl.init-2147483647"
        try files.createDirectory(atPath: broken + "/objects", withIntermediateDirectories: true)
        #expect(try forkctl.run(["init"]).status == 0)
        #expect(!files.fileExists(atPath: broken))
        try forkctl.run(["init"]).expectFailure(7, "has a store already")
    }

    @Test("init takes an empty .forkctl, and says of a place that will not do what would")
    func initializeElsewhere() throws {
        let scratch = try ScratchFolder()
        let forkctl = BuiltForkctl(folder: scratch.path)
        let files = FileManager.default
        try files.createDirectory(
            atPath: scratch.path + "/.forkctl", withIntermediateDirectories: true)
        #expect(try forkctl.run(["init"]).status == 0)
        #expect(try forkctl.run(["list", "-o", "name"]).output == "main\n")
        try Data().write(to: URL(fileURLWithPath: scratch.path + "/file"))
        try forkctl.run(["init", "none/x"]).expectFailure(6, "there is no folder 'none' to make")
        try forkctl.run(["init", "file"]).expectFailure(3, "'file' is no folder")
        try forkctl.run(["init", "file/x"]).expectFailure(3, "goes through a file")
        try forkctl.run(["init", ""]).expectFailure(3, "the folder's name is empty")
        for inside in [".forkctl", ".forkctl/objects", ".forkctl/new", ".forkctl/"] {
            try forkctl.run(["init", inside]).expectFailure(7, "lies inside of the store")
        }
        #expect(try forkctl.run(["init", "beside"]).status == 0)
        let verify = try forkctl.run(["verify"])
        #expect(verify.status == 0 && !verify.output.contains("not of a store"))
    }

    @Test("an event is appended and read back, for people and for programs")
    func appendAndRead() throws {
        let store = try CommandStore()
        let appended = try store.json(
            "append", "order-1", "--type", "order.paid", "--data", #"{"amount":  5}"#,
            "--metadata", #"{"by":"me"}"#, "--time", "2026-10-01T12:00:00+02:00", "--id",
            "11111111-2222-3333-4444-555555555555", "--expected", "none")
        #expect(appended["version"] as? Int == 0)
        #expect(appended["from"] as? Int == 0)
        #expect(appended["eventID"] as? String == "11111111-2222-3333-4444-555555555555")
        #expect(
            try store.succeed("read", "order-1", "-o", "ndjson")
                .hasPrefix(
                    #"{"position":0,"stream":"order-1","version":0,"type":"order.paid","time":"2026-10-01T10:00:00Z","#
                        + #""id":"11111111-2222-3333-4444-555555555555","partition":"#))
        let list = try store.json("read", "order-1")
        let items = try #require(list["items"] as? [[String: Any]])
        #expect(list["kind"] as? String == "EventList")
        #expect((items.first?["metadata"] as? [String: String]) == ["by": "me"])
        #expect(try store.succeed("read", "order-1").contains(#"{"amount":  5}"#))
    }

    @Test("data comes from a file or from standard input, and bytes need not be JSON")
    func payloads() throws {
        let store = try CommandStore()
        try store.write("{\"a\": 1}\n", to: "data.json")
        try store.succeed("append", "s", "-t", "t", "--data", "@data.json")
        try store.succeed("append", "s", "-t", "t", "--data", "-", input: " [1,  2] \n")
        try store.succeed("append", "s", "-t", "t", "--data", "-", "--binary", input: "\0\n")
        try store.succeed("append", "s", "-t", "t", "--data", "-5")
        try store.succeed("append", "s", "-t", "t")
        let lines = try store.succeed("export").split(separator: "\n")
        #expect(lines.count == 5)
        for (line, data) in zip(
            lines,
            [
                #""data":{"a": 1}}"#, #""data":[1,  2]}"#, #""dataBase64":"AAo="}"#, #""data":-5}"#,
                #""data":{}}"#,
            ])
        {
            #expect(line.hasSuffix(data), "\(line)")
        }
    }

    @Test("a batch is one commit, with conditions on several streams")
    func batch() throws {
        let store = try CommandStore()
        let lines = sampleLines(4)
        try store.succeed(
            "append", "--batch", "--expected", "order-0=none", "--expected", "order-1=0",
            input: lines)
        try store.fail(
            7, "stream 'order-1'", "append", "--batch", "--expected", "order-0=2", "--expected",
            "order-1=7", input: lines)
        #expect(try store.succeed("query", "--count") == "4\n")
    }

    @Test("a repeated append with ids is recognised, and nothing is doubled")
    func repeated() throws {
        let store = try CommandStore()
        let arguments = [
            "append", "s", "-t", "t", "--id", "11111111-2222-3333-4444-555555555555",
            "--expected", "0", "--time", "2026-01-01T00:00:00Z",
        ]
        let forkctl = BuiltForkctl(folder: store.path)
        let first = try forkctl.run(arguments)
        let second = try forkctl.run(arguments)
        #expect(first.status == 0 && second.status == 0)
        #expect(second.output.contains("it was there already"))
        #expect(try store.succeed("query", "--count") == "1\n")
    }

    @Test("fork, append there, compare, look, drop: main is as it was")
    func life() throws {
        let store = try CommandStore()
        try store.succeed("import", "-", input: sampleLines(10))
        let before = try store.succeed("export")
        let made = try store.json(
            "create", "trial", "--from", "main@7", "--ttl", "2h", "-l", "ci=true")
        #expect(made["base"] as? Int == 7)
        #expect(made["isNew"] as? Bool == true)
        #expect(made["parent"] as? String == "main")
        try store.succeed("append", "extra", "--fork", "trial", "-t", "t")
        #expect(try store.succeed("export", "--at", "trial").split(separator: "\n").count == 8)

        let difference = try store.json("diff", "trial")
        let sides = try #require(difference["sides"] as? [[String: Any]])
        #expect(difference["common"] as? Int == 7)
        #expect(sides.map { $0["name"] as? String } == ["trial", "main"])
        #expect(sides.map { $0["eventCount"] as? Int } == [1, 3])
        #expect(try store.run("diff", "trial", "--exit-code").status == 1)
        #expect(try store.run("diff", "main...main", "--exit-code").status == 0)
        #expect(try store.succeed("diff", "main..trial", "--streams").contains("extra"))
        let events = try store.succeed("diff", "main..trial", "--events", "-o", "ndjson")
        #expect(events.hasPrefix(#"{"position":7,"stream":"extra","#))

        #expect(try store.succeed("list", "-l", "ci=true", "-o", "name") == "trial\n")
        #expect(try store.succeed("list", "--parent", "main", "-o", "name") == "trial\n")
        #expect(try store.succeed("list", "--expiring", "3h", "-o", "name") == "trial\n")
        #expect(try store.succeed("list", "--state", "expired", "-o", "name") == "")
        #expect(try store.json("show", "trial")["ownEventCount"] as? Int == 1)
        #expect(try store.succeed("show", "trial", "-o", "name") == "trial\n")
        #expect(try store.succeed("tree").contains("└─ trial (@7, 1 own event)"))

        #expect(try store.succeed("drop", "-l", "ci", "--dry-run", "-o", "name") == "trial\n")
        #expect(try store.succeed("drop", "trial", "-o", "name") == "trial\n")
        #expect(try store.succeed("list", "-o", "name") == "main\n")
        #expect(try store.succeed("export") == before)
    }

    @Test("children go on when their parent is dropped, and diff falls back to the base")
    func orphans() throws {
        let store = try CommandStore()
        try store.succeed("import", "-", input: sampleLines(3))
        try store.succeed("create", "parent")
        try store.succeed("append", "p", "--fork", "parent", "-t", "t")
        try store.succeed("create", "child", "--from", "parent")
        try store.succeed("append", "c", "--fork", "child", "-t", "t")
        try store.succeed("drop", "parent")
        #expect(try store.succeed("query", "--at", "child", "--count") == "5\n")
        let outcome = try store.run("diff", "child", "--events", "-o", "ndjson")
        #expect(outcome.status == 0)
        #expect(
            outcome.error.hasPrefix(
                """
                the parent of 'child' is gone: compared with its base, position 4
                comparing child up to 5 with child@4 up to 4, common up to position 4
                read 
                """), "\(outcome.error)")
        #expect(outcome.output.contains(#""stream":"c""#))
        #expect(!outcome.output.contains(#""stream":"p""#))
    }

    @Test("^parent is the parent of the fork that the command speaks of")
    func parent() throws {
        let store = try CommandStore(environment: ["FORKCTL_FORK": "trial"])
        try store.succeed("import", "-", "--fork", "main", input: sampleLines(3))
        try store.succeed("create", "trial", "--from", "main@2")
        #expect(try store.succeed("query", "--count") == "2\n")
        #expect(try store.succeed("query", "--at", "^parent", "--count") == "3\n")
        #expect(try store.json("diff", "trial...^parent")["common"] as? Int == 2)
        #expect(try store.json("create", "beside", "--from", "^parent@1")["base"] as? Int == 1)
    }

    @Test("query and read: bounds, order, filters, pages")
    func query() throws {
        let store = try CommandStore()
        try store.succeed("import", "-", input: sampleLines(20))
        func positions(_ arguments: String...) throws -> [Int] {
            let forkctl = BuiltForkctl(folder: store.path)
            let outcome = try forkctl.run(arguments + ["-o", "json"])
            #expect(outcome.status == 0, "\(outcome.error)")
            let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
            let items = (object as? [String: Any])?["items"] as? [[String: Any]]
            return try #require(items).compactMap { $0["position"] as? Int }
        }
        #expect(try positions("query", "--from", "3", "--to", "6") == [3, 4, 5])
        #expect(try positions("query", "--from", "3", "--to", "6", "--reverse") == [5, 4, 3])
        #expect(try positions("query", "--limit", "2", "--after", "7") == [8, 9])
        #expect(try positions("query", "--reverse", "--limit", "2", "--after", "7") == [6, 5])
        #expect(try positions("query", "--type", "none.such") == [])
        #expect(try positions("query", "--until", "2026-01-01T00:10:12Z") == [0, 1])
        #expect(try positions("read", "order-1") == [1, 4, 7, 10, 13, 16, 19])
        #expect(try positions("read", "order-1", "--from", "1", "--to", "3") == [4, 7])
        #expect(try positions("read", "order-1", "--reverse", "--limit", "2") == [19, 16])
        #expect(try positions("read", "order-1", "--after", "4") == [16, 19])
        let list = try store.json("query", "--limit", "5")
        #expect(list["next"] as? String == "4")
        #expect(try store.succeed("read", "order-1", "--count") == "7\n")
        let partition = try #require(
            (try store.json("read", "order-1")["items"] as? [[String: Any]])?.first?["partition"]
                as? Int)
        #expect(
            try positions("query", "--partition", "\(partition)").starts(with: [1, 4])
                || positions("query", "--partition", "\(partition)").contains(1))
    }

    @Test("streams and stats: ids with counts, totals")
    func sums() throws {
        let store = try CommandStore()
        try store.succeed("import", "-", input: sampleLines(20))
        try store.succeed("append", "zebra", "-t", "t", "--time", "2030-01-01T00:00:00Z")
        #expect(try store.succeed("streams", "-o", "name") == "order-0\norder-1\norder-2\nzebra\n")
        #expect(try store.succeed("streams", "order-", "--limit", "1", "-o", "name") == "order-0\n")
        #expect(
            try store.succeed("streams", "--after", "order-1", "-o", "name") == "order-2\nzebra\n")
        let streams = try #require(try store.json("streams")["items"] as? [[String: Any]])
        #expect(streams.map { $0["eventCount"] as? Int } == [7, 7, 6, 1])
        let stats = try store.json("stats")
        #expect(stats["eventCount"] as? Int == 21)
        #expect(stats["streamCount"] as? Int == 4)
        #expect(stats["latestTime"] as? String == "2030-01-01T00:00:00Z")
        #expect(try store.json("stats", "--at", "main@20")["streamCount"] as? Int == 3)
    }

    @Test("gc frees what a dropped fork held, and verify is clean before and after")
    func collect() throws {
        let store = try CommandStore()
        try store.succeed("import", "-", input: sampleLines(1_500))
        try store.succeed("create", "trial")
        try store.succeed("import", "-", "--fork", "trial", input: sampleLines(1_500))
        try store.succeed("drop", "trial")
        let plan = try store.json("gc", "--dry-run")
        #expect(plan["isDryRun"] as? Bool == true)
        let candidates = try #require(plan["candidates"] as? [[String: Any]])
        #expect(!candidates.isEmpty)
        let done = try store.json("gc")
        #expect(done["removedObjectCount"] as? Int == plan["removedObjectCount"] as? Int)
        #expect(try store.json("gc")["removedObjectCount"] as? Int == 0)
        #expect(try store.json("verify")["isSound"] as? Bool == true)
        #expect(try store.json("verify", "--quick")["isSound"] as? Bool == true)
        #expect(try store.succeed("query", "--count") == "1500\n")
    }

    @Test("list and tree in the order of creation, in pages")
    func pages() throws {
        let store = try CommandStore()
        for name in ["a", "b", "c"] { try store.succeed("create", name) }
        try store.succeed("create", "aa", "--from", "a")
        #expect(try store.succeed("list", "-o", "name") == "main\na\nb\nc\naa\n")
        let page = try store.json("list", "--limit", "2")
        let next = try #require(page["next"] as? String)
        #expect(
            try store.succeed("list", "--after", next, "--limit", "2", "-o", "name") == "b\nc\n")
        #expect(try store.succeed("tree", "-o", "name") == "main\na\naa\nb\nc\n")
        let exists = try store.run("create", "a", "--if-not-exists")
        #expect(exists.status == 0)
        #expect(exists.error == "fork 'a' exists: it is unchanged\n")
        let given = try store.run("create", "a", "--if-not-exists", "--ttl", "1h")
        #expect(given.error.contains("it is unchanged, and the options are ignored"))
    }

    @Test("verify accounts for each file that find finds; what is not a store's is no damage")
    func accounts() throws {
        let store = try CommandStore()
        try store.succeed("import", "-", input: sampleLines(1_500))
        try store.succeed("create", "trial")
        try store.succeed("append", "s", "-t", "t", "--fork", "trial", input: "{}")
        try store.succeed("import", "-", "--fork", "trial", input: sampleLines(1_500))
        try store.succeed("drop", "trial")
        try store.write("mine", to: ".forkctl/notes")
        try store.write("dead", to: ".forkctl/pins/1.1")
        let report = try store.json("verify")
        let files = try #require(report["files"] as? [[String: Any]])
        let (_, found) = try shell("find .forkctl -type f -printf '%s\\n'", in: store.path)
        let sizes = found.split(separator: "\n").compactMap { Int($0) }
        #expect(files.compactMap { $0["count"] as? Int }.reduce(0, +) == sizes.count)
        #expect(
            files.compactMap { $0["byteCount"] as? Int }.reduce(0, +) == sizes.reduce(0, +))
        func count(_ name: String) -> Int? {
            files.first { $0["class"] as? String == name }?["count"] as? Int
        }
        #expect(count("unknown") == 1 && count("deadPin") == 1)
        #expect(count("reachableObject") == report["objectCount"] as? Int)
        #expect(try #require(count("garbageObject")) >= 3)
        #expect(report["unknownPaths"] as? [String] == ["notes"])
        #expect(report["isSound"] as? Bool == true)
        let text = try store.succeed("verify")
        #expect(text.contains("not of a store: notes\n"))
        #expect(text.contains("objects that nothing reaches"))
        #expect(try store.succeed("verify", "main").contains("1 fork, 3 objects"))
        try store.run("verify", "none").expectFailure(6, "no fork 'none'")
        try store.run("verify", "Not A Name").expectFailure(3, "no name")
    }
}
