// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@Suite("Bad input: one sentence that says what to do, its exit code, nothing half done")
struct BadInputTests {
    @Test("forks: unknown, taken, badly named, not to be dropped")
    func forks() throws {
        let store = try CommandStore()
        try store.succeed("import", "-", input: sampleLines(3))
        try store.succeed("create", "trial")
        try store.fail(6, "there is no fork 'nope'", "read", "s", "--fork", "nope")
        try store.fail(6, "there is no fork 'nope'", "append", "s", "-t", "t", "--fork", "nope")
        try store.fail(6, "there is no fork 'nope'", "create", "x", "--from", "nope")
        try store.fail(6, "there is no fork 'nope'", "drop", "trial", "nope")
        try store.fail(7, "'trial' exists", "create", "trial")
        try store.fail(3, "\"my-fork\" would do", "create", "My Fork")
        try store.fail(3, "it holds '..'", "create", "a..b")
        try store.fail(5, "'main' cannot be dropped", "drop", "trial", "main")
        try store.fail(3, "name the forks to drop", "drop")
        try store.fail(3, "above the head", "create", "x", "--from", "main@99")
        try store.fail(3, "above the head", "query", "--to", "99")
        try store.fail(3, "made from no other", "diff", "main")
        try store.fail(6, "no stream 'zebra'", "read", "zebra")
    }

    @Test("expiry: bad, past, two at once")
    func expiry() throws {
        let store = try CommandStore()
        try store.fail(3, "needs a unit", "create", "x", "--ttl", "90")
        try store.fail(3, "expire at once", "create", "x", "--ttl", "0s")
        try store.fail(3, "in the past", "create", "x", "--expires-at", "2020-01-01T00:00:00Z")
        try store.fail(
            3, "one of --ttl, --expires-at", "create", "x", "--ttl", "1h", "--no-expiry")
        try store.fail(3, "2020-13-01", "create", "x", "--expires-at", "2020-13-01")
    }

    @Test("an expired fork answers so at once, and its name is free again")
    func expired() throws {
        let store = try CommandStore()
        try store.succeed("create", "brief", "--ttl", "1s")
        try store.succeed("append", "s", "-t", "t", "--fork", "brief")
        Thread.sleep(forTimeInterval: 1.2)
        for arguments in [
            ["append", "s", "-t", "t", "--fork", "brief"], ["read", "s", "--fork", "brief"],
            ["export", "--at", "brief"], ["create", "x", "--from", "brief"],
            ["diff", "main...brief"],
        ] {
            let outcome = try BuiltForkctl(folder: store.path).run(arguments)
            outcome.expectFailure(6, "fork 'brief' expired at")
        }
        let list = try store.run("list")
        #expect(list.output.contains("expired"))
        #expect(list.error.contains("1 expired fork waits for 'forkctl gc'"))
        let again = try store.run("create", "brief")
        #expect(again.status == 0)
        #expect(try store.succeed("query", "--at", "brief", "--count") == "0\n")
    }

    @Test("versions: wrong, malformed")
    func versions() throws {
        let store = try CommandStore()
        try store.succeed("append", "s", "-t", "t")
        try store.fail(7, "stream 's'", "append", "s", "-t", "t", "--expected", "5")
        try store.fail(7, "none was expected", "append", "s", "-t", "t", "--expected", "none")
        try store.fail(7, "stream 'new'", "append", "new", "-t", "t", "--expected", "exists")
        try store.fail(3, "number of events", "append", "s", "-t", "t", "--expected", "soon")
        try store.fail(3, "STREAM=N", "append", "--batch", "--expected", "5", input: sampleLines(1))
    }

    @Test("events: no stream, no type, no JSON, too large")
    func events() throws {
        let store = try CommandStore()
        try store.fail(3, "must not be empty", "append", "", "-t", "t")
        try store.fail(3, "name the stream", "append", "-t", "t")
        try store.fail(3, "--type", "append", "s")
        try store.fail(3, "--binary takes any bytes", "append", "s", "-t", "t", "--data", "{nope")
        try store.fail(
            3, "at most 255 bytes", "append", String(repeating: "x", count: 256), "-t", "t")
        try store.fail(6, "missing.json", "append", "s", "-t", "t", "--data", "@missing.json")
        let limit = 16 << 20
        for (size, isTaken) in [(limit, true), (limit + 1, false), (limit + (1 << 20), false)] {
            let text = "\"" + String(repeating: "x", count: size - 2) + "\""
            try store.write(text, to: "large.json")
            let outcome = try store.run("append", "s", "-t", "t", "--data", "@large.json")
            if isTaken {
                #expect(outcome.status == 0, "\(outcome.error)")
            } else {
                outcome.expectFailure(3, "16777216")
            }
        }
        #expect(try store.succeed("query", "--count") == "1\n")
    }

    @Test("lines: the file, the line, the column, what is in and how to go on")
    func lines() throws {
        let store = try CommandStore()
        try store.write(
            sampleLines(3) + "\n{\"stream\":\"\",\"type\":\"t\",\"data\":1}\n" + sampleLines(2),
            to: "events")
        let outcome = try store.run("import", "events")
        outcome.expectFailure(3, "events, line 5, column 11: a stream id must not be empty")
        #expect(
            outcome.error.contains("3 events are in: mend the line and go on with --skip-lines 4"))
        #expect(try store.succeed("query", "--count") == "3\n")
        let rest = try store.run("import", "events", "--skip-lines", "4", "--skip-invalid")
        #expect(rest.status == 12)
        #expect(rest.error.contains("line 5, column 11"))
        #expect(try store.succeed("query", "--count") == "5\n")
        try store.fail(3, "nothing was imported", "import", "events", "--atomic")
        try store.fail(3, "unknown key \"x\"", "import", "-", input: #"{"x":1}"# + "\n")
        try store.fail(
            3, "nothing was appended", "append", "--batch", input: "{\"stream\":\"a\"}\n")
        try store.fail(6, "none.ndjson cannot be opened", "import", "none.ndjson")
    }

    @Test("gzip is told apart, with the command that unpacks")
    func gzip() throws {
        let store = try CommandStore()
        try Data([0x1f, 0x8b, 8, 0]).write(to: URL(fileURLWithPath: store.path + "/x.gz"))
        try store.fail(3, "'zcat x.gz | forkctl import -'", "import", "x.gz")
    }
}
