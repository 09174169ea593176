// SPDX-License-Identifier: Apache-2.0
// docs/promises.md and docs/track-record.md name tests: they exist, each in the suite that it says.
import Foundation
import Testing

@Suite struct PromisesTests {
    private static let project = URL(filePath: #filePath)
        .deletingLastPathComponent().appending(path: "../../..").standardized

    /// Every `Suite/test` of the test sources.
    private static func existingTests() throws -> Set<String> {
        let tests = project.appending(path: "Tests").path
        var found: Set<String> = []
        for case let path as String in FileManager.default.enumerator(atPath: tests) ?? .init()
        where path.hasSuffix(".swift") {
            let text = try String(contentsOfFile: "\(tests)/\(path)", encoding: .utf8)
            var suite = ""
            for line in text.split(separator: "\n") {
                // Members are indented by four: a suite begins at the margin.
                if !line.hasPrefix(" "),
                    let name = word(behind: ["struct ", "extension "], in: line)
                {
                    suite = name
                } else if let name = word(behind: ["func "], in: line) {
                    found.insert("\(suite)/\(name)")
                }
            }
        }
        return found
    }

    private static func word(behind starts: [String], in line: Substring) -> String? {
        for start in starts {
            guard let range = line.range(of: start) else { continue }
            return String(line[range.upperBound...].prefix { $0.isLetter || $0.isNumber })
        }
        return nil
    }

    @Test func everyTestThatAPromiseNamesExists() throws {
        let existing = try Self.existingTests()
        let page = try String(
            contentsOf: Self.project.appending(path: "docs/promises.md"), encoding: .utf8)
        var promiseCount = 0
        for part in page.components(separatedBy: "\n\n") {
            let named = part.matches(of: /`(\w+Tests\/\w+)`/).map { String($0.1) }
            for name in named {
                let isThere = existing.contains(name)
                #expect(isThere, "\(name) is not there")
            }
            guard part.hasPrefix("**") else { continue }
            promiseCount += 1
            #expect(!named.isEmpty, "held by no test: \(part.prefix(40))")
        }
        #expect(promiseCount >= 11)
    }

    /// A bug counts as mended only while a test would see it again.
    @Test func everyTestOfTheTrackRecordExists() throws {
        let existing = try Self.existingTests()
        let page = try String(
            contentsOf: Self.project.appending(path: "docs/track-record.md"), encoding: .utf8)
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst(2)
        for row in rows {
            let named = row.matches(of: /`(\w+Tests\/\w+)`/).map { String($0.1) }
            #expect(!named.isEmpty, "seen by no test: \(row.prefix(60))")
            for name in named { #expect(existing.contains(name), "\(name) is not there") }
        }
        #expect(rows.count >= 20)
    }
}
