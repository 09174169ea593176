// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@Suite("Lines in, lines out")
struct RoundTripTests {
    @Test("the export of an import of an export is the same bytes")
    func identity() throws {
        let first = try CommandStore()
        let lines =
            sampleLines(2_500)
            + #"{"stream":"größe \"q\"","type":"t","dataBase64":"AAECAw==","metadata": {"k" : [ ] },"#
            + #""time":"1969-12-31T23:59:59.123456789-00:30"}"# + "\r\n"
            + #"{"data":"x\u00e9\n","type":"日本","stream":"s\u0041"}"#
        try first.succeed("import", "-", input: lines)
        let once = try first.succeed("export")
        #expect(once.split(separator: "\n").count == 2_502)
        let second = try CommandStore()
        try second.succeed("import", "-", input: once)
        #expect(try second.succeed("export") == once)
        try second.succeed("create", "part", "--from", "main@0")
        try second.succeed("import", "-", "--fork", "part", "--atomic", input: once)
        #expect(try second.succeed("export", "--at", "part") == once)
    }

    /// Holds the lines in `given` and `exported` against each other with tools that share no code
    /// with what is tested: stream, type and data byte for byte, times as instants.
    private static let comparison = #"""
        set -e
        given='^\{"stream": "([^"]*)", "type": "([^"]*)", "time": "([^"]*)", "data": (.*)\}$'
        printed='^\{"position":[0-9]*,"stream":"([^"]*)","version":[0-9]*,"type":"([^"]*)",'
        printed=$printed'"time":"([^"]*)","id":"[^"]*","partition":[0-9]*,"sequence":[0-9]*,'
        printed=$printed'"data":(.*)\}$'
        sed -E "s/$given/\1 \2 \4/" given >given.parts
        sed -E "s/$printed/\1 \2 \4/" exported >exported.parts
        cmp given.parts exported.parts
        sed -E "s/$given/\3/" given | date -u -f - +%s >given.times
        sed -E "s/$printed/\3/" exported | date -u -f - +%s >exported.times
        cmp given.times exported.times
        wc -l <exported.parts
        """#

    @Test(
        "a real history of 25,806 events over 1,680 streams comes back equal, forks, diffs, drops",
        .enabled(if: ProcessInfo.processInfo.environment["FORKCTL_TEST_DATA"] != nil))
    func realHistory() throws {
        let folder = try #require(ProcessInfo.processInfo.environment["FORKCTL_TEST_DATA"])
        let store = try CommandStore()
        let file = "\(folder)/git-history-tigerbeetle.ndjson.gz"
        let refused = try store.run("import", file)
        refused.expectFailure(3, "zcat \(file)")
        let imported = try shell(
            "zcat '\(file)' | tee given | \"$forkctl\" import - && \"$forkctl\" export >exported",
            in: store.path)
        #expect(imported.status == 0, "\(imported.output)")
        let compared = try shell(Self.comparison, in: store.path)
        #expect(compared.status == 0, "\(compared.output)")
        #expect(compared.output == "25806\n")
        let stats = try store.json("stats")
        #expect(stats["eventCount"] as? Int == 25_806)
        #expect(stats["streamCount"] as? Int == 1_680)

        try store.succeed("create", "trial", "--from", "main@20000")
        try store.succeed("append", "README.md", "--fork", "trial", "-t", "file.modified")
        let difference = try store.json("diff", "main..trial")
        #expect(difference["common"] as? Int == 20_000)
        try store.succeed("drop", "trial")
        try store.succeed("gc")
        #expect(try store.json("verify")["isSound"] as? Bool == true)
        #expect(try shell("\"$forkctl\" export | cmp - exported", in: store.path).status == 0)
    }
}
