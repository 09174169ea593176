// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@Suite("How an import ends", .timeLimit(.minutes(2)))
struct ImportEndTests {
    @Test("a line without end is refused as soon as it is too long")
    func endlessLine() throws {
        let store = try CommandStore()
        try store.fail(3, "/dev/zero, line 1: the line is longer", "import", "/dev/zero")
        try store.fail(3, "nothing was imported", "import", "/dev/zero", "--atomic")
        let batch = try shell("$forkctl append --batch < /dev/zero", in: store.path)
        #expect(batch.status == 3)
    }

    // In the foreground: else `timeout` signals twice, and a second signal ends the process.
    @Test("SIGINT and SIGTERM end an import that passes over a line without end")
    func interruptedSkip() throws {
        let store = try CommandStore()
        for signal in ["INT", "TERM"] {
            let outcome = try shell(
                "timeout --foreground -k 60 -s \(signal) 3"
                    + " $forkctl import /dev/zero --skip-invalid",
                in: store.path)
            #expect(outcome.output.contains("interrupted: 0 events are in"), "\(outcome.output)")
        }
        #expect(try store.json("verify")["isSound"] as? Bool == true)
    }

    @Test("a line that is too long is passed over with --skip-invalid and --skip-lines")
    func longLine() throws {
        let store = try CommandStore()
        let long = String(repeating: "x", count: 25 << 20)
        try store.write(sampleLines(2) + long + "\n" + sampleLines(3), to: "events")
        let refused = try store.run("import", "events")
        refused.expectFailure(3, "2 events are in: mend the line and go on with --skip-lines 2")
        let rest = try store.run("import", "events", "--skip-lines", "2", "--skip-invalid")
        #expect(rest.status == 12)
        #expect(rest.error.contains("line 3: the line is longer"))
        try store.succeed("import", "events", "--skip-lines", "3")
        #expect(try store.succeed("query", "--count") == "8\n")
    }

    @Test("an interrupted import that brought nothing in is not partly done")
    func nothing() throws {
        let store = try CommandStore()
        for option in ["--atomic", ""] {
            // Open for both, so that it never ends.
            let outcome = try shell(
                "mkfifo pipe; exec 3<>pipe; rm pipe; timeout --foreground --preserve-status"
                    + " -k 60 -s INT 3 $forkctl import - \(option) <&3",
                in: store.path)
            #expect(outcome.status == 11)
            #expect(outcome.output.contains("interrupted: "), "\(outcome.output)")
        }
        #expect(try store.succeed("query", "--count") == "0\n")
    }

    @Test("on a terminal the progress bar is gone before the summary stands")
    func progressBar() throws {
        let store = try CommandStore()
        try store.write(sampleLines(40_000), to: "events")
        let outcome = try shell(
            #"TERM=xterm script -qec "$forkctl import events" /dev/null"#, in: store.path)
        let shown = outcome.output
        let summary = try #require(shown.range(of: "imported 40,000 events"))
        let before = shown[..<summary.lowerBound]
        #expect(before.isEmpty || before.hasSuffix("\r\u{1b}[K"), "\(before.suffix(200))")
    }
}
