// SPDX-License-Identifier: Apache-2.0
// scrub as it is typed: its rate, and SIGINT.
import Foundation
import Testing

@Suite("scrub") struct ScrubCommandTests {
    @Test("rates are a whole number and a unit, and nothing else")
    func rates() throws {
        let store = try CommandStore()
        try store.succeed("append", "s", "-t", "t")
        for rate in ["50MB/s", "1MiB/s", "1GiB", "7000kB/s", "800KB", "9KiB/s", "1GB/s", "90000B"] {
            try store.succeed("scrub", "--rate", rate)
        }
        for rate in ["0", "0MB/s", "fast", "1.5MB/s", "+5MB", "MB/s", "5MB/h", "5 MB", "५MB"] {
            try store.fail(3, "is no rate", "scrub", "--rate=\(rate)")
        }
        try store.fail(3, "is no rate", "scrub", "--rate", "99999999999999999999")
        try store.fail(3, "too large a rate", "scrub", "--rate", "99999999999GiB/s")
    }

    @Test("SIGINT stops a scrub, which keeps its place, and the next one goes on there")
    func interrupted() throws {
        let store = try CommandStore()
        try store.succeed("import", "-", input: sampleLines(1500))
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: BuiltForkctl.path)
        process.arguments = ["scrub", "--rate", "1B/s", "-o", "json"]
        process.currentDirectoryURL = URL(fileURLWithPath: store.path)
        process.environment = ["PATH": "/usr/bin:/bin"]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        // Until it listens for the signal.
        func listens() throws -> Bool {
            let path = "/proc/\(process.processIdentifier)/status"
            let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            let caught = lines.first { $0.hasPrefix("SigCgt:") }?.split(separator: "\t").last
            return (caught.flatMap { UInt64($0, radix: 16) } ?? 0) & 2 != 0
        }
        while process.isRunning, try !listens() { Thread.sleep(forTimeInterval: 0.01) }
        #expect(process.isRunning)
        kill(process.processIdentifier, SIGINT)
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let first = try #require(
            try JSONSerialization.jsonObject(with: said) as? [String: Any])
        #expect(first["isComplete"] as? Bool == false)
        #expect((first["objectCount"] as? Int ?? 9) <= 1)
        let next = try store.json("scrub")
        #expect(next["isResumed"] as? Bool == true && next["isComplete"] as? Bool == true)
        let whole = try store.json("scrub")
        #expect(whole["isResumed"] as? Bool == false)
        #expect(
            (first["objectCount"] as? Int ?? 0) + (next["objectCount"] as? Int ?? 0)
                == whole["objectCount"] as? Int)
    }
}
