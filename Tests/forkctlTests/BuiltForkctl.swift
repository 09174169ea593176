// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// The built `forkctl`, run as a process of its own.
struct BuiltForkctl {
    struct Outcome {
        let status: Int32
        let output: String
        let error: String

        /// Checks that standard error is one sentence after "error: " that holds `fragment`.
        func expectFailure(
            _ status: Int32, _ fragment: String, at location: SourceLocation = #_sourceLocation
        ) {
            #expect(self.status == status, "\(error)", sourceLocation: location)
            #expect(error.hasPrefix("error: "), "\(error)", sourceLocation: location)
            #expect(error.contains(fragment), "\(error)", sourceLocation: location)
        }
    }

    /// Beside the test bundle in the build folder.
    static var path: String {
        Bundle.main.bundleURL.appendingPathComponent("forkctl").path
    }

    /// The folder that commands run in.
    var folder: String = NSTemporaryDirectory()
    var environment: [String: String] = [:]

    /// Runs a command to its end. Its environment is `environment` and PATH alone, so that
    /// nothing of the machine decides what it prints.
    func run(_ arguments: [String], input: String = "") throws -> Outcome {
        try run(arguments, input: Data(input.utf8))
    }

    func run(_ arguments: [String], input: Data) throws -> Outcome {
        let files = try ScratchFolder()
        let inputFile = files.path + "/input"
        try input.write(to: URL(fileURLWithPath: inputFile))
        for name in ["output", "error"] {
            try Data().write(to: URL(fileURLWithPath: "\(files.path)/\(name)"))
        }
        let output = try FileHandle(forWritingTo: URL(fileURLWithPath: files.path + "/output"))
        let error = try FileHandle(forWritingTo: URL(fileURLWithPath: files.path + "/error"))
        let status = try run(
            arguments, input: try FileHandle(forReadingFrom: URL(fileURLWithPath: inputFile)),
            output: output, error: error)
        return Outcome(
            status: status,
            output: try String(contentsOfFile: files.path + "/output", encoding: .utf8),
            error: try String(contentsOfFile: files.path + "/error", encoding: .utf8))
    }

    /// Runs a command over the given descriptors; returns its exit status.
    func run(
        _ arguments: [String], input: FileHandle, output: FileHandle, error: FileHandle
    ) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        let always = ["PATH": "/usr/bin:/bin", "LLVM_PROFILE_FILE": "/dev/null"]
        process.environment = environment.merging(always) { own, _ in own }
        process.standardInput = input
        process.standardOutput = output
        process.standardError = error
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}

/// A folder for one test, removed with its last reference.
final class ScratchFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/forkctl-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
