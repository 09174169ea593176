// SPDX-License-Identifier: Apache-2.0
// The night's own machinery: every failure is told, none ends the night, and a night that was stopped
// goes on.
import Foundation
import Testing

@testable import forknight

@Suite struct ForknightTests {
    /// The built program, beside the test bundle; returns its exit status and what it printed.
    private func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = Bundle.main.bundleURL.appendingPathComponent("forknight")
        process.arguments = arguments
        // A trap of the canary needs no backtrace.
        process.environment = ["PATH": "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
    }

    @Test func everyWayToFailIsToldAndTheOtherRoundsAreDone() throws {
        let (status, output) = try run(["--change", "--part", "canary"])
        #expect(status == 1)
        for round in 0...2 {
            #expect(output.contains("replay: forknight --replay canary:\(round)"), "\(output)")
        }
        #expect(output.contains("the canary fails, as it must"))
        #expect(output.contains("the canary traps, as it must"))
        #expect(output.contains("took more than 1 s"))
        #expect(output.contains("survived 1"))
        #expect(try run(["--replay", "canary:0"]).status == 1)
        #expect(try run(["--replay", "canary:3"]).status == 0)
    }

    @Test func aReportIsTheSameAfterItsLine() throws {
        var tally = NightTally(units: 12)
        tally.fingerprints = [0, 1, .max]
        tally.count("kills", 3)
        var coverage = NightCoverage(total: 70)
        coverage.see(69)
        tally.coverage["pairs"] = coverage
        tally.failures = ["two words\nand 100 % of it: \u{1F600}", ""]
        let report = ReportLine(part: "some-part", round: .max, milliseconds: 5, tally: tally)
        #expect(ReportLine(report.text) == report)
        #expect(!report.text.contains("\n"))
        // The last line of a file may be cut short anywhere: never a trap.
        for count in 0..<report.text.count { _ = ReportLine(String(report.text.prefix(count))) }
    }

    @Test func aNightGoesOnAtItsCommitAndBeginsAnewAtAnother() throws {
        let path = NSTemporaryDirectory() + "forknight-state-\(UUID().uuidString)"
        defer { unlink(path) }
        let reports = (0..<3).map { round in
            ReportLine(
                part: "models", round: round, milliseconds: 1, tally: NightTally(units: 1))
        }
        let first = try NightState(path: path, commit: "one")
        for report in reports { try first.add(report) }
        #expect(try NightState(path: path, commit: "one").reports == reports)
        // Killed within a line.
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try (text + "models 3 ms=1 uni").write(toFile: path, atomically: true, encoding: .utf8)
        let again = try NightState(path: path, commit: "one")
        #expect(again.reports == reports)
        try again.add(reports[2])
        #expect(try NightState(path: path, commit: "one").reports.count == 4)
        #expect(try NightState(path: path, commit: "two").reports.isEmpty)
        #expect(try NightState(path: path, commit: "two-dirty").reports.isEmpty)
    }

    @Test func unitsThatAreEqualCountOnce() throws {
        var progress = PartProgress(ModelPart(), goal: .units(5))
        for prints in [[1, 2, 3], [2, 3, 4]] as [[UInt64]] {
            let round = progress.takeRound()
            var tally = NightTally(units: 3)
            tally.fingerprints = prints
            progress.add(
                ReportLine(part: "models", round: round, milliseconds: 1, tally: tally))
        }
        #expect(progress.total.units == 6)
        #expect(progress.distinctCount == 4)
        #expect(!progress.isComplete && progress.mayStart)
    }

    @Test func whatNeverCameUpIsAFailure() throws {
        var progress = PartProgress(ModelPart(), goal: .rounds(1))
        var tally = NightTally(units: 1)
        tally.coverage["pairs"] = NightCoverage(total: 9)
        let round = progress.takeRound()
        #expect(!progress.mayStart)
        progress.add(ReportLine(part: "models", round: round, milliseconds: 1, tally: tally))
        #expect(progress.isComplete && progress.hasFailed)
        #expect(progress.gaps == ["pairs: only 0 of 9 came up"])
    }

    @Test func everyPartHasANameOfItsOwn() {
        let names = NightParts.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(!names.contains(NightParts.canary.name))
    }
}
