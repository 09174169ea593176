// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@Suite("forkctl as a process")
struct ProcessTests {
    let forkctl = BuiltForkctl()

    @Test("help is data: standard output, exit 0")
    func help() throws {
        for arguments in [[], ["--help"], ["help"], ["version", "--help"], ["--version"]] {
            let outcome = try forkctl.run(arguments)
            #expect(outcome.status == 0)
            #expect(!outcome.output.isEmpty)
            #expect(outcome.error.isEmpty)
        }
    }

    @Test("wrong usage is told on standard error with the usage, exit 3")
    func wrongUsage() throws {
        for arguments in [["nope"], ["version", "extra"], ["create"], ["--nope"]] {
            let outcome = try forkctl.run(arguments)
            outcome.expectFailure(3, "\nUsage: forkctl")
            #expect(outcome.output.isEmpty)
            #expect(outcome.error.filter { $0 == "\n" }.count == 2)
        }
    }

    @Test("a bad value is told in one line that says nothing twice")
    func badValues() throws {
        for (arguments, sentence) in [
            (["query", "--limit", "-1"], "--limit must be at least 1"),
            (["import", "x", "--skip-lines", "-5"], "'-5' is invalid for '--skip-lines <count>'"),
            (["query", "--from", "-1"], "'-1' is invalid for '--from <position>'"),
            (
                ["create", "x", "--ttl", "-5s"],
                "--ttl <duration> '-5s': a duration is whole numbers"
            ),
            (["create", "Bad"], "<name>: \"Bad\" is no name"),
            (["version", "-o", "xml"], "'xml' is invalid for '-o <format>'"),
            (["list", "--store", ""], "--store is empty: name a folder"),
        ] {
            let outcome = try forkctl.run(arguments)
            outcome.expectFailure(3, sentence)
            #expect(outcome.error.filter { $0 == "\n" }.count <= 2)
        }
    }

    @Test("values longer than any name are cut where messages show them")
    func longValues() throws {
        let long = String(repeating: "aé", count: 20_000)
        for arguments in [
            ["create", long], ["create", "x", "--from=\(long)"], [long],
            ["query", "--limit", long],
            ["list", "--store", long], ["import", long, "--store", "/nonexistent"],
        ] {
            let outcome = try forkctl.run(arguments)
            #expect(outcome.status != 0)
            #expect(outcome.error.utf8.count < 1_000, "\(outcome.error.prefix(200))")
        }
    }

    @Test("a format that a command has not is refused by name")
    func wrongFormat() throws {
        try forkctl.run(["version", "-o", "name"]).expectFailure(3, "prints table, json")
    }

    @Test("version names version, commit and format, for people and for programs")
    func version() throws {
        let table = try forkctl.run(["version"])
        #expect(table.output.hasPrefix("forkctl "))
        #expect(table.output.hasSuffix("format 1)\n"))
        let json = try forkctl.run(["version", "-o", "json"])
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        #expect(object["apiVersion"] as? String == "forkctl/v1")
        #expect(object["kind"] as? String == "Version")
        #expect(object["formatVersion"] as? Int == 1)
    }

    @Test("a closed pipe ends a command quietly")
    func closedPipe() throws {
        let pipe = Pipe()
        try pipe.fileHandleForReading.close()
        let errors = Pipe()
        for arguments in [["version"], ["--help"]] {
            let status = try forkctl.run(
                arguments, input: .nullDevice, output: pipe.fileHandleForWriting,
                error: errors.fileHandleForWriting)
            #expect(status == 0)
        }
        try errors.fileHandleForWriting.close()
        #expect(try errors.fileHandleForReading.readToEnd() ?? Data() == Data())
    }

    @Test("output that cannot be written is told, exit 8")
    func fullDevice() throws {
        let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
        let errors = Pipe()
        let status = try forkctl.run(
            ["version"], input: .nullDevice, output: full, error: errors.fileHandleForWriting)
        try errors.fileHandleForWriting.close()
        let sentence = try errors.fileHandleForReading.readToEnd().map {
            String(decoding: $0, as: UTF8.self)
        }
        #expect(status == 8)
        #expect(sentence == "error: standard output cannot be written: No space left on device\n")
    }
}
