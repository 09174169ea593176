// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// A store in a folder of its own, and `forkctl` run inside of it.
final class CommandStore {
    let scratch: ScratchFolder
    private let forkctl: BuiltForkctl

    var path: String { scratch.path }
    var storePath: String { path + "/.forkctl" }

    init(environment: [String: String] = [:]) throws {
        scratch = try ScratchFolder()
        forkctl = BuiltForkctl(folder: scratch.path, environment: environment)
        try succeed("init")
    }

    /// Runs a command of any outcome.
    func run(_ arguments: String..., input: String = "") throws -> BuiltForkctl.Outcome {
        try forkctl.run(arguments, input: input)
    }

    /// Runs a command that must end well; returns what it printed.
    @discardableResult
    func succeed(
        _ arguments: String..., input: String = "", at location: SourceLocation = #_sourceLocation
    ) throws -> String {
        let outcome = try forkctl.run(arguments, input: input)
        #expect(
            outcome.status == 0, "\(arguments): \(outcome.error)", sourceLocation: location)
        return outcome.output
    }

    /// Runs a command and reads its standard output as one JSON document.
    func json(
        _ arguments: String..., at location: SourceLocation = #_sourceLocation
    ) throws -> [String: Any] {
        let outcome = try forkctl.run(arguments + ["-o", "json"])
        try #require(!outcome.output.isEmpty, "\(outcome.error)", sourceLocation: location)
        let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
        let document = try #require(object as? [String: Any], sourceLocation: location)
        #expect(document["apiVersion"] as? String == "forkctl/v1", sourceLocation: location)
        return document
    }

    /// All histories, as they are printed: what a failure must not change.
    func everything() throws -> [String] {
        let names = try succeed("list", "-o", "name").split(separator: "\n").map(String.init)
        return try names.map { try "\($0)\n" + succeed("export", "--at", $0) }
    }

    /// Runs a command that must fail, and checks that every history is as before.
    func fail(
        _ status: Int32, _ fragment: String, _ arguments: String..., input: String = "",
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let before = try everything()
        let outcome = try forkctl.run(arguments, input: input)
        outcome.expectFailure(status, fragment, at: location)
        #expect(outcome.output.isEmpty, sourceLocation: location)
        #expect(try everything() == before, sourceLocation: location)
    }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    }
}

/// Runs `script` with /bin/sh in `folder`; `$forkctl` is the built binary. Returns its output.
func shell(_ script: String, in folder: String) throws -> (status: Int32, output: String) {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", script]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = [
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "forkctl": BuiltForkctl.path,
        // A build that counts coverage writes no file into what a test has filled up.
        "LLVM_PROFILE_FILE": "/dev/null",
    ]
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: text, as: UTF8.self))
}

/// `count` event lines over three streams, a second apart from 00:10:10 on (for the first fifty).
func sampleLines(_ count: Int, from first: Int = 0) -> String {
    (first..<first + count).map { number in
        #"{"stream":"order-\#(number % 3)","type":"order.placed","time":"2026-01-01T00:10:"#
            + "\(10 + number % 50)Z\",\"data\":{\"number\": \(number)}}\n"
    }.joined()
}
