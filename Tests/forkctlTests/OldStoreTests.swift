// SPDX-License-Identifier: Apache-2.0
// Stores that earlier builds wrote, one for each format version: every later build reads all of
// them, event for event, and goes on writing. Tests/Fixtures/stores/make-store made them.
import Foundation
import Testing

@Suite struct OldStoreTests {
    private static let stores = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "../Fixtures/stores").standardized

    /// Every store that was committed.
    static let names: [String] = {
        let files = try? FileManager.default.contentsOfDirectory(atPath: stores.path)
        return (files ?? []).filter { $0.hasSuffix(".tar.gz") }.sorted()
    }()

    @Test func eachFormatVersionHasItsStore() {
        #expect(Self.names == ["store-1.tar.gz"])
    }

    @Test(arguments: names)
    func oldStoresOpen(_ name: String) throws {
        let store = try OldStore(Self.stores.appending(path: name))
        let forks = try store.expected("list").split(separator: "\n").map(String.init)
        #expect(try store.succeed("list -o name") == store.expected("list"))
        try store.succeed("verify")
        try expectHistories(of: forks, in: store)

        let difference = try store.succeed("diff trial..trial/nested -o json")
        try expectAll(of: try store.expected("diff.json"), in: difference)

        // What they hold survives that they are written to, collected and read again.
        let line = #"{"stream":"order-1","type":"order.paid","data":1}"#
        for fork in forks {
            try store.succeed("create again/\(fork) --from \(fork)")
            try store.succeed("append --batch --fork again/\(fork)", input: line)
        }
        try store.succeed("gc")
        try store.succeed("verify")
        try expectHistories(of: forks, in: store)
        for fork in forks {
            let paid = try store.succeed("diff again/\(fork) -o json")
            #expect(paid.contains(#""eventCount": 1"#), "\(fork): \(paid)")
        }
    }

    private func expectHistories(of forks: [String], in store: OldStore) throws {
        for fork in forks {
            let file = fork.replacing("/", with: "_")
            #expect(
                try store.succeed("export --at \(fork) | sha256sum")
                    == store.expected("\(file).export.sha256"), "\(fork)")
            #expect(
                try store.succeed(
                    "query --at \(fork) --type order.paid --since 2026-01-02 -o ndjson | sha256sum"
                ) == store.expected("\(file).query.sha256"), "\(fork)")
            let stats = try store.succeed("stats --at \(fork) -o json")
            try expectAll(of: try store.expected("\(file).stats.json"), in: stats)
        }
    }

    /// Later builds may say more of a thing, never something else. What was read to find it out
    /// is no part of the answer.
    private func expectAll(of expected: String, in answer: String) throws {
        let expected = try object(expected)
        let answer = try object(answer)
        for (key, value) in expected where key != "pagesRead" && key != "pagesUsed" {
            let other = try #require(answer[key] as? NSObject, "\(key) is not answered")
            #expect((value as? NSObject) == other, "\(key)")
        }
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(
            try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }
}

/// A committed store, unpacked.
private struct OldStore {
    private let scratch: ScratchFolder
    private var folder: String { scratch.path + "/fixture" }

    init(_ archive: URL) throws {
        scratch = try ScratchFolder()
        let unpacked = try shell("tar -xzf '\(archive.path)'", in: scratch.path)
        try #require(unpacked.status == 0, "\(unpacked.output)")
    }

    func expected(_ name: String) throws -> String {
        try String(contentsOfFile: "\(folder)/expected/\(name)", encoding: .utf8)
    }

    /// Runs `forkctl` with `arguments`, which the shell reads; it must end well.
    @discardableResult
    func succeed(
        _ arguments: String, input: String = "", at location: SourceLocation = #_sourceLocation
    ) throws -> String {
        try Data(input.utf8).write(to: URL(fileURLWithPath: folder + "/input"))
        let outcome = try shell("exec <input 2>errors; \"$forkctl\" \(arguments)", in: folder)
        let errors = try String(contentsOfFile: folder + "/errors", encoding: .utf8)
        #expect(outcome.status == 0, "\(arguments): \(errors)", sourceLocation: location)
        return outcome.output
    }
}
