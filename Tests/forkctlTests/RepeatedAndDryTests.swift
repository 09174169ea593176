// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@Suite("What was not done is not told as done")
struct RepeatedAndDryTests {
    @Test(
        "a repeated batch tells where its events are, the true head, and that nothing was appended")
    func repeatedBatch() throws {
        let store = try CommandStore()
        let line =
            #"{"stream":"b","type":"t","data":1,"id":"11111111-2222-3333-4444-555555555555"}"#
        let arguments = ["append", "--batch", "--expected", "b=none"]
        let forkctl = BuiltForkctl(folder: store.path)
        #expect(
            try forkctl.run(arguments, input: line).output == "main@0: 1 event appended, head 1\n")
        try store.succeed("import", "-", input: sampleLines(3))
        #expect(
            try forkctl.run(arguments, input: line).output
                == "main: 1 event was there already, from position 0 to 1, head 4:"
                + " nothing was appended\n")
        let repeated = try forkctl.run(arguments + ["-o", "json"], input: line).output
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(repeated.utf8)) as? [String: Any])
        #expect(document["head"] as? Int == 4)
        #expect(document["wasRepeated"] as? Bool == true)
        #expect(try store.succeed("query", "--count") == "4\n")
    }

    @Test("a dry run of drop says that it is one, and counts children however forks are chosen")
    func dryRun() throws {
        let store = try CommandStore()
        try store.succeed("create", "a", "-l", "x=1")
        try store.succeed("create", "b", "--from", "a", "-l", "x=1")
        for choice in [["-l", "x=1"], ["a", "b"], ["a"]] {
            let outcome = try BuiltForkctl(folder: store.path)
                .run(["drop", "--dry-run", "-o", "json"] + choice)
            let document = try #require(
                try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
                    as? [String: Any])
            #expect(document["isDryRun"] as? Bool == true)
            let items = try #require(document["items"] as? [[String: Any]])
            #expect(items.first?["childCount"] as? Int == 1)
            #expect(items.first?["isDryRun"] as? Bool == true)
        }
        #expect(try store.json("drop", "b")["isDryRun"] as? Bool == false)
    }

    @Test("every list in JSON has a kind that says so, items, and next")
    func lists() throws {
        let store = try CommandStore()
        try store.succeed("create", "a")
        try store.succeed("append", "s", "-t", "t", "--fork", "a")
        for (arguments, kind) in [
            (["tree"], "ForkNodeList"), (["diff", "a", "--events"], "EventChangeList"),
            (["diff", "a", "--streams"], "StreamChangeList"), (["list"], "ForkList"),
            (["streams"], "StreamList"), (["query"], "EventList"),
        ] {
            let output = try BuiltForkctl(folder: store.path).run(arguments + ["-o", "json"]).output
            let document = try #require(
                try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
            #expect(document["kind"] as? String == kind)
            #expect(document["items"] is [Any])
            #expect(document["next"] is NSNull)
        }
    }
}
