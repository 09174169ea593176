// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// One after another, since a process started meanwhile would hold the input of another open.
@Suite("Two commands at once", .serialized, .timeLimit(.minutes(2)))
struct TwoProcessesTests {
    /// An import that waits for more lines, having taken a batch of 1,000.
    private final class WaitingImport {
        let process = Process()
        let input = Pipe()
        let errors = Pipe()
        let output = Pipe()

        init(in store: CommandStore) throws {
            process.executableURL = URL(fileURLWithPath: BuiltForkctl.path)
            process.arguments = ["import", "-"]
            process.currentDirectoryURL = URL(fileURLWithPath: store.path)
            process.environment = ["PATH": "/usr/bin:/bin"]
            process.standardInput = input
            process.standardOutput = output
            process.standardError = errors
            try process.run()
            // One batch, a line of the next, and half a line.
            let lines = sampleLines(1_001) + #"{"stream":"#
            try input.fileHandleForWriting.write(contentsOf: Data(lines.utf8))
            while try store.succeed("query", "--count") != "1000\n" {
                try #require(process.isRunning)
                Thread.sleep(forTimeInterval: 0.02)
            }
        }

        /// Ends the process as `end` does; returns its exit status and what it said.
        func finish(_ end: (WaitingImport) throws -> Void) throws -> (status: Int32, said: String) {
            try end(self)
            process.waitUntilExit()
            let said = try errors.fileHandleForReading.readToEnd() ?? Data()
            return (process.terminationStatus, String(decoding: said, as: UTF8.self))
        }
    }

    @Test("rule 1: a second writer is refused at once, with who holds the fork")
    func busy() throws {
        let store = try CommandStore()
        let other = try WaitingImport(in: store)
        let refused = try store.run("append", "s", "-t", "t")
        refused.expectFailure(
            9, "open for writing by process \(other.process.processIdentifier) (forkctl)")
        try store.run("append", "s", "-t", "t", "--wait", "1s").expectFailure(2, "waited 1s")
        #expect(try store.json("show", "main")["isLive"] as? Bool == true)
        // Readers, and writers of other forks, wait for nobody.
        try store.succeed("create", "aside")
        try store.succeed("append", "s", "-t", "t", "--fork", "aside")
        #expect(try store.succeed("query", "--at", "aside", "--count") == "1001\n")
        _ = try other.finish { try $0.input.fileHandleForWriting.close() }
        try store.succeed("append", "s", "-t", "t")
    }

    @Test("SIGINT ends an import after its batch, with what is in and how to go on")
    func interrupted() throws {
        let store = try CommandStore()
        let other = try WaitingImport(in: store)
        let (status, said) = try other.finish { kill($0.process.processIdentifier, SIGINT) }
        #expect(status == 12)
        #expect(said.contains("interrupted: 1,001 events are in; go on with --skip-lines 1001"))
        #expect(try store.succeed("query", "--count") == "1001\n")
        #expect(try store.json("verify")["isSound"] as? Bool == true)
    }

    @Test("invariant 1: what a killed import had acknowledged is there, and the fork goes on")
    func killed() throws {
        let store = try CommandStore()
        let other = try WaitingImport(in: store)
        _ = try other.finish { kill($0.process.processIdentifier, SIGKILL) }
        // Nobody has it open any more, and looking at it keeps nobody from opening it.
        for _ in 0..<2 {
            #expect(try store.json("show", "main")["isLive"] as? Bool == false)
            #expect(try !store.succeed("list").contains("open"))
        }
        #expect(try store.succeed("query", "--count") == "1000\n")
        try store.succeed("append", "s", "-t", "t")
        #expect(try store.succeed("query", "--count") == "1001\n")
        #expect(try store.json("verify")["isSound"] as? Bool == true)
    }
}
